package symbols_test

import (
	"testing"

	"github.com/pyrofront/pyrofront/internal/symboltest"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// manyAddresses are addresses of a program's functions.
func manyAddresses(b testing.TB, n int) (path, id string, addresses []uint64) {
	p := symboltest.Make(b, "go")
	id, first := buildIDAndFunction(b, p, "main.main")
	for i := range uint64(n) {
		addresses = append(addresses, first+i)
	}
	return p.File, id, addresses
}

// BenchmarkWarm names addresses that were named before: ns/address is what counts.
func BenchmarkWarm(b *testing.B) {
	const n = 1000
	path, id, addresses := manyAddresses(b, n)
	s := symbolizer(b, symbols.Config{Source: &shelf{files: map[string]string{id: path}}})
	ask := []symbols.Binary{{BuildID: id, Addresses: addresses}}
	s.Resolve(b.Context(), ask)
	for b.Loop() {
		s.Resolve(b.Context(), ask)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/address")
}

// BenchmarkCold names addresses of a file that nobody has seen.
func BenchmarkCold(b *testing.B) {
	path, id, addresses := manyAddresses(b, 1000)
	for b.Loop() {
		s := symbolizer(b, symbols.Config{Source: &shelf{files: map[string]string{id: path}}})
		s.Resolve(b.Context(), []symbols.Binary{{BuildID: id, Addresses: addresses}})
		s.Close()
	}
}
