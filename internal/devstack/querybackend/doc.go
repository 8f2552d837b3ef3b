// Package querybackend stands in for Pyroscope's query-backend: a gRPC server
// of query.v1.QueryBackendService that executes query plans over the blocks of
// a block store, for the demo and the tests. It follows the facts of the real
// one: what each query type reads and answers, how reports merge, what a plan
// costs in bytes of object storage. It adds what tests need: faults that can
// be switched on while it runs.
//
// A request passes through these steps:
//
//   - Invoke validates it and looks at the root of the plan.
//   - A MERGE node sends its children to the peers, round robin, and merges
//     their reports.
//   - A READ node selects datasets of its blocks, and the series and profiles
//     in them, once for all queries of the request; each query type collects
//     what it needs on the way and makes one report a dataset. The reports
//     merge as those of MERGE nodes do.
//
// The query types are the files query_*.go; the table in kindOf joins them.
package querybackend
