package queryplan_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func TestMetadataLabels(t *testing.T) {
	values := func(name string) *queryv1.Query {
		return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_VALUES, LabelValues: &queryv1.LabelValuesQuery{LabelName: name}}
	}
	seriesOf := func(names ...string) *queryv1.Query {
		return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_SERIES_LABELS, SeriesLabels: &queryv1.SeriesLabelsQuery{LabelNames: names}}
	}
	tests := []struct {
		name     string
		query    queryplan.Query
		selector string // empty: data has to be read
		labels   []string
	}{
		{"services", query(values("service_name")), "{}", []string{"service_name"}},
		{"types of a service", query(values("__profile_type__"), equal("service_name", "a")), `{service_name="a"}`, []string{"__profile_type__"}},
		{"services but some", query(values("service_name"), match(labels.MatchNotRegexp, "service_name", "a.*")), `{service_name!~"a.*"}`, []string{"service_name"}},
		{"anything goes", query(values("service_name"), match(labels.MatchRegexp, "__profile_type__", ".*")), "{}", []string{"service_name"}},
		{"series of both", query(seriesOf("service_name", "__profile_type__")), "{}", []string{"service_name", "__profile_type__"}},
		{"pods", query(values("pod")), "", nil},
		{"services of a pod", query(values("service_name"), equal("pod", "p")), "", nil},
		{"series with a pod", query(seriesOf("service_name", "pod")), "", nil},
		{"series of all labels", query(seriesOf()), "", nil},
		{"a label that may be missing", query(values("service_name"), match(labels.MatchRegexp, "__profile_type__", "a|")), "", nil},
		{"label names", query(labelNames), "", nil},
		{"a contradiction", query(values("service_name"), equal("service_name", "a"), equal("service_name", "b")), "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request, ok := queryplan.MetadataLabels(test.query)
			require.Equal(t, test.selector != "", ok)
			if ok {
				require.Equal(t, test.selector, request.Query)
				require.Equal(t, test.labels, request.Labels)
			}
		})
	}
}
