package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

const cpuType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

// report asks the plugin what Grafana would and prints the answers.
func (d *demo) report(ctx context.Context) error {
	d.printf("\nHealth\n")
	if err := d.health(ctx); err != nil {
		return err
	}
	selector := fmt.Sprintf("{service_name=~%q}", "checkout|"+selfService)
	native := fmt.Sprintf("{service_name=%q}", nativeService)
	queries := []map[string]any{
		{"refId": "A", "queryType": "profile", "profileTypeId": cpuType, "labelSelector": selector},
		{"refId": "B", "queryType": "metrics", "profileTypeId": cpuType, "labelSelector": selector, "groupBy": []string{"service_name"}},
		{"refId": "C", "queryType": "topFunctions", "profileTypeId": cpuType, "labelSelector": selector, "limit": 10},
		{"refId": "D", "queryType": "profile", "profileTypeId": cpuType, "labelSelector": native},
		{"refId": "E", "queryType": "topFunctions", "profileTypeId": cpuType, "labelSelector": native},
	}
	answers := make(map[string]data.Frames)
	for _, query := range queries {
		err := d.log.Step(fmt.Sprintf("query: %s", query["queryType"]), func() error {
			frames, err := d.query(ctx, query)
			answers[query["refId"].(string)] = frames
			return err
		})
		if err != nil {
			return err
		}
	}
	d.printf("\nProfile: %s %s\n", cpuType, selector)
	d.printCost(answers["A"][0])
	d.printf("\nTop ten functions\n")
	d.printFunctions(answers["C"][0])
	d.printf("\nTime series\n")
	d.printSeries(answers["B"])
	if err := d.functionsOverTime(ctx, selector); err != nil {
		return err
	}
	d.printf("\nNative code: the functions of %s\n", nativeService)
	d.printCost(answers["D"][0])
	d.printFunctions(answers["E"][0])
	return nil
}

// watchedFunctions are those that the rule in provisioning/alerting watches.
const watchedFunctions = `runtime\.mallocgc`

// functionsOverTime prints what the panel shows that such an alert links to.
func (d *demo) functionsOverTime(ctx context.Context, selector string) error {
	var frames data.Frames
	err := d.log.Step("query: functionSeries", func() (err error) {
		frames, err = d.query(ctx, map[string]any{
			"refId": "F", "queryType": "functionSeries", "profileTypeId": cpuType, "labelSelector": selector, "functions": watchedFunctions,
		})
		return err
	})
	if err != nil {
		return err
	}
	d.printf("\nThe share of %s over time\n", watchedFunctions)
	d.printSeries(frames)
	return nil
}

func (d *demo) health(ctx context.Context) error {
	result, err := d.process.CheckHealth(ctx, &backend.CheckHealthRequest{PluginContext: d.context})
	if err != nil {
		return err
	}
	d.printf("  %s\n", result.Message)
	if result.Status != backend.HealthStatusOk {
		return errors.New("the data source is not healthy")
	}
	d.printf("\nQueries\n")
	return nil
}

// query runs one target and returns its frames.
func (d *demo) query(ctx context.Context, query map[string]any) (data.Frames, error) {
	raw, err := json.Marshal(query)
	if err != nil {
		return nil, err
	}
	refID := query["refId"].(string)
	response, err := d.process.QueryData(ctx, &backend.QueryDataRequest{
		PluginContext: d.context,
		Queries: []backend.DataQuery{{
			RefID:         refID,
			QueryType:     query["queryType"].(string),
			TimeRange:     backend.TimeRange{From: d.from, To: d.to},
			Interval:      15 * time.Second,
			MaxDataPoints: 1000,
			JSON:          raw,
		}},
	})
	if err != nil {
		return nil, err
	}
	answer := response.Responses[refID]
	if answer.Error != nil {
		return nil, answer.Error
	}
	if len(answer.Frames) == 0 {
		return nil, errors.New("the answer has no frames")
	}
	return answer.Frames, nil
}

// printCost prints the plan's figures and the times, as the query inspector's
// Stats tab has them.
func (d *demo) printCost(f *data.Frame) {
	for line := range strings.Lines(f.Meta.ExecutedQueryString) {
		d.printf("  %s", line)
	}
	d.printf("\n\n")
	for _, stat := range f.Meta.Stats {
		d.printf("  %-24s %s\n", stat.DisplayName, inUnit(stat.Value, stat.Unit))
	}
}

func (d *demo) printFunctions(f *data.Frame) {
	name, _ := f.FieldByName("function")
	self, _ := f.FieldByName("self")
	total, _ := f.FieldByName("total")
	if name == nil || self == nil || total == nil {
		d.printf("  the answer has no functions\n")
		return
	}
	d.printf("  %10s  %10s  %s\n", "self", "total", "function")
	for i := range min(f.Rows(), 10) {
		d.printf("  %10s  %10s  %s\n", number(self, i), number(total, i), name.At(i))
	}
}

func (d *demo) printSeries(frames data.Frames) {
	for _, f := range frames {
		if len(f.Fields) < 2 {
			continue
		}
		times, values := f.Fields[0], f.Fields[1]
		d.printf("  %s\n", values.Labels)
		for i := range f.Rows() {
			at, _ := times.At(i).(time.Time)
			d.printf("    %s  %10s  %s\n", at.Local().Format(time.TimeOnly), number(values, i), bar(values, i))
		}
	}
}

// number formats a value in its field's unit.
func number(f *data.Field, row int) string {
	value, err := f.FloatAt(row)
	if err != nil {
		return fmt.Sprint(f.At(row))
	}
	unit := ""
	if f.Config != nil {
		unit = f.Config.Unit
	}
	return inUnit(value, unit)
}

// inUnit knows the units of the demo's own queries.
func inUnit(value float64, unit string) string {
	switch unit {
	case "ns":
		return time.Duration(value).Round(time.Millisecond).String()
	case "ms":
		return fmt.Sprintf("%.2f ms", value)
	case "bytes":
		return fmt.Sprintf("%.1f KiB", value/1024)
	case "cores":
		return fmt.Sprintf("%.2f cores", value)
	case "percentunit":
		return fmt.Sprintf("%.1f %%", value*100)
	}
	return fmt.Sprintf("%g", value)
}

// bar draws a value against the largest of its series.
func bar(f *data.Field, row int) string {
	const width = 40
	value, _ := f.FloatAt(row)
	largest := 0.0
	for i := range f.Len() {
		at, _ := f.FloatAt(i)
		largest = max(largest, at)
	}
	if largest == 0 {
		return ""
	}
	return strings.Repeat("▇", int(value/largest*width))
}
