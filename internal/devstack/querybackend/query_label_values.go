package querybackend

import (
	"errors"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// A labelValuesQuery wants a label's values among all matching series.
type labelValuesQuery struct{ source *queryv1.LabelValuesQuery }

func prepareLabelValues(_ *request, q *queryv1.Query) (query, error) {
	if q.GetLabelValues().GetLabelName() == "" {
		return nil, errors.New("no label name")
	}
	return labelValuesQuery{q.LabelValues}, nil
}

func (q labelValuesQuery) collect() collector { return &labelValues{query: q, values: stringSet{}} }
func (q labelValuesQuery) merge() merger      { return &labelValues{query: q, values: stringSet{}} }

type labelValues struct {
	seriesOnly
	query  labelValuesQuery
	values stringSet
}

func (c *labelValues) series(labels []*typesv1.LabelPair) {
	if pair := findLabel(labels, c.query.source.LabelName); pair != nil {
		c.values[pair.Value] = struct{}{}
	}
}

func (c *labelValues) add(r *queryv1.Report) error {
	c.values.add(r.GetLabelValues().GetLabelValues())
	return nil
}

func (c *labelValues) report() (*queryv1.Report, error) {
	return &queryv1.Report{LabelValues: &queryv1.LabelValuesReport{
		Query:       clone(c.query.source),
		LabelValues: c.values.sorted(),
	}}, nil
}
