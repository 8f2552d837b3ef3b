package querybackend

import (
	"cmp"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A timeSeriesCompactQuery is a timeSeriesQuery whose answer numbers its
// labels, annotations and exemplars' labels in one table.
type timeSeriesCompactQuery struct{ timeSeriesQuery }

func prepareTimeSeriesCompact(r *request, q *queryv1.Query) (query, error) {
	plain, err := newTimeSeriesQuery(r, q.TimeSeriesCompact)
	return timeSeriesCompactQuery{plain}, err
}

func (q timeSeriesCompactQuery) collect() collector {
	return &timeSeriesCompact{query: q, points: newPointSet()}
}
func (q timeSeriesCompactQuery) merge() merger {
	return &timeSeriesCompactMerge{query: q, points: newPointSet()}
}

type timeSeriesCompact struct {
	profilesOnly
	query  timeSeriesCompactQuery
	points *pointSet
}

func (c *timeSeriesCompact) profile(labels []*typesv1.LabelPair, p *blockstore.Profile) {
	c.query.addProfile(c.points, labels, p)
}

func (c *timeSeriesCompact) report() (*queryv1.Report, error) {
	return c.query.reportOf(c.points), nil
}

type timeSeriesCompactMerge struct {
	query  timeSeriesCompactQuery
	points *pointSet
}

func (m *timeSeriesCompactMerge) add(r *queryv1.Report) error {
	refs, err := m.points.attributes.translate(r.GetTimeSeriesCompact().GetAttributeTable())
	if err != nil {
		return err
	}
	for _, series := range r.GetTimeSeriesCompact().GetTimeSeries() {
		group, err := refs.refs(series.AttributeRefs)
		if err != nil {
			return err
		}
		g := m.points.group(group)
		for _, p := range series.Points {
			decoded, err := refs.point(p)
			if err != nil {
				return err
			}
			g.points = append(g.points, decoded)
		}
	}
	return nil
}

func (t translation) point(p *queryv1.Point) (point, error) {
	decoded := point{time: p.Timestamp, value: p.Value}
	var err error
	if decoded.annotations, err = t.refs(p.AnnotationRefs); err != nil {
		return point{}, err
	}
	for _, e := range p.Exemplars {
		refs, err := t.refs(e.AttributeRefs)
		if err != nil {
			return point{}, err
		}
		decoded.exemplars = append(decoded.exemplars, exemplar{
			time: e.Timestamp, profileID: e.ProfileId, spanID: e.SpanId, value: e.Value, refs: refs,
		})
	}
	return decoded, nil
}

func (m *timeSeriesCompactMerge) report() (*queryv1.Report, error) {
	for _, g := range m.points.groups {
		g.mergeSameTime(cmp.Compare[int64])
		g.points = m.query.steps.apply(g.points)
		for i := range g.points {
			g.points[i].annotations = uniqueRefs(g.points[i].annotations, cmp.Compare[int64])
		}
	}
	return m.query.reportOf(m.points), nil
}

func (q timeSeriesCompactQuery) reportOf(points *pointSet) *queryv1.Report {
	report := &queryv1.TimeSeriesCompactReport{Query: clone(q.source), AttributeTable: points.attributes.proto()}
	for _, g := range points.sorted() {
		if len(g.points) == 0 {
			continue
		}
		series := &queryv1.Series{AttributeRefs: g.refs}
		for _, p := range g.points {
			series.Points = append(series.Points, compactPoint(p))
		}
		report.TimeSeries = append(report.TimeSeries, series)
	}
	return &queryv1.Report{TimeSeriesCompact: report}
}

func compactPoint(p point) *queryv1.Point {
	encoded := &queryv1.Point{Timestamp: p.time, Value: p.value, AnnotationRefs: p.annotations}
	for _, e := range p.exemplars {
		encoded.Exemplars = append(encoded.Exemplars, &queryv1.Exemplar{
			Timestamp: e.time, ProfileId: e.profileID, SpanId: e.spanID, Value: e.value, AttributeRefs: e.refs,
		})
	}
	return encoded
}
