package plugin

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
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
	// Progress asks for what there is so far. No dashboard stores it.
	Progress *progressModel `json:"progress"`
}

// diffBaseline says what a diff compares with: another selector, an earlier
// time, or a fixed range. What is left out is as in the query.
type diffBaseline struct {
	LabelSelector string `json:"labelSelector,omitempty"`
	TimeShift     string `json:"timeShift,omitempty"`
	From          string `json:"from,omitempty"`
	To            string `json:"to,omitempty"`
}

// parseQuery reads one target. Expressions take numbers and series but no flame
// graphs. With an error, the model is good for saying what type of query it was.
func parseQuery(query backend.DataQuery, forExpressions bool) (model queryModel, asked queryType, err error) {
	unknown := queryModel{QueryType: queryUnknown}
	raw, err := plainQuery(query.JSON)
	if err != nil {
		return unknown, asked, err
	}
	if err := json.Unmarshal(raw, &model); errors.As(err, new(*queryfrontend.Refusal)) {
		return unknown, asked, err
	} else if err != nil {
		return unknown, asked, invalidQuery("query", fmt.Errorf("it cannot be read: %w", err))
	}
	if model.LabelSelector == "" {
		model.LabelSelector = "{}"
	}
	// The envelope that Grafana puts around a query may still have the type that the
	// query had before: the rule editor's preview does.
	model.QueryType = cmp.Or(model.QueryType, query.QueryType, queryBoth)
	if model.QueryType == queryBoth && forExpressions {
		model.QueryType = queryMetrics
	}
	if err := model.checkTexts(); err != nil {
		return model, asked, err
	}
	asked, err = queryTypeNamed(model.QueryType)
	model.QueryType = asked.name
	return model, asked, err
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
