// Package transport connects the clients of the metastore and of the query-backends to their servers: credentials, the
// choice of an endpoint, retries, and hedges of small reads. Package naming says where the servers are.
//
// A Client is one gRPC channel. What gRPC does well stays with it: connections, backoff, keepalive, flow control, health
// watching, and sending again what never left the process. Three things are ours, since no library has them:
//
//   - resolver.go looks names up again while calls go on, of several targets and of SRV records.
//   - balancer.go and policy.go choose the endpoint of each attempt: the least loaded, or the metastore's leader, and not
//     where the call has failed before.
//   - call.go sends a call again when there is evidence that an endpoint cannot answer it, and hedge.go sends a small
//     read twice when it takes unusually long.
//
// A query that takes long is never sent a second time: what it costs is paid once. docs/adr/0002-transport.md tells what
// was tried, and how it fared.
package transport
