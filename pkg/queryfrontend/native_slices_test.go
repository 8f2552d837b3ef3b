package queryfrontend_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// A nativeStore is an hour of profiles, of which each has a stack of native code and one of
// code with symbols, and the time that goes by there. What query-backends answer can be
// changed on the way.
type nativeStore struct {
	*slicedCluster
	t        *testing.T
	budget   *memory.Budget
	frontend *queryfrontend.Frontend
	cache    *slicecache.Cache
	looks    time.Time
	maxNodes int64

	mu       sync.Mutex
	fetched  uint64
	requests []*queryv1.InvokeRequest
	refuse   func(*queryv1.InvokeRequest) error
	change   func(*queryv1.InvokeResponse)
}

const (
	nativeMinutes = 60
	nativeValue   = 3 // of native code in a profile, beside 2 of code with symbols
)

func newNativeStore(t *testing.T) *nativeStore {
	t.Helper()
	c := &nativeStore{t: t, budget: memory.NewBudget(1 << 30), looks: time.UnixMilli(1_790_000_000_000),
		slicedCluster: &slicedCluster{now: 1_790_000_000_000, deleted: map[string]bool{}, store: blockstore.New(blockstore.WithSegmentDuration(30 * time.Second))}}
	var err error
	c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
	require.NoError(t, err)
	require.NoError(t, c.backend.Start())
	t.Cleanup(c.backend.Stop)
	c.now -= nativeMinutes * 60_000
	for range nativeMinutes {
		c.pass()
	}
	c.restart()
	return c
}

// restart begins with a frontend that has kept nothing.
func (c *nativeStore) restart(options ...queryfrontend.Option) {
	limits := queryfrontend.DefaultLimits()
	limits.MaxQueryLookback = 0
	c.cache = slicecache.New(1<<22, func() time.Time { return c.looks })
	options = append(options, queryfrontend.WithMemory(c.budget), queryfrontend.WithSlices(c.cache))
	c.frontend = queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"tenant-a"}, Limits: limits}, options...)
}

func (c *nativeStore) write(at int64) {
	cpu := &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}
	f := &pprof.Function{ID: 1, Name: "main"}
	m := &pprof.Mapping{ID: 1, BuildID: "aa", File: "/usr/lib/libone.so"}
	native := &pprof.Location{ID: 1, Mapping: m, Address: uint64(at / 60_000 % 4)}
	named := &pprof.Location{ID: 2, Line: []pprof.Line{{Function: f}}}
	require.NoError(c.t, c.store.Ingest(blockstore.IngestRequest{
		Tenant: "tenant-a", Labels: map[string]string{"__name__": "process_cpu", "service_name": "x"}, Time: time.UnixMilli(at),
		Profile: &pprof.Profile{
			SampleType: []*pprof.ValueType{cpu}, PeriodType: cpu, Period: 1, Function: []*pprof.Function{f}, Mapping: []*pprof.Mapping{m}, Location: []*pprof.Location{native, named},
			Sample: []*pprof.Sample{{Value: []int64{nativeValue}, Location: []*pprof.Location{native}}, {Value: []int64{2}, Location: []*pprof.Location{named}}},
		},
	}))
	c.store.Cut()
}

func (c *nativeStore) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	c.mu.Lock()
	c.requests = append(c.requests, r)
	refuse, change := c.refuse, c.change
	c.mu.Unlock()
	if refuse != nil && asksForRefs(r) {
		if err := refuse(r); err != nil {
			return nil, err
		}
	}
	response, err := c.slicedCluster.Invoke(ctx, r)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.fetched += response.GetDiagnostics().GetExecutionNode().GetStats().GetBytesFetched()
	c.mu.Unlock()
	if change != nil && len(response.GetReports()) > 0 {
		response = response.CloneVT()
		change(response)
	}
	return response, nil
}

func asksForRefs(r *queryv1.InvokeRequest) bool {
	return r.GetQuery()[0].GetTree().GetSymbolMode() == queryv1.SymbolMode_SYMBOL_MODE_REFS
}

// ask asks for the last hour, and counts what that took.
func (c *nativeStore) ask() (answer queryfrontend.PanelAnswer, fetched uint64, requests []*queryv1.InvokeRequest) {
	c.mu.Lock()
	c.fetched, c.requests = 0, nil
	c.mu.Unlock()
	c.looks = c.looks.Add(time.Second)
	ctx, scope := memory.WithScope(context.Background())
	defer scope.Close()
	answer = c.frontend.Panels(ctx, c.request())[0]
	return answer, c.fetched, c.requests
}

