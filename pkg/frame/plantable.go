package frame

import (
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// PlanTable is the nodes of a plan as a table, one row a node, in the order
// given: node, type, title, subtitle, executor, error (strings); blocks, datasets,
// estimatedBytes, reusedBytes; and, null where the node was not executed, blocksRead,
// datasetsRead, fetchedBytes and duration (ms).
func PlanTable(nodes []queryplan.ExplainedNode) *data.Frame {
	n := len(nodes)
	ids, types, titles := make([]string, n), make([]string, n), make([]string, n)
	subtitles, executors, errors := make([]string, n), make([]string, n), make([]string, n)
	blocks, datasets, estimated := make([]int64, n), make([]int64, n), make([]uint64, n)
	blocksRead, datasetsRead, fetched := make([]*int64, n), make([]*int64, n), make([]*uint64, n)
	durations, reused := make([]*float64, n), make([]uint64, n)
	for i, node := range nodes {
		ids[i], types[i], titles[i], subtitles[i] = node.ID, node.Type, node.Title, node.Subtitle
		blocks[i], datasets[i], estimated[i], reused[i] = int64(node.Blocks), int64(node.Datasets), node.EstimatedBytes, node.ReusedBytes
		if a := node.Execution; a != nil {
			executors[i], errors[i] = a.Executor, a.Error
			blocksRead[i], datasetsRead[i], fetched[i] = &a.BlocksRead, &a.DatasetsRead, &a.FetchedBytes
			ms := float64(a.Duration.Microseconds()) / 1000
			durations[i] = &ms
		}
	}
	return tableFrame("plan",
		data.NewField("node", nil, ids),
		data.NewField("type", nil, types),
		data.NewField("title", nil, titles),
		data.NewField("subtitle", nil, subtitles),
		withUnit(data.NewField("blocks", nil, blocks), unitCount),
		withUnit(data.NewField("datasets", nil, datasets), unitCount),
		withUnit(data.NewField("estimatedBytes", nil, estimated), unitBytes),
		withUnit(data.NewField("reusedBytes", nil, reused), unitBytes),
		withUnit(data.NewField("blocksRead", nil, blocksRead), unitCount),
		withUnit(data.NewField("datasetsRead", nil, datasetsRead), unitCount),
		withUnit(data.NewField("fetchedBytes", nil, fetched), unitBytes),
		withUnit(data.NewField("duration", nil, durations), "ms"),
		data.NewField("executor", nil, executors),
		data.NewField("error", nil, errors),
	)
}
