package plugin_test

import (
	"maps"
	"net/http"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/stretchr/testify/require"
)

// Recorded and provisioned queries have numbers as text: they mean the same.
func TestNumbersAsTextAreRead(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	rows := func(t *testing.T, change map[string]any) int {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(change))["A"]
		require.NoError(t, answer.Error)
		return answer.Frames[0].Rows()
	}
	for name, test := range map[string]struct{ text, number map[string]any }{
		"limit":               {map[string]any{"queryType": "topFunctions", "limit": "3"}, map[string]any{"queryType": "topFunctions", "limit": 3}},
		"limit with spaces":   {map[string]any{"queryType": "topFunctions", "limit": " 3 "}, map[string]any{"queryType": "topFunctions", "limit": 3}},
		"limit of a fraction": {map[string]any{"queryType": "topFunctions", "limit": 3.0}, map[string]any{"queryType": "topFunctions", "limit": 3}},
		"no limit":            {map[string]any{"queryType": "topFunctions", "limit": ""}, map[string]any{"queryType": "topFunctions"}},
		"max nodes":           {map[string]any{"queryType": "profile", "maxNodes": "16"}, map[string]any{"queryType": "profile", "maxNodes": 16}},
		"annotations":         {map[string]any{"queryType": "metrics", "annotations": "true"}, map[string]any{"queryType": "metrics", "annotations": true}},
		"a lone label":        {map[string]any{"queryType": "metrics", "groupBy": "pod"}, map[string]any{"queryType": "metrics", "groupBy": []string{"pod"}}},
		"no label":            {map[string]any{"queryType": "metrics", "groupBy": ""}, map[string]any{"queryType": "metrics"}},
		"a lone call site":    {map[string]any{"queryType": "profile", "callSite": "runtime.goexit"}, map[string]any{"queryType": "profile", "callSite": []string{"runtime.goexit"}}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, rows(t, test.number), rows(t, test.text))
		})
	}
	for name, test := range map[string]struct {
		change  map[string]any
		message string
	}{
		"no number":   {map[string]any{"limit": "ten"}, `limit: "ten" is not a whole number`},
		"half":        {map[string]any{"maxNodes": "1.5"}, `maxNodes: "1.5" is not a whole number`},
		"too large":   {map[string]any{"limit": "99999999999999999999"}, `limit: "99999999999999999999" is not a whole number`},
		"negative":    {map[string]any{"queryType": "metrics", "limit": "-1"}, "limit: -1 is negative"},
		"no truth":    {map[string]any{"annotations": "perhaps"}, `annotations: "perhaps" is neither true nor false`},
		"no list":     {map[string]any{"groupBy": 3}, "query: it cannot be read"},
		"not a whole": {map[string]any{"limit": 1.5}, "query: it cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(test.change))["A"]
			require.ErrorContains(t, answer.Error, test.message)
			require.EqualValues(t, http.StatusBadRequest, answer.Status)
		})
	}
}

