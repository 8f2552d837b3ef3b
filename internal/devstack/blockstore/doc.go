// Package blockstore is the object storage and the block index of the embedded
// Pyroscope stack in one. It takes in real pprof profiles, cuts them into
// segments, compacts segments into larger blocks, and keeps for every block the
// metadata that a metastore answers with (metastore.v1.BlockMeta).
//
// Everything is held in memory. Blocks are immutable once they are listed.
package blockstore
