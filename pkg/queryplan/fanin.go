package queryplan

import (
	"math"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

const (
	// mergeMemory is what the reports of a merge's children may take together, as
	// an estimate, in bytes.
	mergeMemory = 256 << 20
	// leastFanIn is the fan-in that is kept however large reports are: fewer would
	// make the plan deeper, and each level merges everything once more.
	leastFanIn = 16
	// nodeBytes is about what a node of a call tree takes on the wire.
	nodeBytes = 32
	// seriesBytes stands for a report of anything but call trees.
	seriesBytes = 64 << 10
)

// fanIn is the number of children that a merge may have, by the size of what it
// merges.
func fanIn(q Query, leaves []node, o Options) int {
	var largest uint64
	for i := range leaves {
		largest = max(largest, leaves[i].bytes)
	}
	// A report is not larger than what it is made of.
	report := max(1, min(reportBytes(q.Queries), largest))
	return min(o.FanIn, max(leastFanIn, int(min(mergeMemory/report, math.MaxInt32))))
}

// reportBytes bounds the size of the reports of one leaf.
func reportBytes(queries []*queryv1.Query) uint64 {
	var bytes uint64
	for _, q := range queries {
		switch q.GetQueryType() {
		case queryv1.QueryType_QUERY_TREE:
			bytes = addBytes(bytes, treeBytes(q.GetTree().GetMaxNodes()))
		case queryv1.QueryType_QUERY_PPROF:
			bytes = addBytes(bytes, treeBytes(q.GetPprof().GetMaxNodes()))
		default:
			bytes = addBytes(bytes, seriesBytes)
		}
	}
	return bytes
}

// treeBytes is the size of a tree of so many nodes. Less than one is no limit.
func treeBytes(nodes int64) uint64 {
	if nodes <= 0 || nodes > math.MaxInt64/nodeBytes {
		return math.MaxUint64
	}
	return uint64(nodes) * nodeBytes
}
