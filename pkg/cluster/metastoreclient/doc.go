// Package metastoreclient is the client of Pyroscope's metastore: the metadata of blocks, their labels, and tenants.
//
// A metastore is a group of nodes with one leader (raft). Every node may answer: one that is not the leader first makes
// sure, with the leader, that it is up to date, and answers Unavailable when it cannot. So every answer is linearizable,
// and the client uses no answer but a node's success. Where a node names the leader in its error, the client goes there,
// and stays there.
//
// The leader is only ever looked for among the addresses that the configuration leads to; see leader.go for why.
package metastoreclient
