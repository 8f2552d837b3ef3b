// Package refreshbench measures what queries fetch that are asked again and again, with
// answers kept and without: over a store that is written and compacted by Pyroscope's
// default schedule while it is asked. What is planned and kept is decided by the code of
// the plugin; query-backends are not needed, as the bytes are known from the plans.
package refreshbench
