package querybackend

import (
	"maps"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// A labelNamesQuery wants the label names of all matching series.
type labelNamesQuery struct{ source *queryv1.LabelNamesQuery }

func prepareLabelNames(_ *request, q *queryv1.Query) (query, error) {
	source := q.LabelNames
	if source == nil {
		source = &queryv1.LabelNamesQuery{}
	}
	return labelNamesQuery{source}, nil
}

func (q labelNamesQuery) collect() collector { return &labelNames{query: q, names: stringSet{}} }
func (q labelNamesQuery) merge() merger      { return &labelNames{query: q, names: stringSet{}} }

type labelNames struct {
	seriesOnly
	query labelNamesQuery
	names stringSet
}

func (c *labelNames) series(labels []*typesv1.LabelPair) {
	for _, pair := range labels {
		c.names[pair.Name] = struct{}{}
	}
}

func (c *labelNames) add(r *queryv1.Report) error {
	c.names.add(r.GetLabelNames().GetLabelNames())
	return nil
}

func (c *labelNames) report() (*queryv1.Report, error) {
	return &queryv1.Report{LabelNames: &queryv1.LabelNamesReport{
		Query:      clone(c.query.source),
		LabelNames: c.names.sorted(),
	}}, nil
}

type stringSet map[string]struct{}

func (s stringSet) add(all []string) {
	for _, v := range all {
		s[v] = struct{}{}
	}
}

func (s stringSet) sorted() []string { return slices.Sorted(maps.Keys(s)) }
