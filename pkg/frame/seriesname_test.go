package frame_test

import (
	"testing"
	"time"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
)

func TestNamesOfSeries(t *testing.T) {
	const selector = `{service_name="checkout"}`
	pod := []string{"pod", "checkout-0"}
	two := []string{"pod", "checkout-0", "region", "eu"}
	for name, test := range map[string]struct {
		labels   []string
		legend   string
		selector string
		want     string
	}{
		"not grouped":             {nil, "", selector, `cpu {service_name="checkout"}`},
		"not grouped, everything": {nil, "", "{}", "cpu"},
		"one label":               {pod, "", selector, "cpu checkout-0"},
		"two labels":              {two, "", selector, `cpu {pod="checkout-0", region="eu"}`},
		"a quote in a label":      {[]string{"a", `x"y`, "b", ""}, "", selector, `cpu {a="x\"y", b=""}`},
		"legend":                  {two, "{{pod}} in {{ region }}", selector, "checkout-0 in eu"},
		"legend with dots":        {[]string{"k8s.pod", "p"}, "{{k8s.pod}}", selector, "p"},
		"legend of plain text":    {nil, "CPU", selector, "CPU"},
		"legend, no such label":   {pod, "{{pod}}{{nope}}", selector, "checkout-0"},
		"legend of nothing":       {pod, "{{nope}}", selector, "cpu checkout-0"},
		"legend auto":             {pod, "__auto", selector, "cpu checkout-0"},
		"legend that is no label": {pod, "{{}} {pod} {{pod", selector, "{pod} {{pod"},
		"a label with a dollar":   {[]string{"pod", "$1"}, "{{pod}}", selector, "$1"},
	} {
		t.Run(name, func(t *testing.T) {
			series := &typesv1.Series{Points: []*typesv1.Point{{Timestamp: 1}}}
			for i := 0; i < len(test.labels); i += 2 {
				series.Labels = append(series.Labels, &typesv1.LabelPair{Name: test.labels[i], Value: test.labels[i+1]})
			}
			frames := frame.Series([]*typesv1.Series{series}, cpu, frame.Rate{Step: time.Second})
			frame.NameSeries(frames, test.legend, test.selector)
			require.Equal(t, test.want, frames[0].Fields[1].Config.DisplayNameFromDS)
			require.Equal(t, "cores", frames[0].Fields[1].Config.Unit)
			require.Empty(t, frames[0].Fields[0].Config.DisplayNameFromDS, "the time is the time")
		})
	}
	frame.NameSeries(frame.Series(nil, cpu, frame.Rate{}), "{{pod}}", selector) // no data, no names
}
