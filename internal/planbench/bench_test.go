package planbench

import (
	"fmt"
	"testing"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// BenchmarkPlan plans a service's blocks, from the metastore's bytes to those of the
// request.
func BenchmarkPlan(b *testing.B) {
	for _, blocks := range []int{1_000, 10_000, 100_000} {
		store := Synthetic{Blocks: blocks, Seed: 1, Services: 1, Median: 100 << 10}.Generate()
		q := TreeQuery("service-000")
		answers, err := store.Answer(queryplan.Discovery(q))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(blocks), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := planBytes(q, answers); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(blocks), "ns/block")
		})
	}
}