// Without the front end, nobody replaces variables. The panel was empty.
func TestVariablesThatNobodyReplacedAreNamed(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, test := range map[string]struct {
		change          map[string]any
		field, variable string
	}{
		"a selector":              {map[string]any{"labelSelector": `{service_name="$service"}`}, "labelSelector", "$service"},
		"with braces":             {map[string]any{"labelSelector": `{service_name="${service}"}`}, "labelSelector", "${service}"},
		"with a format":           {map[string]any{"labelSelector": `{service_name=~"${service:regex}"}`}, "labelSelector", "${service:regex}"},
		"with brackets":           {map[string]any{"labelSelector": `{service_name="[[service]]"}`}, "labelSelector", "[[service]]"},
		"a part of a value":       {map[string]any{"labelSelector": `{service_name="shop_$service"}`}, "labelSelector", "$service"},
		"behind a dot":            {map[string]any{"labelSelector": `{host="$name.example"}`}, "labelSelector", "$name"},
		"a label's name":          {map[string]any{"labelSelector": `{$label="checkout"}`}, "labelSelector", "$label"},
		"in a regular expression": {map[string]any{"labelSelector": `{service_name=~"shop$service"}`}, "labelSelector", "$service"},
		"all of them":             {map[string]any{"labelSelector": `{pod=~"$__all"}`}, "labelSelector", "$__all"},
		"a selector alone":        {map[string]any{"labelSelector": `$selector`}, "labelSelector", "$selector"},
		"a profile type":          {map[string]any{"profileTypeId": "$type"}, "profileTypeId", "$type"},
		"a part of a type":        {map[string]any{"profileTypeId": "${name}:cpu:nanoseconds:cpu:nanoseconds"}, "profileTypeId", "${name}"},
		"a group":                 {map[string]any{"queryType": "metrics", "groupBy": []string{"pod", "$group"}}, "groupBy", "$group"},
		"functions":               {map[string]any{"queryType": "topFunctions", "functions": "$fn"}, "functions", "$fn"},
		"functions, behind text":  {map[string]any{"queryType": "topFunctions", "functions": "runtime.$fn"}, "functions", "$fn"},
		"a call site":             {map[string]any{"callSite": []string{"main", "$fn"}}, "callSite", "$fn"},
		"a limit":                 {map[string]any{"queryType": "topFunctions", "limit": "$limit"}, "limit", "$limit"},
		"max nodes":               {map[string]any{"maxNodes": "${nodes}"}, "maxNodes", "${nodes}"},
		"a query type":            {map[string]any{"queryType": "", "refId": "A", "aggregation": "$how"}, "aggregation", "$how"},
		"a baseline":              {map[string]any{"queryType": "diff", "diff": map[string]any{"labelSelector": `{pod="$pod"}`}}, "diff.labelSelector", "$pod"},
		"a baseline's time":       {map[string]any{"queryType": "diff", "diff": map[string]any{"timeShift": `$shift`}}, "diff.timeShift", "$shift"},
	} {
		t.Run(name, func(t *testing.T) {
			for from, headers := range map[string]map[string]string{"panel": nil, "rule": {backend.FromAlertHeaderName: "true"}} {
				answer := queryDataWith(t, datasource, cluster.timeRange, headers, checkoutTarget(test.change))["A"]
				require.ErrorContains(t, answer.Error, test.field+": nobody replaced the variable "+test.variable+":", from)
				require.EqualValues(t, http.StatusBadRequest, answer.Status)
			}
		})
	}
	require.Zero(t, cluster.Metastore.Requests(0).QueryMetadata)
}

// A dollar can be meant.
func TestDollarsThatAreNoVariables(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for name, change := range map[string]map[string]any{
		"the end of an expression": {"labelSelector": `{service_name=~"check.*$"}`},
		"alternatives with ends":   {"labelSelector": `{service_name=~"(checkout$|search$)"}`},
		"a name with a dollar":     {"labelSelector": `{class="Outer$Inner"}`},
		"a number":                 {"labelSelector": `{price="$5"}`},
		"escaped":                  {"labelSelector": `{class=~"Outer\\$Inner"}`},
		"in a class":               {"labelSelector": `{class=~"Outer[$a]Inner"}`},
		"inside a class":           {"labelSelector": `{class=~"Outer[a$b]Inner"}`},
		"POSIX classes":            {"labelSelector": `{class=~"[[:alpha:]]+"}`},
		"functions, escaped":       {"queryType": "topFunctions", "functions": `.*Outer\$Inner.*`},
		"functions, lambda":        {"queryType": "topFunctions", "functions": `.*\$\$Lambda\$[0-9]+.*`},
		"a Scala call site":        {"callSite": []string{"shop.Checkout$.$anonfun$main$1"}},
		"a legend":                 {"queryType": "metrics", "legendFormat": "$5 {{pod}}"},
	} {
		t.Run(name, func(t *testing.T) {
			target := checkoutTarget(map[string]any{"queryType": "profile"})
			maps.Copy(target, change)
			require.NoError(t, queryData(t, datasource, cluster.timeRange, target)["A"].Error)
		})
	}
}

// Trace links and correlations put in what they have, and sometimes that is the
// template itself.
func TestIDsThatAreTemplatesAreTold(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	for field, id := range map[string]any{
		"spanSelector":      []string{"${__span.spanId}"},
		"traceIdSelector":   []string{"00000000000000000000000000000001", "$traceID"},
		"profileIdSelector": `${__data.fields["profileId"]}`,
	} {
		answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{field: id}))["A"]
		require.ErrorContains(t, answer.Error, field+": ")
		require.ErrorContains(t, answer.Error, "is the text of a template that nobody filled in")
		require.EqualValues(t, http.StatusBadRequest, answer.Status)
	}
	answer := queryData(t, datasource, cluster.timeRange, checkoutTarget(map[string]any{"spanSelector": []string{"{{spanId}}"}}))["A"]
	require.ErrorContains(t, answer.Error, `"{{spanId}}" is the text of a template`)
}
