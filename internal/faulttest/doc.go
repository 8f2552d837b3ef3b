// Package faulttest holds the fault tests: the clients of the metastore and of the query-backends under a steady load,
// over the embedded stack and real gRPC, while the cluster loses its leader, its backends, or its mind. It has no code
// but tests.
package faulttest
