package faulttest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/pkg/cluster/metastoreclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/naming"
	"github.com/pyrofront/pyrofront/pkg/cluster/querybackendclient"
	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

const (
	tenant   = "anonymous"
	queries  = 200                   // of one run
	callers  = 8                     // that ask them, side by side
	interval = 80 * time.Millisecond // between the starts of a caller's queries, at least
	deadline = 60 * time.Second      // of each query, as by default
)

var (
	// dataFrom is the time of the first profile.
	dataFrom = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	matchers = []*labels.Matcher{
		labels.MustNewMatcher(labels.MatchEqual, "service_name", "checkout"),
		labels.MustNewMatcher(labels.MatchEqual, "__profile_type__", "process_cpu:cpu:nanoseconds:cpu:nanoseconds"),
	}
)

// newStore makes the data that every stack reads.
func newStore(t *testing.T) *blockstore.Store {
	t.Helper()
	recordings, err := devstack.Recordings()
	require.NoError(t, err)
	store := blockstore.New()
	require.NoError(t, devstack.Load(store, tenant, recordings, dataFrom))
	return store
}

func newStack(t *testing.T, store *blockstore.Store, backends int) *devstack.Stack {
	t.Helper()
	stack, err := devstack.Start(store, devstack.Config{MetastoreNodes: 3, QueryBackends: backends})
	require.NoError(t, err)
	t.Cleanup(stack.Close)
	return stack
}

// clients are what a data source asks with.
type clients struct {
	metastore *metastoreclient.Client
	backends  *querybackendclient.Client
	shape     queryplan.Options
	seed      atomic.Uint64
}

// merged is a shape of plans with a block in each READ node, and MERGE nodes above: query-backends send each other parts.
var merged = queryplan.Options{LeafBlocks: 1, FanIn: 2}

// inOneNode makes plans of one READ node. What becomes of a part that one query-backend sent to another is out of a
// client's reach.
func (c *clients) inOneNode() *clients {
	c.shape = queryplan.Options{}
	return c
}

func newClients(t *testing.T, stack *devstack.Stack) *clients {
	t.Helper()
	return newClientsOf(t, transport.Config{Address: at(stack.MetastoreAddress())}, transport.Config{Address: at(stack.QueryBackendAddress())})
}

func newClientsOf(t *testing.T, m, b transport.Config) *clients {
	t.Helper()
	metastoreClient, err := metastoreclient.NewClient(m)
	require.NoError(t, err)
	backendClient, err := querybackendclient.NewClient(b)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, metastoreClient.Close())
		require.NoError(t, backendClient.Close())
	})
	return &clients{metastore: metastoreClient, backends: backendClient, shape: merged}
}

// flameGraph is one query's calls: discover the blocks, plan, and have the plan executed. It returns the call tree's bytes.
func (c *clients) flameGraph(ctx context.Context) ([]byte, error) {
	query := queryplan.Query{
		Tenants:  []string{tenant},
		Start:    dataFrom.Add(-time.Hour).UnixMilli(),
		End:      dataFrom.Add(24 * time.Hour).UnixMilli(),
		Matchers: matchers,
		Queries:  []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 8192}}},
		Seed:     c.seed.Add(1),
	}
	var found []queryplan.Metadata
	for _, request := range queryplan.Discovery(query) {
		answer, err := c.metastore.QueryMetadata(ctx, request)
		if err != nil {
			return nil, err
		}
		found = append(found, queryplan.Metadata{Request: request, Response: answer})
	}
	plan, err := queryplan.Build(query, found, c.shape)
	if err != nil {
		return nil, err
	}
	if plan.Empty() || (plan.Summary().Merges > 0) != (c.shape.FanIn == merged.FanIn) {
		return nil, fmt.Errorf("the plan has another shape: %+v", plan.Summary())
	}
	answer, err := c.backends.Invoke(ctx, plan.Request())
	if err != nil {
		return nil, err
	}
	if len(answer.GetReports()) != 1 {
		return nil, fmt.Errorf("%d reports", len(answer.GetReports()))
	}
	return answer.GetReports()[0].GetTree().GetTree(), nil
}

// run is what a load of queries met.
type run struct {
	took    []time.Duration // sorted
	errors  []error
	answers [][]byte
}

// load asks the queries at a steady rate, and waits for all. It lasts two seconds or more.
func load(ctx context.Context, c *clients) *run { return loadOf(ctx, c, queries) }

func loadOf(ctx context.Context, c *clients, queries int) *run {
	r := &run{}
	var mu sync.Mutex
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			start := time.NewTicker(interval)
			defer start.Stop()
			for range queries / callers {
				began := time.Now()
				answer, err := c.ask(ctx)
				mu.Lock()
				r.took = append(r.took, time.Since(began))
				if err != nil {
					r.errors = append(r.errors, err)
				} else {
					r.answers = append(r.answers, answer)
				}
				mu.Unlock()
				<-start.C
			}
		})
	}
	group.Wait()
	slices.Sort(r.took)
	return r
}

func (c *clients) ask(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	return c.flameGraph(ctx)
}

func (r *run) quantile(percent int) time.Duration {
	return r.took[(len(r.took)-1)*percent/100].Round(100 * time.Microsecond)
}

// unlike counts the answers that differ from the calm run's.
func (r *run) unlike(calm []byte) (n int) {
	for _, a := range r.answers {
		if !bytes.Equal(a, calm) {
			n++
		}
	}
	return n
}

// during does something again and again while f runs.
func during(f func(), again func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			again(ctx)
		}
	}()
	f()
	cancel()
	<-done
}

// pause is the clock of a fault; it returns early when the run is over.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// at parses an address that is right.
func at(address string) naming.Address {
	a, err := naming.ParseAddress(address)
	if err != nil {
		panic(err)
	}
	return a
}
