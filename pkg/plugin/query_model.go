package plugin

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
)

// The query types. The first three are those of Grafana's core Pyroscope data
// source, with the same meaning.
const (
	queryProfile      = "profile"
	queryMetrics      = "metrics"
	queryBoth         = "both"
	queryTopFunctions = "topFunctions"
	queryDiff         = "diff"
	queryHeatmap      = "heatmap"
	queryPlan         = "plan"
	// queryFunctionSeries shows functions over time.
	queryFunctionSeries = "functionSeries"

	// queryUnknown stands for all others, in metrics and logs.
	queryUnknown = "unknown"
)

// queryModel is a panel's query as a dashboard stores it.
type queryModel struct {
	QueryType         string   `json:"queryType"`
	ProfileTypeID     string   `json:"profileTypeId"`
	LabelSelector     string   `json:"labelSelector"`
	GroupBy           []string `json:"groupBy"`
	Limit             *int64   `json:"limit"`
	MaxNodes          *int64   `json:"maxNodes"`
	SpanSelector      []string `json:"spanSelector"`
	Annotations       bool     `json:"annotations"`
	TraceIDSelector   []string `json:"traceIdSelector"`
	ProfileIDSelector []string `json:"profileIdSelector"`
	CallSite          []string `json:"callSite"`
	Functions         string   `json:"functions"`
	// Measure and Show say what a series of a function shows.
	Measure     string `json:"measure"`
	Show        string `json:"show"`
	Aggregation string `json:"aggregation"`
	Exemplars   string `json:"exemplars"`
	// LegendFormat names time series: text with labels in it, {{pod}}.
	LegendFormat string `json:"legendFormat"`
	// IncludeExemplars is how the core data source's saved queries ask for
	// exemplars.
	IncludeExemplars bool          `json:"includeExemplars"`
	Diff             *diffBaseline `json:"diff"`
}

// diffBaseline says what a diff compares with: another selector, an earlier
// time, or a fixed range. What is left out is as in the query.
type diffBaseline struct {
	LabelSelector string `json:"labelSelector"`
	TimeShift     string `json:"timeShift"`
	From          string `json:"from"`
	To            string `json:"to"`
}

// parseQuery reads one target. Expressions take numbers and series but no flame
// graphs.
func parseQuery(query backend.DataQuery, forExpressions bool) (queryModel, error) {
	var model queryModel
	raw, err := plainQuery(query.JSON)
	if err != nil {
		model.QueryType = queryUnknown
		return model, err
	}
	if err := json.Unmarshal(raw, &model); err != nil {
		model.QueryType = queryUnknown
		return model, invalidQuery("query", fmt.Errorf("it cannot be read: %w", err))
	}
	if model.LabelSelector == "" {
		model.LabelSelector = "{}"
	}
	// The envelope that Grafana puts around a query may still have the type that the
	// query had before: the rule editor's preview does.
	if model.QueryType == "" {
		model.QueryType = query.QueryType
	}
	if model.QueryType == "" {
		model.QueryType = queryBoth
	}
	if model.QueryType == queryBoth && forExpressions {
		model.QueryType = queryMetrics
	}
	if err := model.checkTexts(); err != nil {
		return model, err
	}
	switch model.QueryType {
	case queryProfile, queryMetrics, queryBoth, queryTopFunctions, queryDiff, queryHeatmap, queryPlan, queryFunctionSeries:
		return model, nil
	}
	unknown := model.QueryType
	model.QueryType = queryUnknown
	return model, invalidQuery("queryType", fmt.Errorf("%q is not a type of query, allowed are %s, %s, %s, %s, %s, %s, %s and %s", unknown,
		queryProfile, queryMetrics, queryBoth, queryTopFunctions, queryFunctionSeries, queryDiff, queryHeatmap, queryPlan))
}

func (m queryModel) aggregation() (typesv1.TimeSeriesAggregationType, error) {
	switch m.Aggregation {
	case "", "sum":
		return typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_SUM, nil
	case "average":
		return typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE, nil
	}
	return 0, invalidQuery("aggregation", fmt.Errorf("%q is not an aggregation, allowed are sum and average", m.Aggregation))
}

func (m queryModel) exemplarType() (typesv1.ExemplarType, error) {
	if m.Exemplars == "" && m.IncludeExemplars {
		return typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL, nil
	}
	switch m.Exemplars {
	case "", "none":
		return typesv1.ExemplarType_EXEMPLAR_TYPE_NONE, nil
	case "individual":
		return typesv1.ExemplarType_EXEMPLAR_TYPE_INDIVIDUAL, nil
	case "span":
		return typesv1.ExemplarType_EXEMPLAR_TYPE_SPAN, nil
	}
	return 0, invalidQuery("exemplars", fmt.Errorf("%q is no kind of exemplars, allowed are none, individual and span", m.Exemplars))
}
