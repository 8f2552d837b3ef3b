package profile

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"path"
	"slices"
	"strings"
	"time"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// DOT draws a pprof profile as a call graph in Graphviz' language, as pprof's
// own -dot report does: one node for each line of code, of the last sample type,
// with the maxNodes nodes of most interest (below 1: all). It is an error when
// the profile has no sample type, or is not sound: see CheckPprof.
func DOT(p *googlev1.Profile, maxNodes int64) (string, error) {
	if err := CheckPprof(p); err != nil {
		return "", err
	}
	if len(p.GetSampleType()) == 0 {
		return "", errors.New("pprof profile: it has no sample type to draw")
	}
	frames, err := newFrameTable(p)
	if err != nil {
		return "", err
	}
	value := len(p.SampleType) - 1
	graph := newCallGraph(p, frames, value, nil)
	graph.sortByInterest()
	all := len(graph.nodes)
	if maxNodes > 0 && maxNodes < int64(all) {
		kept := make([]bool, len(frames.places))
		for _, n := range graph.nodes[:maxNodes] {
			kept[n.number] = true
		}
		graph = newCallGraph(p, frames, value, kept)
		graph.sortByInterest()
	}
	graph.removeDetours()

	d := dotWriter{unit: dotUnit(text(p, p.SampleType[value].GetUnit()))}
	for _, s := range p.Sample {
		share := absolute(s.Value[value])
		if share < 0 || d.total > math.MaxInt64-share {
			return "", fmt.Errorf("pprof profile: its values add up to more than %d", int64(math.MaxInt64))
		}
		d.total += share
	}
	d.draw(graph, p, value, all)
	return d.text.String(), nil
}

// A dotWriter writes one graph.
type dotWriter struct {
	text  strings.Builder
	unit  unit
	total int64 // of all samples, without their signs
}

func (d *dotWriter) draw(g *callGraph, p *googlev1.Profile, value, all int) {
	title := "unnamed"
	legend := d.legend(g, p, value, all)
	binary := mainBinary(p)
	if binary != "" {
		title = binary
	}
	fmt.Fprintf(&d.text, "digraph \"%s\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n", escapeDOT(title))
	fmt.Fprintf(&d.text, `subgraph cluster_L { "%s" [shape=box fontsize=16 label="`, escapeDOT(legend[0]))
	for _, line := range legend {
		d.text.WriteString(escapeDOT(line) + `\l`)
	}
	d.text.WriteString(`"`)
	if binary != "" {
		fmt.Fprintf(&d.text, ` tooltip="%s"`, escapeDOT(binary))
	}
	d.text.WriteString("] }\n")

	number := make(map[*callNode]int, len(g.nodes))
	var largest int64
	for i, n := range g.nodes {
		number[n] = i + 1
		largest = max(largest, absolute(n.self))
	}
	var edges []*callEdge
	for i, n := range g.nodes {
		d.node(n, i+1, largest)
		edges = append(edges, n.out...)
	}
	sortEdges(edges)
	for _, e := range edges {
		// Values of both signs can leave a node without a value: it is not shown.
		if number[e.from] > 0 && number[e.to] > 0 {
			d.edge(e, number[e.from], number[e.to])
		}
	}
	d.text.WriteString("}\n")
}

// mainBinary is the name of the first mapping's file.
func mainBinary(p *googlev1.Profile) string {
	if len(p.Mapping) == 0 {
		return ""
	}
	file := text(p, p.Mapping[0].GetFilename())
	if file == "" {
		return ""
	}
	return path.Base(file)
}

func (d *dotWriter) legend(g *callGraph, p *googlev1.Profile, value, all int) []string {
	var lines []string
	if binary := mainBinary(p); binary != "" {
		lines = append(lines, "File: "+binary)
	}
	if len(p.Mapping) > 0 {
		if id := text(p, p.Mapping[0].GetBuildId()); id != "" {
			lines = append(lines, "Build ID: "+id)
		}
	}
	if name := text(p, p.SampleType[value].GetType()); name != "" {
		lines = append(lines, "Type: "+name)
	}
	if p.TimeNanos != 0 {
		lines = append(lines, "Time: "+time.Unix(0, p.TimeNanos).UTC().Format("Jan 2, 2006 at 3:04pm (MST)"))
	}
	var shown int64
	for _, n := range g.nodes {
		shown += n.self
	}
	lines = append(lines, fmt.Sprintf("Showing nodes accounting for %s, %s of %s total", d.unit.format(shown), d.percent(shown), d.unit.format(d.total)))
	if d.total != 0 && len(g.nodes) > 0 && len(g.nodes) < all {
		lines = append(lines, fmt.Sprintf("Showing top %d nodes out of %d", len(g.nodes), all))
	}
	return append(lines, "\nSee https://git.io/JfYMW for how to read the graph")
}

func (d *dotWriter) node(n *callNode, number int, largest int64) {
	self, total := d.unit.format(n.self), d.unit.format(n.total)
	label := dotLabel(n.place)
	if n.self == 0 {
		label += "0"
	} else {
		label += fmt.Sprintf("%s (%s)", self, d.percent(n.self))
	}
	if n.total != n.self {
		separator := " "
		if n.self != 0 {
			separator = `\n`
		}
		label += fmt.Sprintf("%sof %s (%s)", separator, total, d.percent(n.total))
	}
	// From 8 to 24 points, by the square root of the self value.
	size := 8
	if n.self != 0 {
		size += int(math.Ceil(16 * math.Sqrt(float64(absolute(n.self))/float64(largest))))
	}
	share := float64(n.total) / float64(d.total)
	fmt.Fprintf(&d.text, `N%d [label="%s" id="node%d" fontsize=%d shape=box tooltip="%s (%s)" color="%s" fillcolor="%s"]`+"\n",
		number, label, number, size, escapeDOT(n.text), total, lineColor(share), fillColor(share))
}

