package profile

import (
	"fmt"
	"path"
	"slices"
	"strings"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// A callGraph is a pprof profile as DOT shows it: one node for each place in
// the code, and an edge from caller to callee.
type callGraph struct {
	nodes []*callNode
}

// A place is where a frame is in the code.
type place struct {
	name    string
	file    string
	line    int64
	address uint64
	binary  string // only where the place has no name
}

// describe is the place on one line; equal places have equal descriptions.
func (p place) describe() string { return strings.Join(p.parts(), " ") }

func (p place) parts() []string {
	var parts []string
	if p.address != 0 {
		parts = append(parts, fmt.Sprintf("%016x", p.address))
	}
	if p.name != "" {
		parts = append(parts, p.name)
	}
	switch {
	case p.line != 0:
		parts = append(parts, fmt.Sprintf("%s:%d", p.file, p.line))
	case p.file != "":
		parts = append(parts, p.file)
	case p.name != "":
	case p.binary != "":
		parts = append(parts, "["+path.Base(p.binary)+"]")
	default:
		parts = append(parts, "<unknown>")
	}
	return parts
}

// A callNode is a place that samples went through.
type callNode struct {
	number      int32 // of the place
	place       place
	text        string // place.describe()
	self, total int64
	in, out     []*callEdge
}

// A callEdge is the calls from one node to another.
type callEdge struct {
	from, to *callNode
	value    int64
	// skipping says that some of the calls went over places left out.
	skipping bool
	// inlined says that all of the calls were inlined.
	inlined bool
}

// A frameTable has the places of each location, the innermost inlined one
// first, as numbers.
type frameTable struct {
	places    []place
	locations [][]int32
	ids       idIndex
}

func newFrameTable(p *googlev1.Profile) (*frameTable, error) {
	locations, err := newIDIndex(len(p.Location), func(i int) uint64 { return p.Location[i].GetId() })
	if err != nil {
		return nil, err
	}
	functions, err := newIDIndex(len(p.Function), func(i int) uint64 { return p.Function[i].GetId() })
	if err != nil {
		return nil, err
	}
	mappings, err := newIDIndex(len(p.Mapping), func(i int) uint64 { return p.Mapping[i].GetId() })
	if err != nil {
		return nil, err
	}
	t := &frameTable{ids: locations, locations: make([][]int32, len(p.Location))}
	numbers := map[place]int32{}
	for i, l := range p.Location {
		var binary string
		if m := mappings.find(l.GetMappingId()); m >= 0 {
			binary = text(p, p.Mapping[m].GetFilename())
		}
		lines := l.GetLine()
		if len(lines) == 0 {
			lines = []*googlev1.Line{nil}
		}
		for _, line := range lines {
			at := place{address: l.GetAddress(), binary: binary}
			if f := functions.find(line.GetFunctionId()); f >= 0 {
				at.name = text(p, p.Function[f].GetName())
				at.file = cleanFile(text(p, p.Function[f].GetFilename()))
				at.line = line.GetLine()
				if at.name != "" {
					at.binary = ""
				}
			}
			number, ok := numbers[at]
			if !ok {
				number = int32(len(t.places))
				t.places = append(t.places, at)
				numbers[at] = number
			}
			t.locations[i] = append(t.locations[i], number)
		}
	}
	return t, nil
}

func text(p *googlev1.Profile, i int64) string {
	if i == 0 {
		return "" // even without a table
	}
	return p.StringTable[i]
}

// cleanFile is a source path without the working directory of sandboxed builds.
func cleanFile(file string) string {
	if file == "" {
		return ""
	}
	for _, prefix := range []string{"/proc/self/cwd/./", "/proc/self/cwd/"} {
		if rest, ok := strings.CutPrefix(file, prefix); ok {
			file = rest
			break
		}
	}
	if file == "" {
		return ""
	}
	return path.Clean(file)
}

// newCallGraph builds the graph of a profile's samples. With kept, by number of
// place, only those places are in it: edges skip the others.
func newCallGraph(p *googlev1.Profile, frames *frameTable, value int, kept []bool) *callGraph {
	b := graphBuilder{
		nodes: make([]*callNode, len(frames.places)),
		edges: map[[2]int32]*callEdge{},
		seen:  make([]int, len(frames.places)),
		calls: map[[2]int32]int{},
	}
	for i, s := range p.Sample {
		if v := s.GetValue()[value]; v != 0 {
			b.add(frames, s.GetLocationId(), v, i+1, kept)
		}
	}
	g := &callGraph{}
	for _, n := range b.nodes {
		if n != nil && (n.total != 0 || n.self != 0) {
			g.nodes = append(g.nodes, n)
		}
	}
	for _, e := range b.order {
		e.from.out = append(e.from.out, e)
		e.to.in = append(e.to.in, e)
	}
	return g
}

type graphBuilder struct {
	nodes []*callNode
	edges map[[2]int32]*callEdge
	order []*callEdge
	// seen and calls hold the sample that last went through a place or call, so
	// that recursion counts once.
	seen  []int
	calls map[[2]int32]int
}

// add counts one sample: its stack, leaf first, from the root on.
func (b *graphBuilder) add(frames *frameTable, stack []uint64, value int64, sample int, kept []bool) {
	caller, skipping := int32(-1), false
	for _, id := range slices.Backward(stack) {
		lines := frames.locations[frames.ids.find(id)]
		for depth, at := range slices.Backward(lines) {
			if kept != nil && !kept[at] {
				skipping = true
				continue
			}
			n := b.nodes[at]
			if n == nil {
				n = &callNode{number: at, place: frames.places[at], text: frames.places[at].describe()}
				b.nodes[at] = n
			}
			if b.seen[at] != sample {
				b.seen[at] = sample
				n.total += value
			}
			if call := [2]int32{caller, at}; caller >= 0 && caller != at && b.calls[call] != sample {
				b.calls[call] = sample
				b.call(call, value, skipping, depth != len(lines)-1)
			}
			caller, skipping = at, false
		}
	}
	if caller >= 0 && !skipping {
		b.nodes[caller].self += value
	}
}

func (b *graphBuilder) call(call [2]int32, value int64, skipping, inlined bool) {
	e := b.edges[call]
	if e == nil {
		e = &callEdge{from: b.nodes[call[0]], to: b.nodes[call[1]], inlined: inlined}
		b.edges[call] = e
		b.order = append(b.order, e)
	}
	e.value += value
	e.skipping = e.skipping || skipping
	e.inlined = e.inlined && inlined
}
