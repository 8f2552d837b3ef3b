package profilegen

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/pprof"
	"sync"
)

// A Service is a program to profile: a dispatcher that hands requests to
// workers over a channel.
type Service struct {
	Name      string
	endpoints []endpoint
	// traced services label a third of their requests with span and trace.
	traced bool
}

type endpoint struct {
	path   string
	handle func(*rand.Rand)
}

// Services returns checkout, search and frontend. Each holds state of its own.
func Services() []*Service {
	return []*Service{newCheckout(), newSearch(), newFrontend()}
}

const (
	workers = 4
	// spans is how many distinct spans the traced requests share, so that
	// each collects enough samples to show something.
	spans = 6
)

// Run serves requests until the context ends.
func (s *Service) Run(ctx context.Context) {
	requests := make(chan int)
	var wg sync.WaitGroup
	for i := range workers {
		wg.Go(func() { s.work(ctx, rand.New(rand.NewPCG(1, uint64(i))), requests) })
	}
	s.dispatch(ctx, requests)
	wg.Wait()
}

func (s *Service) dispatch(ctx context.Context, requests chan<- int) {
	defer close(requests)
	for i := 0; ; i++ {
		select {
		case requests <- i:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Service) work(ctx context.Context, random *rand.Rand, requests <-chan int) {
	for i := range requests {
		e := s.endpoints[i%len(s.endpoints)]
		pprof.Do(ctx, s.labels(e, i), func(context.Context) { e.handle(random) })
	}
}

// labels are what a request's samples carry. Pyroscope reads span_id and
// trace_id, and profile_id as an older name of span_id.
func (s *Service) labels(e endpoint, request int) pprof.LabelSet {
	if !s.traced || request%3 != 0 {
		return pprof.Labels("endpoint", e.path)
	}
	span := request / 3 % spans
	name := "span_id"
	if span == 0 {
		name = "profile_id"
	}
	return pprof.Labels(
		"endpoint", e.path,
		name, fmt.Sprintf("c0ffee000000000%x", span),
		"trace_id", fmt.Sprintf("5ca1ab1e00000000000000000000000%x", span/2),
	)
}
