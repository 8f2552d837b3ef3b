package legacyapi

import (
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A flamebearer is a flame graph in the JSON format that Pyroscope had before
// protobuf. Fields that are always null are there because its readers know them.
type flamebearer struct {
	Version     int                  `json:"version"`
	Flamebearer flames               `json:"flamebearer"`
	Metadata    metadata             `json:"metadata"`
	Timeline    *timeline            `json:"timeline"`
	Groups      map[string]*timeline `json:"groups"`
	Heatmap     *struct{}            `json:"heatmap"`
	LeftTicks   int64                `json:"leftTicks,omitempty"`
	RightTicks  int64                `json:"rightTicks,omitempty"`
}

type flames struct {
	Names []string `json:"names"`
	// Levels have 4 numbers a node, of a difference 7: offset, total and self, twice
	// of a difference, and the index of the name. Offsets count from the end of the
	// node before.
	Levels   [][]int64 `json:"levels"`
	NumTicks int64     `json:"numTicks"`
	MaxSelf  int64     `json:"maxSelf"`
}

type metadata struct {
	Format     string `json:"format"` // single or double
	SpyName    string `json:"spyName"`
	SampleRate int    `json:"sampleRate"`
	Units      string `json:"units"`
	Name       string `json:"name"`
}

func newFlamebearer(graph *querierv1.FlameGraph, t profile.Type) *flamebearer {
	return &flamebearer{
		Version: 1,
		Flamebearer: flames{
			Names:    graph.GetNames(),
			Levels:   numbers(graph.GetLevels()),
			NumTicks: graph.GetTotal(),
			MaxSelf:  graph.GetMaxSelf(),
		},
		Metadata: newMetadata("single", t),
	}
}

func newDiffFlamebearer(graph *querierv1.FlameGraphDiff, t profile.Type) *flamebearer {
	return &flamebearer{
		Version: 1,
		Flamebearer: flames{
			Names:    graph.GetNames(),
			Levels:   numbers(graph.GetLevels()),
			NumTicks: graph.GetTotal(),
			MaxSelf:  graph.GetMaxSelf(),
		},
		Metadata:   newMetadata("double", t),
		LeftTicks:  graph.GetLeftTicks(),
		RightTicks: graph.GetRightTicks(),
	}
}

func numbers(levels []*querierv1.Level) [][]int64 {
	all := make([][]int64, len(levels))
	for i, level := range levels {
		all[i] = level.GetValues()
		if all[i] == nil {
			all[i] = []int64{}
		}
	}
	return all
}

// newMetadata says how values are to be shown: time as samples at a rate of 1/ns,
// counts as objects, and everything else in its own unit.
func newMetadata(format string, t profile.Type) metadata {
	m := metadata{Format: format, SampleRate: 100, Units: t.SampleUnit, Name: t.SampleType}
	switch t.SampleType {
	case "inuse_objects", "alloc_objects", "goroutine", "samples":
		m.Units = "objects"
	case "cpu":
		m.Units, m.SampleRate = "samples", 1_000_000_000
	}
	return m
}
