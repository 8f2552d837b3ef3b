package queryfrontend

import (
	"context"
	"slices"

	"connectrpc.com/connect"
	"github.com/prometheus/common/model"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// LabelNames lists the label names of the matching series, sorted. Names that
// are not of the classic form ([a-zA-Z_][a-zA-Z0-9_]*) are left out unless the
// client says that it can read them; see acceptsUTF8LabelNames.
func (f *Frontend) LabelNames(ctx context.Context, c *connect.Request[typesv1.LabelNamesRequest]) (*connect.Response[typesv1.LabelNamesResponse], error) {
	p, err := f.labelPart(c.Msg.GetStart(), c.Msg.GetEnd(), c.Msg.GetMatchers())
	if err != nil {
		return nil, err
	}
	names, err := f.labelNames(ctx, p, acceptsUTF8LabelNames(c.Header()))
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&typesv1.LabelNamesResponse{Names: names}), nil
}

func (f *Frontend) labelNames(ctx context.Context, p part, allowUTF8 bool) ([]string, error) {
	p.query = &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES, LabelNames: &queryv1.LabelNamesQuery{}}
	return answerTo(ctx, f, question[[]string]{part: p, shape: func(_ reading, report *queryv1.Report) ([]string, error) {
		names := profile.ValidTexts(report.GetLabelNames().GetLabelNames())
		if !allowUTF8 {
			names = classicNames(names)
		}
		return names, nil
	}})
}

// labelPart checks what the requests for labels have in common. The query is
// the caller's to set.
func (f *Frontend) labelPart(start, end int64, matchers []string) (p part, err error) {
	if p.timeRange, p.empty, err = f.lookupRange(start, end); err != nil {
		return p, err
	}
	p.readStart = p.start
	p.selection, err = f.labelSelection("matchers", matchers...)
	return p, err
}

// classicNames are those of the names that need no quotes in a selector.
func classicNames(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !model.LegacyValidation.IsValidLabelName(name)
	})
}
