package querybackend

import (
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A seriesLabelsQuery wants the different label sets of all matching series,
// cut to the labels asked for. Asking for none is asking for all.
type seriesLabelsQuery struct{ source *queryv1.SeriesLabelsQuery }

func prepareSeriesLabels(_ *request, q *queryv1.Query) (query, error) {
	source := q.SeriesLabels
	if source == nil {
		source = &queryv1.SeriesLabelsQuery{}
	}
	return seriesLabelsQuery{source}, nil
}

func (q seriesLabelsQuery) start() *seriesLabels {
	return &seriesLabels{query: q, sets: map[string]*typesv1.Labels{}}
}

func (q seriesLabelsQuery) collect() collector { return q.start() }
func (q seriesLabelsQuery) merge() merger      { return q.start() }

type seriesLabels struct {
	seriesOnly
	query seriesLabelsQuery
	sets  map[string]*typesv1.Labels
	// known says that a label asked for exists at all. Without any, there is
	// no answer, rather than an empty set.
	known bool
}

func (c *seriesLabels) series(labels []*typesv1.LabelPair) {
	names := c.query.source.LabelNames
	set := &typesv1.Labels{}
	for _, pair := range labels { // in name order
		if len(names) == 0 || slices.Contains(names, pair.Name) {
			c.known = true
			set.Labels = append(set.Labels, &typesv1.LabelPair{Name: pair.Name, Value: pair.Value})
		}
	}
	c.put(set)
}

func (c *seriesLabels) put(set *typesv1.Labels) { c.sets[labelsKey(set.Labels)] = set }

func (c *seriesLabels) add(r *queryv1.Report) error {
	for _, set := range r.GetSeriesLabels().GetSeriesLabels() {
		c.known = true
		c.put(set)
	}
	return nil
}

func (c *seriesLabels) report() (*queryv1.Report, error) {
	report := &queryv1.SeriesLabelsReport{Query: clone(c.query.source)}
	if c.known {
		for _, set := range c.sets {
			report.SeriesLabels = append(report.SeriesLabels, set)
		}
	}
	slices.SortFunc(report.SeriesLabels, func(a, b *typesv1.Labels) int { return profile.CompareLabels(a.Labels, b.Labels) })
	return &queryv1.Report{SeriesLabels: report}, nil
}
