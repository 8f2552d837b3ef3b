package plugin_test

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"
)

// named is what people see of the frames of a target: the names of frames, and of
// fields that hold values.
func named(t *testing.T, answer backend.DataResponse) (frames, fields []string) {
	t.Helper()
	require.NoError(t, answer.Error)
	for _, f := range answer.Frames {
		frames = append(frames, f.Name)
		for _, field := range f.Fields {
			if field.Type() == data.FieldTypeTime {
				continue
			}
			name := field.Name
			if c := field.Config; c != nil && c.DisplayNameFromDS != "" {
				name = c.DisplayNameFromDS
			}
			if c := field.Config; c != nil && c.DisplayName != "" {
				name = c.DisplayName
			}
			fields = append(fields, name)
		}
	}
	return frames, fields
}

func TestNamesOfMetrics(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	metrics := func(refID, selector string, more ...any) map[string]any {
		target := map[string]any{"refId": refID, "queryType": "metrics", "profileTypeId": cpuType, "labelSelector": selector}
		for i := 0; i < len(more); i += 2 {
			target[more[i].(string)] = more[i+1]
		}
		return target
	}
	const checkout, search = `{service_name="checkout"}`, `{service_name="search"}`
	byRegion := []string{"region"}
	for name, test := range map[string]struct {
		a, b         map[string]any
		wantA, wantB []string
	}{
		"two that are not grouped": {
			metrics("A", checkout), metrics("B", search),
			[]string{`cpu {service_name="checkout"}`}, []string{`cpu {service_name="search"}`},
		},
		"grouped, and not": {
			metrics("A", checkout, "groupBy", []string{"pod"}), metrics("B", checkout),
			[]string{"cpu checkout-0", "cpu checkout-1"}, []string{`cpu {service_name="checkout"}`},
		},
		"the same groups of two selections": {
			metrics("A", checkout, "groupBy", byRegion), metrics("B", search, "groupBy", byRegion),
			[]string{`cpu eu-west {service_name="checkout"}`, `cpu us-east {service_name="checkout"}`},
			[]string{`cpu eu-west {service_name="search"}`, `cpu us-east {service_name="search"}`},
		},
		"a sum and an average": {
			metrics("A", checkout), metrics("B", checkout, "aggregation", "average"),
			[]string{`cpu {service_name="checkout"} {service_name="checkout"} (A)`}, []string{`cpu {service_name="checkout"} {service_name="checkout"} (B)`},
		},
		"legends": {
			metrics("A", checkout, "groupBy", []string{"pod"}, "legendFormat", "{{pod}} now"), metrics("B", search, "legendFormat", "search"),
			[]string{"checkout-0 now", "checkout-1 now"}, []string{"search"},
		},
		"legends that are meant to be the same": {
			metrics("A", checkout, "legendFormat", "CPU"), metrics("B", search, "legendFormat", "CPU"),
			[]string{"CPU"}, []string{"CPU"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			answers := queryData(t, datasource, cluster.timeRange, test.a, test.b)
			framesA, fieldsA := named(t, answers["A"])
			framesB, fieldsB := named(t, answers["B"])
			require.ElementsMatch(t, test.wantA, fieldsA)
			require.ElementsMatch(t, test.wantB, fieldsB)
			require.NotEqual(t, framesA[0], framesB[0])
		})
	}
	t.Run("a target alone", func(t *testing.T) {
		frames, fields := named(t, queryData(t, datasource, cluster.timeRange, metrics("A", checkout))["A"])
		require.Equal(t, []string{"series"}, frames)
		require.Equal(t, []string{`cpu {service_name="checkout"}`}, fields)
	})
}

// Joined by function, two tables showed the numbers of one twice.
func TestTablesOfTwoTargetsAreToldApart(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	search := func(target map[string]any) map[string]any {
		target["refId"], target["labelSelector"] = "B", `{service_name="search"}`
		return target
	}
	table := func() map[string]any {
		return checkoutTarget(map[string]any{"queryType": "topFunctions"})
	}
	diff := func() map[string]any {
		return checkoutTarget(map[string]any{"queryType": "diff", "diff": map[string]any{"labelSelector": `{service_name="frontend"}`}})
	}

	answers := queryData(t, datasource, cluster.timeRange, table(), search(table()))
	framesA, _ := named(t, answers["A"])
	framesB, fieldsB := named(t, answers["B"])
	require.Equal(t, []string{"functions A"}, framesA)
	require.Equal(t, []string{"functions B"}, framesB)
	require.Equal(t, []string{"function", "self", "total", "share"}, fieldsB, "the key to join by is the same")

	answers = queryData(t, datasource, cluster.timeRange, diff(), search(diff()))
	framesA, fieldsA := named(t, answers["A"])
	framesB, fieldsB = named(t, answers["B"])
	require.Equal(t, []string{"response", "changes A"}, framesA)
	require.Equal(t, []string{"response", "changes B"}, framesB)
	require.Contains(t, fieldsA, "Share baseline A")
	require.Contains(t, fieldsB, "Share baseline B")
	require.NotContains(t, fieldsB, "Function B", "the key to join by is the same")

	// Alone, nothing is to tell apart, and for an expression nothing is to see.
	framesA, _ = named(t, queryData(t, datasource, cluster.timeRange, table())["A"])
	require.Equal(t, []string{"functions"}, framesA)
	answers = queryDataWith(t, datasource, cluster.timeRange, map[string]string{backend.FromAlertHeaderName: "true"}, table(), search(table()))
	framesA, _ = named(t, answers["A"])
	require.Equal(t, []string{"functions"}, framesA)
}

// A panel of several tables loses all where one has no columns; an alert rule is told
// "no data".
func TestNoFunctions(t *testing.T) {
	cluster := startCluster(t)
	datasource := newDatasource(t, cluster.settings(nil), nil)
	target := checkoutTarget(map[string]any{"queryType": "topFunctions", "functions": "nope"})
	panel := queryData(t, datasource, cluster.timeRange, target)["A"]
	require.NoError(t, panel.Error)
	_, fields := named(t, panel)
	require.Equal(t, []string{"function", "self", "total", "share"}, fields)
	require.Zero(t, panel.Frames[0].Rows())
	rule := queryDataWith(t, datasource, cluster.timeRange, map[string]string{backend.FromAlertHeaderName: "true"}, target)["A"]
	require.NoError(t, rule.Error)
	require.Empty(t, rule.Frames[0].Fields)
}
