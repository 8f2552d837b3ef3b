package transport_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// roundRobin is the policy that LeastLoaded is measured against.
type roundRobin struct{ turn int }

func (r *roundRobin) Pick(candidates []transport.Candidate) transport.Candidate {
	best := transport.Best(candidates)
	r.turn++
	return best[r.turn%len(best)]
}

func (r *roundRobin) Report(*transport.Endpoint, error, []*transport.Endpoint) transport.Verdict {
	return transport.Verdict{}
}

// limited is a backend that runs 8 queries at a time, each for so long; others wait in it.
func limited(took time.Duration) handler {
	const places = 8
	place := make(chan struct{}, places)
	return func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		place <- struct{}{}
		defer func() { <-place }()
		select {
		case <-time.After(took):
			return &queryv1.InvokeResponse{}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// BenchmarkBalance compares the policies over three query-backends with 24 callers, who ask again as soon as they have
// their answer: all alike, and one ten times slower. An operation is one query.
func BenchmarkBalance(b *testing.B) {
	const callers, fast, slow = 24, 2 * time.Millisecond, 20 * time.Millisecond
	loads := []struct {
		name  string
		third handler
	}{
		{"even", limited(fast)},
		{"one-slow", limited(slow)},
	}
	policies := []struct {
		name string
		make func() transport.Policy
	}{
		{"round-robin", func() transport.Policy { return &roundRobin{} }},
		{"least-loaded", func() transport.Policy { return &transport.LeastLoaded{} }},
	}
	for _, load := range loads {
		for _, policy := range policies {
			b.Run(fmt.Sprintf("%s/%s", load.name, policy.name), func(b *testing.B) {
				address := serve(b, limited(fast)).address + "," + serve(b, limited(fast)).address + "," + serve(b, load.third).address
				p, err := transport.NewClient("query-backend", transport.Config{Address: at(address), Timeout: 10 * time.Second}, policy.make())
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = p.Close() }()
				took := make([]time.Duration, b.N)
				next := make(chan int)
				var group sync.WaitGroup
				b.ResetTimer()
				for range callers {
					group.Go(func() {
						for i := range next {
							began := time.Now()
							if _, err := invoke(context.Background(), p); err != nil {
								b.Error(err)
							}
							took[i] = time.Since(began)
						}
					})
				}
				for i := range b.N {
					next <- i
				}
				close(next)
				group.Wait()
				b.StopTimer()
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
				b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-µs")
			})
		}
	}
}

// Hundreds of endpoints cost a pick microseconds.
func BenchmarkPick(b *testing.B) {
	candidates := make([]transport.Candidate, 500)
	for i := range candidates {
		candidates[i] = transport.Candidate{Endpoint: &transport.Endpoint{}, InFlight: i % 7}
	}
	policy := &transport.LeastLoaded{}
	for b.Loop() {
		policy.Pick(candidates)
	}
}

// BenchmarkCall is one call in the steady state, over loopback.
func BenchmarkCall(b *testing.B) {
	p := client(b, transport.Config{Address: at(serve(b, nil).address)})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := invoke(context.Background(), p); err != nil {
			b.Fatal(err)
		}
	}
}