func (d *dotWriter) edge(e *callEdge, from, to int) {
	value := d.unit.format(e.value)
	fmt.Fprintf(&d.text, `N%d -> N%d [label=" %s`, from, to, value)
	if e.inlined {
		d.text.WriteString(`\n (inline)`)
	}
	d.text.WriteString(`"`)
	if d.total != 0 {
		if weight := 1 + parts(e.value, d.total, 100); weight > 1 {
			fmt.Fprintf(&d.text, " weight=%d", weight)
		}
		if width := 1 + parts(e.value, d.total, 5); width > 1 {
			fmt.Fprintf(&d.text, " penwidth=%d", width)
		}
		fmt.Fprintf(&d.text, ` color="%s"`, lineColor(float64(e.value)/float64(d.total)))
	}
	arrow := "->"
	if e.skipping {
		arrow = "..."
	}
	tooltip := fmt.Sprintf("%s %s %s (%s)", escapeDOT(e.from.text), arrow, escapeDOT(e.to.text), value)
	fmt.Fprintf(&d.text, ` tooltip="%s" labeltooltip="%s"`, tooltip, tooltip)
	if e.skipping {
		d.text.WriteString(` style="dotted"`)
	}
	d.text.WriteString("]\n")
}

// parts is how many of the total's equal parts a value makes, and no more than
// there are. The product can be larger than an int64: a hundred times 2,000 cores
// for a day, in nanoseconds.
func parts(value, total, of int64) int64 {
	high, low := bits.Mul64(uint64(absolute(value)), uint64(of))
	if high >= uint64(absolute(total)) {
		return of
	}
	share, _ := bits.Div64(high, low, uint64(absolute(total)))
	return int64(min(share, uint64(of)))
}

// percent is a value's share of the total, with two digits or more.
func (d *dotWriter) percent(value int64) string {
	var percent float64
	if d.total != 0 {
		percent = math.Abs(float64(value)/float64(d.total)) * 100
	}
	switch {
	case percent >= 99.95 && percent <= 100.05:
		return "100%"
	case percent >= 1:
		return fmt.Sprintf("%.2f%%", percent)
	default:
		return fmt.Sprintf("%.2g%%", percent)
	}
}

// A unit scales values to what they are shown in.
type unit struct {
	name   string
	factor float64
	base   float64
}

// dotUnit shows times in seconds, sizes in bytes, and all else as it is.
func dotUnit(name string) unit {
	name = strings.ToLower(name)
	if len(name) > 2 {
		name = strings.TrimSuffix(name, "s")
	}
	for _, u := range []struct {
		names  []string
		factor float64
		shown  string
		base   time.Duration // in the unit of factor
	}{
		{[]string{"b", "byte"}, 1, "B", 1},
		{[]string{"kb", "kbyte", "kilobyte"}, 1 << 10, "B", 1},
		{[]string{"mb", "mbyte", "megabyte"}, 1 << 20, "B", 1},
		{[]string{"gb", "gbyte", "gigabyte"}, 1 << 30, "B", 1},
		{[]string{"tb", "tbyte", "terabyte"}, 1 << 40, "B", 1},
		{[]string{"pb", "pbyte", "petabyte"}, 1 << 50, "B", 1},
		{[]string{"ns", "nanosecond"}, float64(time.Nanosecond), "s", time.Second},
		{[]string{"us", "microsecond"}, float64(time.Microsecond), "s", time.Second},
		{[]string{"ms", "millisecond"}, float64(time.Millisecond), "s", time.Second},
		{[]string{"s", "sec", "second"}, float64(time.Second), "s", time.Second},
		{[]string{"hr", "hour"}, float64(time.Hour), "s", time.Second},
	} {
		if slices.Contains(u.names, name) {
			return unit{name: u.shown, factor: u.factor, base: float64(u.base)}
		}
	}
	return unit{factor: 1, base: 1}
}

func (u unit) format(value int64) string {
	s := strings.TrimSuffix(fmt.Sprintf("%.2f", float64(value)*u.factor/u.base), ".00")
	if s == "0" || s == "-0" {
		return "0"
	}
	return s + u.name
}

// lineColor and fillColor go from green (-1) over grey (0) to red (1), in full
// color for lines, pale for what they enclose.
func lineColor(share float64) string { return shareColor(share, 1, 0.7) }
func fillColor(share float64) string { return shareColor(share, 0.1, 0.93) }

func shareColor(share, saturation, brightness float64) string {
	const (
		grey  = 0.2       // shares smaller than this lose saturation
		power = 1.0 - 0.7 // lifts small shares away from grey
	)
	strength := min(math.Abs(share), 1)
	if strength < grey {
		saturation *= strength / grey
	}
	strength = math.Pow(strength, power)
	strong, weak := brightness, brightness*(1-saturation*strength)
	red, green, blue := strong, weak, brightness*(1-saturation)
	if share < 0 {
		red, green = green, red
	}
	return fmt.Sprintf("#%02x%02x%02x", uint8(red*255), uint8(green*255), uint8(blue*255))
}
