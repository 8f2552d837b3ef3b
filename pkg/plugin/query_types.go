package plugin

import (
	"fmt"
	"slices"
	"strings"
)

// The query types. The first three are those of Grafana's core Pyroscope data
// source, with the same meaning.
const (
	queryProfile        = "profile"
	queryMetrics        = "metrics"
	queryBoth           = "both"
	queryTopFunctions   = "topFunctions"
	queryFunctionSeries = "functionSeries"
	queryDiff           = "diff"
	queryHeatmap        = "heatmap"
	queryPlan           = "plan"

	// queryUnknown stands for all others, in metrics and logs.
	queryUnknown = "unknown"
)

// A queryType is one way to ask.
type queryType struct {
	name string
	// prepare checks a target's options, and decides what it asks and how the answer
	// becomes frames.
	prepare func(*Datasource, *target) error
	// forExpressions is set where the answer is numbers that an alert rule or an
	// expression can read.
	forExpressions bool
}

// queryTypes are all query types, in the order in which messages list them.
func queryTypes() []queryType {
	return []queryType{
		{name: queryProfile, prepare: (*Datasource).profileAndMetrics},
		{name: queryMetrics, prepare: (*Datasource).profileAndMetrics, forExpressions: true},
		{name: queryBoth, prepare: (*Datasource).profileAndMetrics},
		{name: queryTopFunctions, prepare: (*Datasource).topFunctions, forExpressions: true},
		{name: queryFunctionSeries, prepare: (*Datasource).functionSeries, forExpressions: true},
		{name: queryDiff, prepare: (*Datasource).diff},
		{name: queryHeatmap, prepare: (*Datasource).heatmap},
		{name: queryPlan, prepare: (*Datasource).plan},
	}
}

// queryTypeNamed refuses a name that is none, and says which are.
func queryTypeNamed(name string) (queryType, error) {
	types := queryTypes()
	if i := slices.IndexFunc(types, func(t queryType) bool { return t.name == name }); i >= 0 {
		return types[i], nil
	}
	return queryType{name: queryUnknown}, invalidQuery("queryType", fmt.Errorf("%q is not a type of query, allowed are %s", name, listNames(types, "and")))
}

// listNames reads "profile, metrics and both".
func listNames(types []queryType, conjunction string) string {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = t.name
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + conjunction + " " + names[last]
}
