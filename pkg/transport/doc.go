// Package transport connects the clients of the metastore and of the query-backends to their servers: addresses, name
// resolution, TLS, credentials, the choice of an endpoint, and retries within a budget.
//
// A Pool holds one gRPC connection for each address that a service's names resolve to. Call sends an RPC to the
// endpoint that the pool's Policy picks, and on a transient failure to another one, within the call's deadline.
//
// gRPC can balance and retry by itself. It is not left to do so here for three reasons. A balancer must be registered
// for the whole process. A retry goes through the same balancer, which knows neither where the call has failed already
// nor which node the error names as the leader. And gRPC does not hedge a call that has had no answer, so that a hung
// server would use up the whole deadline. What gRPC does well stays with it: reconnecting with backoff, keepalive,
// flow control, health watching, and the transparent retry of calls that never left the process.
package transport
