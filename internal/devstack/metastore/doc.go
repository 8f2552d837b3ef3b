// Package metastore is the metastore of the embedded Pyroscope stack: gRPC
// servers of metastore.v1.MetadataQueryService and metastore.v1.TenantService
// over a list of blocks, and groups of such servers of which one leads.
//
// Its answers equal those of a real metastore, which the tests check against
// recorded exchanges.
package metastore
