package frame

import (
	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// Colours of the rings around the nodes.
const (
	colourFetched = "orange"
	colourSpared  = "green"
	colourPlanned = "blue"
	colourMerge   = "purple"
	colourFailed  = "red"
)

// PlanGraph makes the two frames of Grafana's node graph panel, nodes and edges.
// A node shows the bytes, fetched where that is known and else estimated, and
// its blocks. The ring of an executed node is orange by the part of the
// estimate that was fetched and green by the rest, or red when it failed; of
// one that was not executed it is blue, or purple of a merge.
func PlanGraph(nodes []queryplan.ExplainedNode, edges []queryplan.ExplainedEdge) data.Frames {
	return data.Frames{planNodes(nodes), planEdges(edges)}
}

func planNodes(nodes []queryplan.ExplainedNode) *data.Frame {
	n := len(nodes)
	ids, titles, subtitles := make([]string, n), make([]string, n), make([]string, n)
	main, secondary := make([]string, n), make([]string, n)
	rings := []struct {
		name, colour string
		values       []float64
	}{
		{"fetched", colourFetched, make([]float64, n)},
		{"spared", colourSpared, make([]float64, n)},
		{"planned", colourPlanned, make([]float64, n)},
		{"merge", colourMerge, make([]float64, n)},
		{"failed", colourFailed, make([]float64, n)},
	}
	datasets, estimated, fetched := make([]int64, n), make([]string, n), make([]string, n)
	durations, executors, errors := make([]string, n), make([]string, n), make([]string, n)
	for i, node := range nodes {
		ids[i], titles[i], subtitles[i] = node.ID, node.Title, node.Subtitle
		main[i] = humanize.IBytes(node.EstimatedBytes)
		secondary[i] = english.Plural(node.Blocks, "block", "")
		datasets[i], estimated[i] = int64(node.Datasets), main[i]
		if a := node.Execution; a != nil {
			main[i] = humanize.IBytes(a.FetchedBytes)
			fetched[i], durations[i] = main[i], a.Duration.String()
			executors[i], errors[i] = a.Executor, a.Error
		}
		for ring, part := range ringOf(node) {
			rings[ring].values[i] = part
		}
	}
	f := nodeGraphFrame("nodes",
		data.NewField("id", nil, ids),
		data.NewField("title", nil, titles),
		data.NewField("subtitle", nil, subtitles),
		statField("mainstat", "Bytes", main),
		statField("secondarystat", "Blocks", secondary),
	)
	for _, ring := range rings {
		f.Fields = append(f.Fields, data.NewField("arc__"+ring.name, nil, ring.values).SetConfig(&data.FieldConfig{
			DisplayName: ring.name,
			Color:       map[string]any{"mode": "fixed", "fixedColor": ring.colour},
		}))
	}
	f.Fields = append(f.Fields,
		detail("datasets", "Datasets", datasets),
		detail("estimated", "Estimated", estimated),
		detail("fetched", "Fetched", fetched),
		detail("duration", "Duration", durations),
		detail("executor", "Query-backend", executors),
		detail("error", "Error", errors),
	)
	return f
}

// ringOf is the parts of a node's ring: fetched, spared, planned, merge, failed.
// They add up to 1.
func ringOf(node queryplan.ExplainedNode) [5]float64 {
	switch a := node.Execution; {
	case a != nil && a.Error != "":
		return [5]float64{4: 1}
	case a != nil && node.EstimatedBytes > 0:
		part := min(1, float64(a.FetchedBytes)/float64(node.EstimatedBytes))
		return [5]float64{part, 1 - part}
	case node.Type == "MERGE":
		return [5]float64{3: 1}
	default:
		return [5]float64{2: 1}
	}
}

func planEdges(edges []queryplan.ExplainedEdge) *data.Frame {
	ids, sources, targets := make([]string, len(edges)), make([]string, len(edges)), make([]string, len(edges))
	for i, e := range edges {
		ids[i], sources[i], targets[i] = e.Source+" > "+e.Target, e.Source, e.Target
	}
	return nodeGraphFrame("edges",
		data.NewField("id", nil, ids),
		data.NewField("source", nil, sources),
		data.NewField("target", nil, targets),
	)
}

func nodeGraphFrame(name string, fields ...*data.Field) *data.Frame {
	return data.NewFrame(name, fields...).SetMeta(&data.FrameMeta{PreferredVisualization: data.VisTypeNodeGraph})
}

func detail[T int64 | string](name, title string, values []T) *data.Field {
	return data.NewField("detail__"+name, nil, values).SetConfig(&data.FieldConfig{DisplayName: title})
}