func (c *nativeStore) request() queryfrontend.PanelRequest {
	return queryfrontend.PanelRequest{Tree: &querierv1.SelectMergeStacktracesRequest{
		ProfileTypeID: slicedType, LabelSelector: "{}", MaxNodes: &c.maxNodes, Start: c.now - nativeMinutes*60_000, End: c.now}}
}

// pass lets a minute go by, in which a profile is written. Those of some minutes are soon in
// a block that stays.
func (c *nativeStore) pass() {
	c.now += 60_000
	c.write(c.now - 30_000)
	if c.now/60_000%3 == 0 {
		for range blockstore.MaxCompactionLevel {
			c.store.Compact()
		}
	}
}

// natively is the value of the native code that a tree shows.
func natively(tree queryfrontend.CallTree) (value int64) {
	for i, name := range tree.Name {
		if strings.HasPrefix(tree.Names[name], "libone.so!0x") {
			value += tree.Self[i]
		}
	}
	return value
}

// A refresh reads what is new, and takes all else from what was kept.
func TestARefreshOfNativeCodeReadsWhatIsNew(t *testing.T) {
	c := newNativeStore(t)
	_, whole, requests := c.ask()
	require.Len(t, requests, 1)
	require.True(t, asksForRefs(requests[0]))
	var first, all uint64
	const refreshes = 10
	for i := range refreshes {
		answer, fetched, requests := c.ask()
		require.NoError(t, answer.Err)
		require.EqualValues(t, nativeMinutes*nativeValue, natively(answer.Tree))
		require.EqualValues(t, nativeMinutes*(nativeValue+2), answer.Tree.Total())
		require.False(t, slices.ContainsFunc(requests, func(r *queryv1.InvokeRequest) bool { return !asksForRefs(r) }))
		if i == 0 {
			first = fetched
		} else {
			all += fetched
			require.Positive(t, answer.Answers[0].Summary.ReusedBytes)
		}
		c.pass()
	}
	require.Equal(t, whole, first, "the second time, all is read to be kept")
	ratio := float64(all) / float64(refreshes-1) / float64(whole)
	t.Logf("a refresh fetches %.2f of the bytes", ratio)
	require.Less(t, ratio, 0.25)
	require.Zero(t, c.budget.Used())
}

// Of a part that is refused references there are names alone, which are kept; others have
// theirs. Who does not know references may know them later.
func TestAPartIsRefusedReferences(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		forGood bool
	}{
		"too many locations": {status.Error(codes.Unknown, "too many unresolved locations in query (limit 1000000)"), true},
		"too large":          {status.Error(codes.ResourceExhausted, "grpc: received message larger than max (9 vs. 8)"), true},
		"not known":          {status.Error(codes.Unknown, "unsupported symbol_mode SYMBOL_MODE_REFS"), false},
		"not implemented":    {status.Error(codes.Unimplemented, "no such mode"), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newNativeStore(t)
			refused := 0
			c.refuse = func(r *queryv1.InvokeRequest) error {
				if first, last := c.timesOf(t, r); first <= c.now-55*60_000 && last >= c.now-55*60_000 {
					c.mu.Lock()
					refused++
					c.mu.Unlock()
					return test.err
				}
				return nil
			}
			answer, _, _ := c.ask()
			require.NoError(t, answer.Err)
			require.Zero(t, natively(answer.Tree), "one part is all")
			require.Equal(t, 1, refused)
			answer, _, _ = c.ask()
			require.NoError(t, answer.Err)
			shown := natively(answer.Tree)
			require.Positive(t, shown)
			require.Less(t, shown, int64(nativeMinutes*nativeValue))
			require.EqualValues(t, 2*nativeMinutes, answer.Tree.Total()-shown, "names are all there")
			require.Equal(t, 2, refused)

			for range 3 {
				answer, fetched, _ := c.ask()
				require.Equal(t, shown, natively(answer.Tree))
				require.Equal(t, 2, refused, "it is not asked again")
				require.Less(t, fetched, answer.Answers[0].Summary.ReusedBytes)
			}
			c.refuse = nil
			c.looks = c.looks.Add(11 * time.Minute)
			answer, _, _ = c.ask()
			require.Equal(t, test.forGood, natively(answer.Tree) == shown)
			if !test.forGood {
				require.EqualValues(t, nativeMinutes*nativeValue, natively(answer.Tree))
			}
		})
	}
}

