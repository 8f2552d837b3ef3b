// Package execbench counts how often the client of the query-backends has a query executed. On a healthy cluster that is
// once, however slow the cluster is.
package execbench
