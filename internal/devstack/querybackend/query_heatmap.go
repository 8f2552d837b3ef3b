package querybackend

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// A heatmapQuery wants a point for each profile, or for each span of each
// profile. The query-frontend makes the slots of it.
type heatmapQuery struct {
	groupBy []string
	spans   bool
}

func prepareHeatmap(_ *request, q *queryv1.Query) (query, error) {
	source := q.Heatmap
	if source == nil {
		return nil, errors.New("no parameters")
	}
	prepared := heatmapQuery{groupBy: source.GroupBy}
	matching := typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL
	switch source.QueryType {
	case querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL:
	case querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_SPAN:
		prepared.spans = true
		matching = typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN
	default:
		return nil, fmt.Errorf("heat map of type %s: it must be INDIVIDUAL or SPAN", source.QueryType)
	}
	switch source.ExemplarType {
	case typesv1.ExemplarType_EXEMPLAR_TYPE_UNSPECIFIED, typesv1.ExemplarType_EXEMPLAR_TYPE_NONE, matching:
		return prepared, nil
	default:
		return nil, fmt.Errorf("heat map of type %s with exemplars of type %s: they must be of the same type, or NONE", source.QueryType, source.ExemplarType)
	}
}

// collect keeps of points that are the same the labels that they share, as the
// real one does within a dataset.
func (q heatmapQuery) collect() collector { return q.start(commonRefs) }

// merge keeps the labels of both, as the real one does between reports.
func (q heatmapQuery) merge() merger { return q.start(allRefs) }

func (q heatmapQuery) start(joinRefs func(a, b []int64) []int64) *heatmap {
	return &heatmap{query: q, attributes: newAttributes(), groups: map[string]*heatmapGroup{}, joinRefs: joinRefs}
}

func allRefs(a, b []int64) []int64 { return uniqueRefs(slices.Concat(a, b), cmp.Compare[int64]) }

type heatmap struct {
	profilesOnly
	query      heatmapQuery
	attributes *attributes
	groups     map[string]*heatmapGroup
	joinRefs   func(a, b []int64) []int64
}

// A heatmapGroup is one series of a heat map.
type heatmapGroup struct {
	refs   []int64 // its labels
	points []*queryv1.HeatmapPoint
}

func (c *heatmap) group(refs []int64) *heatmapGroup {
	key := refsKey(refs)
	g, ok := c.groups[key]
	if !ok {
		g = &heatmapGroup{refs: refs}
		c.groups[key] = g
	}
	return g
}

func (c *heatmap) profile(labels []*typesv1.LabelPair, p *blockstore.Profile) {
	if !c.query.spans {
		c.point(labels, p, p.ID.String(), totalValue(p))
		return
	}
	for i := range p.Samples {
		sample := &p.Samples[i]
		if sample.SpanID == 0 {
			continue
		}
		// A span's point names no profile, which is the empty id.
		point := c.point(labels, p, "", sample.Value)
		point.SpanId = sample.SpanID
		if sample.TraceID != [16]byte{} {
			point.TraceId = sample.TraceID[:]
		}
	}
}

func (c *heatmap) point(labels []*typesv1.LabelPair, p *blockstore.Profile, id string, value int64) *queryv1.HeatmapPoint {
	g := c.group(c.attributes.labelRefs(groupLabels(labels, c.query.groupBy)))
	point := &queryv1.HeatmapPoint{
		Timestamp:     p.Timestamp,
		ProfileId:     c.attributes.ref(attribute{value: id}),
		Value:         value,
		AttributeRefs: c.attributes.labelRefs(otherLabels(labels, c.query.groupBy)),
	}
	g.points = append(g.points, point)
	return point
}

func (c *heatmap) add(r *queryv1.Report) error {
	refs, err := c.attributes.translate(r.GetHeatmap().GetAttributeTable())
	if err != nil {
		return err
	}
	for _, series := range r.GetHeatmap().GetHeatmapSeries() {
		group, err := refs.refs(series.AttributeRefs)
		if err != nil {
			return err
		}
		g := c.group(group)
		for _, p := range series.Points {
			if p.ProfileId, err = refs.ref(p.ProfileId); err != nil {
				return err
			}
			if p.AttributeRefs, err = refs.refs(p.AttributeRefs); err != nil {
				return err
			}
			g.points = append(g.points, p)
		}
	}
	return nil
}

// report leaves the query out, as the real one does.
func (c *heatmap) report() (*queryv1.Report, error) {
	report := &queryv1.HeatmapReport{}
	keys := make([]string, 0, len(c.groups))
	for key := range c.groups {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		g := c.groups[key]
		report.HeatmapSeries = append(report.HeatmapSeries, &queryv1.HeatmapSeries{
			AttributeRefs: g.refs,
			Points:        c.mergePoints(g.points),
		})
	}
	if len(keys) > 0 {
		report.AttributeTable = c.attributes.proto()
	}
	return &queryv1.Report{Heatmap: report}, nil
}

// mergePoints sorts the points by time, span, trace and profile, and makes one
// of those that have all in common.
func (c *heatmap) mergePoints(points []*queryv1.HeatmapPoint) []*queryv1.HeatmapPoint {
	slices.SortStableFunc(points, compareHeatmapPoints)
	merged := points[:0]
	for _, p := range points {
		if len(merged) == 0 || compareHeatmapPoints(merged[len(merged)-1], p) != 0 {
			merged = append(merged, p)
			continue
		}
		last := merged[len(merged)-1]
		last.Value += p.Value
		if !slices.Equal(last.AttributeRefs, p.AttributeRefs) {
			last.AttributeRefs = c.joinRefs(last.AttributeRefs, p.AttributeRefs)
		}
	}
	return merged
}

func compareHeatmapPoints(a, b *queryv1.HeatmapPoint) int {
	return cmp.Or(
		cmp.Compare(a.Timestamp, b.Timestamp),
		cmp.Compare(a.SpanId, b.SpanId),
		bytes.Compare(a.TraceId, b.TraceId),
		cmp.Compare(a.ProfileId, b.ProfileId),
	)
}
