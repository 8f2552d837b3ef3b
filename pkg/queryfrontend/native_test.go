package queryfrontend_test

import (
	"context"
	"fmt"
	"sync/atomic"

	pprof "github.com/google/pprof/profile"
	"pgregory.net/rapid"

	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// nativeService is the one of a random store that has native code without symbols, beside
// code that has some.
const nativeService = "y"

// nativeLocation is a random place in native code, in one of few binaries: two of one build
// id, two of one name, and one without a build id.
func nativeLocation(t *rapid.T, p *pprof.Profile) *pprof.Location {
	m := *rapid.SampledFrom([]*pprof.Mapping{
		{BuildID: "aa", File: "/usr/lib/libone.so"}, {BuildID: "aa", File: "/usr/lib/libone.so.old"},
		{BuildID: "bb", File: "/opt/libtwo.so"}, {BuildID: "cc", File: "/srv/libtwo.so"}, {File: "/opt/libthree.so"},
	}).Draw(t, "binary")
	m.ID = uint64(len(p.Mapping) + 1)
	p.Mapping = append(p.Mapping, &m)
	return &pprof.Location{Mapping: &m, Address: rapid.Uint64Range(1, 12).Draw(t, "address")}
}

// A learningSymbolizer knows the names of the addresses below a number. It may know more the
// next time.
type learningSymbolizer struct{ known atomic.Uint64 }

// Resolve has, in turn, an address without a name, one with a name of its own, one with two
// functions that are inlined, and one whose name code with symbols has, too.
func (s *learningSymbolizer) Resolve(_ context.Context, binaries []symbols.Binary) ([][][]symbols.Frame, symbols.Cost) {
	names, cost := make([][][]symbols.Frame, len(binaries)), symbols.Cost{}
	for i, b := range binaries {
		of := symbols.BinaryCost{BuildID: b.BuildID, Name: b.Name, Addresses: len(b.Addresses)}
		names[i] = make([][]symbols.Frame, len(b.Addresses))
		for j, address := range b.Addresses {
			if address >= s.known.Load() {
				continue
			}
			switch address % 4 {
			case 1:
				names[i][j] = []symbols.Frame{{Function: fmt.Sprint(b.BuildID, " function ", address)}}
			case 2:
				names[i][j] = []symbols.Frame{{Function: "outer"}, {Function: "inlined"}, {Function: "inlined deeper"}}
			case 3:
				names[i][j] = []symbols.Frame{{Function: "leaf.a"}}
			default:
				continue
			}
			of.Named++
		}
		cost.Binaries = append(cost.Binaries, of)
	}
	return names, cost
}

// learn finds out about more addresses, where it is random whether.
func (s *learningSymbolizer) learn(t *rapid.T) {
	s.known.Add(rapid.Uint64Range(0, 4).Draw(t, "addresses that are known now"))
}
