package queryfrontend

import (
	"context"
	"unicode/utf8"

	"connectrpc.com/connect"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// LabelValues lists the values of a label among the matching series, sorted.
// Where metadata alone knows them, no query-backend is asked.
func (f *Frontend) LabelValues(ctx context.Context, c *connect.Request[typesv1.LabelValuesRequest]) (*connect.Response[typesv1.LabelValuesResponse], error) {
	name := c.Msg.GetName()
	if name == "" {
		return nil, invalid("name", "it is empty, the name of a label is required")
	}
	if err := checkLength("name", name, maxNameBytes); err != nil {
		return nil, err
	}
	if !utf8.ValidString(name) {
		return nil, invalid("name", "%q is not UTF-8", name)
	}
	p, err := f.labelPart(c.Msg.GetStart(), c.Msg.GetEnd(), c.Msg.GetMatchers())
	if err != nil {
		return nil, err
	}
	p.query = &queryv1.Query{
		QueryType:   queryv1.QueryType_QUERY_LABEL_VALUES,
		LabelValues: &queryv1.LabelValuesQuery{LabelName: name},
	}
	if request, known := queryplan.MetadataLabels(f.planQuery(&p)); known && !p.empty {
		sets, err := f.metadataLabels(ctx, request)
		if err != nil {
			return nil, err
		}
		return connect.NewResponse(&typesv1.LabelValuesResponse{Names: labelValues(sets, name)}), nil
	}
	values, err := answerTo(ctx, f, question[[]string]{part: p, shape: func(_ reading, report *queryv1.Report) ([]string, error) {
		return profile.ValidTexts(report.GetLabelValues().GetLabelValues()), nil
	}})
	if err != nil {
		return nil, err
	}
	return connect.NewResponse(&typesv1.LabelValuesResponse{Names: values}), nil
}