// What is absurd is an error that says so, as it is where all is read at once, and is not
// kept.
func TestAbsurdReferencesOfParts(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*queryv1.TreeReport)
		want  string
	}{
		"binaries":  {func(r *queryv1.TreeReport) { r.SymbolRefs.BinaryNames = nil }, "0 binary_names for 1 build_ids"},
		"addresses": {func(r *queryv1.TreeReport) { r.SymbolRefs.UnresolvedAddress = nil }, "for 0 unresolved_address"},
		"build id":  {func(r *queryv1.TreeReport) { r.SymbolRefs.UnresolvedBuildId[0] = 9 }, "unresolved_build_id[0] is 9"},
		"reference": {func(r *queryv1.TreeReport) { r.SymbolRefs.Names = nil }, "into a table of 0 names"},
		"no table":  {func(r *queryv1.TreeReport) { r.SymbolRefs = new(queryv1.SymbolRefTable) }, "into a table of 0 names and 0 unresolved"},
		"end":       {func(r *queryv1.TreeReport) { r.Tree = r.Tree[:4] }, "call tree of 4 bytes"},
		"large values": {func(r *queryv1.TreeReport) {
			r.Tree = []byte{0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0}
		}, "63 bits"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newNativeStore(t)
			c.ask()
			c.change = func(r *queryv1.InvokeResponse) { test.spoil(r.Reports[0].Tree) }
			answer, _, requests := c.ask()
			require.Greater(t, len(requests), 1)
			require.ErrorContains(t, answer.Err, "query-backend sent a malformed answer")
			require.ErrorContains(t, answer.Err, test.want)
			c.change = nil
			for range 2 {
				answer, _, _ = c.ask()
				require.NoError(t, answer.Err)
				require.EqualValues(t, nativeMinutes*nativeValue, natively(answer.Tree))
			}
			require.Zero(t, c.budget.Used())
		})
	}
}

// flatReferences makes a tree of places in one binary, each right below the root.
func flatReferences(report *queryv1.TreeReport, nodes int, value func(i uint64) uint64) {
	table := &queryv1.SymbolRefTable{Names: []string{""}, BuildIds: []string{"aa"}, BinaryNames: []string{"libone.so"}}
	b := appendUvarints([]byte{0, 0}, uint64(nodes))
	for i := range uint64(nodes) {
		table.UnresolvedBuildId, table.UnresolvedAddress = append(table.UnresolvedBuildId, 0), append(table.UnresolvedAddress, i)
		b = appendUvarints(b, 1+i, value(i), 0)
	}
	report.Tree, report.SymbolRefs = b, table
}

// Parts are cut before they are kept, to far more nodes than are shown: nothing is lost.
func TestPartsWithManyReferences(t *testing.T) {
	c := newNativeStore(t)
	c.maxNodes = 100
	c.ask()
	const nodes = 10_000
	c.change = func(r *queryv1.InvokeResponse) {
		flatReferences(r.Reports[0].Tree, nodes, func(i uint64) uint64 { return 1 + i%100 })
	}
	const each = nodes / 100 * 5050
	answer, _, requests := c.ask()
	require.NoError(t, answer.Err)
	require.EqualValues(t, each*len(requests), answer.Tree.Total())
	require.LessOrEqual(t, answer.Tree.Len(), 202)
	require.Less(t, c.cache.Bytes(), uint64(len(requests)*1600*15), "of 1600 nodes each")
	again, _, read := c.ask()
	require.EqualValues(t, each*(len(read)+again.Answers[0].Summary.ReusedSlices), again.Tree.Total())
	require.Greater(t, again.Answers[0].Summary.ReusedSlices, 2)
	require.Zero(t, c.budget.Used())
}

// Parts with references may take more memory than the whole. What was taken for them is given
// back before the whole is read.
func TestPartsThatDoNotFitAreReadAsAWhole(t *testing.T) {
	c := newNativeStore(t)
	c.maxNodes = 10_000
	const nodes = 10_000
	c.change = func(r *queryv1.InvokeResponse) {
		flatReferences(r.Reports[0].Tree, nodes, func(uint64) uint64 { return 1 })
	}
	c.budget = memory.NewBudget(24 << 20) // a tree takes 6 MB
	c.restart()
	whole, _, _ := c.ask()
	require.NoError(t, whole.Err)
	answer, _, requests := c.ask()
	require.Greater(t, len(requests), 4, "it was tried in parts")
	require.NoError(t, answer.Err)
	require.EqualValues(t, nodes, answer.Tree.Total())
	require.Zero(t, c.budget.Used())
}

func appendUvarints(b []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		b = append(b, byte(n))
	}
	return b
}

