package querybackend

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A timeSeriesQuery wants the profiles' totals, summed by group and step.
type timeSeriesQuery struct {
	source    *queryv1.TimeSeriesQuery
	steps     stepping
	exemplars bool
}

func prepareTimeSeries(r *request, q *queryv1.Query) (query, error) {
	return newTimeSeriesQuery(r, q.TimeSeries)
}

func newTimeSeriesQuery(r *request, source *queryv1.TimeSeriesQuery) (timeSeriesQuery, error) {
	if source == nil {
		return timeSeriesQuery{}, errors.New("no parameters")
	}
	steps, err := newStepping(r.start, r.end, source.Step)
	if err != nil {
		return timeSeriesQuery{}, err
	}
	q := timeSeriesQuery{source: source, steps: steps}
	switch source.ExemplarType {
	case typesv1.ExemplarType_EXEMPLAR_TYPE_UNSPECIFIED, typesv1.ExemplarType_EXEMPLAR_TYPE_NONE:
	case typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL:
		q.exemplars = true
	case typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN:
		return q, status.Error(codes.Unimplemented, "exemplar type span is not implemented")
	default:
		return q, status.Errorf(codes.InvalidArgument, "unknown exemplar type %s", source.ExemplarType)
	}
	return q, nil
}

// add counts a profile.
func (q timeSeriesQuery) addProfile(to *pointSet, labels []*typesv1.LabelPair, p *blockstore.Profile) {
	id := ""
	if q.exemplars {
		id = p.ID.String()
	}
	to.addProfile(labels, q.source.GroupBy, point{
		time:        p.Timestamp,
		value:       float64(totalValue(p)),
		annotations: to.attributes.annotationRefs(p.Annotations),
	}, id)
}

func totalValue(p *blockstore.Profile) int64 {
	var total int64
	for i := range p.Samples {
		total += p.Samples[i].Value
	}
	return total
}

func (q timeSeriesQuery) collect() collector { return &timeSeries{query: q, points: newPointSet()} }
func (q timeSeriesQuery) merge() merger      { return &timeSeriesMerge{query: q, points: newPointSet()} }

// timeSeries collects one point a profile. Steps are made in the merge, which
// these reports always go through.
type timeSeries struct {
	profilesOnly
	query  timeSeriesQuery
	points *pointSet
}

func (c *timeSeries) profile(labels []*typesv1.LabelPair, p *blockstore.Profile) {
	c.query.addProfile(c.points, labels, p)
}

func (c *timeSeries) report() (*queryv1.Report, error) {
	return c.query.reportOf(c.points), nil
}

type timeSeriesMerge struct {
	query  timeSeriesQuery
	points *pointSet
}

func (m *timeSeriesMerge) add(r *queryv1.Report) error {
	for _, series := range r.GetTimeSeries().GetTimeSeries() {
		g := m.points.group(m.points.attributes.labelRefs(series.Labels))
		for _, p := range series.Points {
			g.points = append(g.points, m.points.fromPoint(p))
		}
	}
	return nil
}

func (m *timeSeriesMerge) report() (*queryv1.Report, error) {
	for _, g := range m.points.groups {
		g.mergeSameTime(m.points.attributes.compare)
		g.points = m.query.steps.apply(g.points)
	}
	return m.query.reportOf(m.points), nil
}

// compare orders attributes by name and value.
func (t *attributes) compare(a, b int64) int {
	return cmp.Or(strings.Compare(t.all[a].name, t.all[b].name), strings.Compare(t.all[a].value, t.all[b].value))
}

func (q timeSeriesQuery) reportOf(points *pointSet) *queryv1.Report {
	report := &queryv1.TimeSeriesReport{Query: clone(q.source)}
	for _, g := range points.groups {
		if len(g.points) == 0 {
			continue
		}
		series := &typesv1.Series{Labels: points.attributes.labels(g.refs)}
		for _, p := range g.points {
			series.Points = append(series.Points, points.toPoint(p))
		}
		report.TimeSeries = append(report.TimeSeries, series)
	}
	slices.SortFunc(report.TimeSeries, func(a, b *typesv1.Series) int { return profile.CompareLabels(a.Labels, b.Labels) })
	return &queryv1.Report{TimeSeries: report}
}

func (s *pointSet) fromPoint(p *typesv1.Point) point {
	decoded := point{time: p.Timestamp, value: p.Value, annotations: s.attributes.annotationRefs(p.Annotations)}
	for _, e := range p.Exemplars {
		decoded.exemplars = append(decoded.exemplars, exemplar{
			time: e.Timestamp, profileID: e.ProfileId, spanID: e.SpanId, value: e.Value, refs: s.attributes.labelRefs(e.Labels),
		})
	}
	return decoded
}

func (s *pointSet) toPoint(p point) *typesv1.Point {
	encoded := &typesv1.Point{Timestamp: p.time, Value: p.value, Annotations: s.attributes.annotations(p.annotations)}
	for _, e := range p.exemplars {
		encoded.Exemplars = append(encoded.Exemplars, &typesv1.Exemplar{
			Timestamp: e.time, ProfileId: e.profileID, SpanId: e.spanID, Value: e.value, Labels: s.attributes.labels(e.refs),
		})
	}
	return encoded
}
