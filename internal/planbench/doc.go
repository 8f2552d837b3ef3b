// Package planbench measures the planner of queryplan against a baseline that
// plans as Pyroscope's query-frontend does: over the conformance
// corpus, over stores of up to a million blocks, and in a simulated cluster.
// Run prints it all as one table. Tests of queryplan use its store.
package planbench