// A slowSymbolizer has names after a while, for who waits so long.
type slowSymbolizer struct {
	mu     sync.Mutex
	waited []time.Duration
	ready  chan struct{}
}

func (s *slowSymbolizer) Resolve(ctx context.Context, binaries []symbols.Binary) ([][][]symbols.Frame, symbols.Cost) {
	began := time.Now()
	names, cost := make([][][]symbols.Frame, len(binaries)), symbols.Cost{}
	named := false
	select {
	case <-s.ready:
		named = true
	case <-ctx.Done():
	case <-time.After(5 * time.Second):
	}
	for i, b := range binaries {
		names[i] = make([][]symbols.Frame, len(b.Addresses))
		of := symbols.BinaryCost{BuildID: b.BuildID, Name: b.Name, Addresses: len(b.Addresses), State: symbols.StatePending}
		if named {
			of.State, of.Named = symbols.StateResolved, len(b.Addresses)
			for j := range names[i] {
				names[i][j] = []symbols.Frame{{Function: "a name"}}
			}
		}
		cost.Binaries = append(cost.Binaries, of)
	}
	s.mu.Lock()
	s.waited = append(s.waited, time.Since(began))
	s.mu.Unlock()
	return names, cost
}

// A picture does not wait for names, and has those that are there; the answer waits.
func TestAPictureDoesNotWaitForNames(t *testing.T) {
	c := newNativeStore(t)
	names := &slowSymbolizer{ready: make(chan struct{})}
	c.restart(queryfrontend.WithSymbolizer(names))
	c.frontend.TakeForSlow()
	w := queryfrontend.NewWatch()
	pictures, named := 0, 0
	var once sync.Once
	c.change = func(*queryv1.InvokeResponse) {
		ctx, scope := memory.WithScope(context.Background())
		defer scope.Close()
		began := time.Now()
		sight := w.Look(ctx)[0]
		took := time.Since(began)
		c.mu.Lock()
		defer c.mu.Unlock()
		if !sight.Ready {
			return
		}
		pictures++
		require.Less(t, took, time.Second)
		require.NotNil(t, sight.Answer.Answers[0].Symbols)
		if slices.Contains(sight.Answer.Tree.Names, "a name") {
			named++
			require.Zero(t, natively(sight.Answer.Tree))
		} else {
			require.Positive(t, natively(sight.Answer.Tree))
		}
		if pictures == 2 {
			once.Do(func() { close(names.ready) })
		}
	}
	ctx, scope := memory.WithScope(context.Background())
	answer := c.frontend.WatchPanels(ctx, w, c.request())[0]
	require.NoError(t, answer.Err)
	require.EqualValues(t, nativeMinutes*(nativeValue+2), answer.Tree.Total())
	require.Zero(t, natively(answer.Tree))
	require.Equal(t, 1, answer.Answers[0].Symbols.Count(symbols.StateResolved))
	require.Len(t, answer.Answers[0].Symbols.Binaries, 1, "of all parts together")
	require.Greater(t, pictures, 2)
	require.Positive(t, named)
	scope.Close()
	require.Zero(t, c.budget.Used())
}

// Many name the same slices at once, each with names of its own: what is kept stays as it
// came, and so is shown as it is by who has no names.
func TestNamingLeavesWhatIsKept(t *testing.T) {
	c := newNativeStore(t)
	c.maxNodes = 1000
	names := &learningSymbolizer{}
	c.restart(queryfrontend.WithSymbolizer(names))
	c.ask()
	before, _, _ := c.ask()
	require.NoError(t, before.Err)
	require.EqualValues(t, nativeMinutes*nativeValue, natively(before.Tree))
	names.known.Store(100)
	var asking sync.WaitGroup
	for i := range 8 {
		asking.Go(func() {
			ctx, scope := memory.WithScope(context.Background())
			defer scope.Close()
			request := c.request()
			request.Tree.Start -= int64(i) // of a flight of its own
			answer := c.frontend.Panels(ctx, request)[0]
			if answer.Err != nil || natively(answer.Tree) >= natively(before.Tree) || answer.Tree.Total() != before.Tree.Total() {
				t.Errorf("%v, %d of %d without names", answer.Err, natively(answer.Tree), answer.Tree.Total())
			}
		})
	}
	asking.Wait()
	names.known.Store(0)
	again, _, _ := c.ask()
	require.Equal(t, before.Tree.Marshal(), again.Tree.Marshal())
	require.Greater(t, again.Answers[0].Summary.ReusedSlices, 2)
	require.Zero(t, c.budget.Used())
}
