package queryfrontend

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"connectrpc.com/connect"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// Series lists the distinct label sets of the matching series, cut to the label
// names asked for. Where metadata alone knows them, as for the listing of
// profile types that Grafana's Explore opens with, no query-backend is asked.
func (f *Frontend) Series(ctx context.Context, c *connect.Request[querierv1.SeriesRequest]) (*connect.Response[querierv1.SeriesResponse], error) {
	p, err := f.labelPart(c.Msg.GetStart(), c.Msg.GetEnd(), c.Msg.GetMatchers())
	if err != nil {
		return nil, err
	}
	if p.empty {
		return connect.NewResponse(new(querierv1.SeriesResponse)), nil
	}
	if err := checkCount("label_names", len(c.Msg.GetLabelNames()), maxLabelNames); err != nil {
		return nil, err
	}
	names := distinct(c.Msg.GetLabelNames())
	for i, name := range names {
		if err := checkLength("label_names", name, maxNameBytes); err != nil {
			return nil, err
		}
		if !utf8.ValidString(name) {
			return nil, invalid("label_names", "entry %d is %q, which is not UTF-8", i+1, name)
		}
	}
	sets, known, err := f.seriesFromMetadata(ctx, p, names)
	if err != nil {
		return nil, err
	}
	if !known {
		if sets, err = f.seriesFromBlocks(ctx, p, names, acceptsUTF8LabelNames(c.Header())); err != nil {
			return nil, err
		}
	}
	return connect.NewResponse(&querierv1.SeriesResponse{LabelsSet: sets}), nil
}

func (f *Frontend) seriesFromBlocks(ctx context.Context, p part, names []string, allowUTF8 bool) (sets []*typesv1.Labels, err error) {
	if !allowUTF8 {
		if len(names) == 0 {
			// All names are wanted, but only the classic ones: they have to be
			// known before the series can be cut to them.
			if names, err = f.labelNames(ctx, p, false); err != nil || len(names) == 0 {
				return nil, err
			}
		}
		if names = classicNames(names); len(names) == 0 {
			return nil, nil // asking for no names would be asking for all
		}
	}
	p.query = seriesQuery(names)
	return answerTo(ctx, f, question[[]*typesv1.Labels]{part: p, shape: func(_ reading, report *queryv1.Report) ([]*typesv1.Labels, error) {
		return report.GetSeriesLabels().GetSeriesLabels(), nil
	}})
}

// distinct keeps the first of equal names: a series has no label twice.
func distinct(names []string) []string {
	var kept []string
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if !seen[name] {
			seen[name] = true
			kept = append(kept, name)
		}
	}
	return kept
}

func seriesQuery(names []string) *queryv1.Query {
	return &queryv1.Query{
		QueryType:    queryv1.QueryType_QUERY_SERIES_LABELS,
		SeriesLabels: &queryv1.SeriesLabelsQuery{LabelNames: names},
	}
}

// derivedLabel gives the value of the labels that older clients ask for beside the
// profile type, in a listing of five names. They are parts of the profile type. No
// series carries pyroscope_app any more.
func derivedLabel(name string, t profile.Type) (value string, derived bool) {
	switch name {
	case profile.LabelProfileName:
		return t.Name, true
	case profile.LabelType:
		return t.SampleType, true
	case "pyroscope_app":
		return "", true
	}
	return "", false
}

// seriesFromMetadata answers from the metastore where it can.
func (f *Frontend) seriesFromMetadata(ctx context.Context, p part, names []string) (sets []*typesv1.Labels, known bool, err error) {
	stored := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, derived := derivedLabel(name, profile.Type{})
		return derived
	})
	if len(stored) < len(names) && !slices.Contains(stored, profile.LabelProfileType) {
		return nil, false, nil
	}
	p.query = seriesQuery(stored)
	request, known := queryplan.MetadataLabels(f.planQuery(&p))
	if !known {
		return nil, false, nil
	}
	metadata, err := f.metadataLabels(ctx, request)
	if err != nil {
		return nil, true, err
	}
	for _, set := range metadata {
		if pairs := metadataSeries(set, names); pairs != nil {
			sets = append(sets, &typesv1.Labels{Labels: pairs})
		}
	}
	slices.SortFunc(sets, func(a, b *typesv1.Labels) int { return profile.CompareLabels(a.Labels, b.Labels) })
	return slices.CompactFunc(sets, func(a, b *typesv1.Labels) bool { return profile.CompareLabels(a.Labels, b.Labels) == 0 }), true, nil
}

// metadataSeries makes one series of a label set of the metastore, with the names
// asked for, sorted. It returns nil for a set that is no series: the tenant-wide
// index carries no service and no profile type, and is written with empty
// values.
func metadataSeries(set *typesv1.Labels, names []string) []*typesv1.LabelPair {
	var (
		pairs       []*typesv1.LabelPair
		profileType profile.Type
		err         error
	)
	for _, pair := range set.GetLabels() {
		if pair.GetValue() == "" {
			return nil
		}
		if pair.GetName() == profile.LabelProfileType {
			if profileType, err = profile.ParseType(pair.GetValue()); err != nil {
				return nil
			}
		}
		pairs = append(pairs, pair)
	}
	for _, name := range names {
		if value, derived := derivedLabel(name, profileType); derived && value != "" {
			pairs = append(pairs, &typesv1.LabelPair{Name: name, Value: value})
		}
	}
	slices.SortFunc(pairs, func(a, b *typesv1.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
	return pairs
}
