// Package slicecache keeps answers over sets of whole datasets, for queries that are
// asked again and again: dashboards that refresh, alert rules.
//
// Blocks never change, and the metastore names those of a query each time it is asked.
// So an answer over a set of datasets that lie wholly in a query's range stays right
// as long as the metastore lists just these: it depends on nothing else but the query.
// Which reads are worth an answer of their own is decided by package queryplan (see
// queryplan.Plan.Slice). What is here may be lost at any moment, and costs a read then.
//
// A Key holds all that an answer depends on but the datasets: tenants, selector, the
// queries and their parameters. A Cache belongs to one data source and is gone with it.
package slicecache
