package queryfrontend_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

const slicedType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

// A slicedCluster is a store that changes, a metastore and a query-backend over it.
type slicedCluster struct {
	t       *rapid.T
	store   *blockstore.Store
	backend *querybackend.Server
	now     int64 // Unix ms

	mu      sync.Mutex
	deleted map[string]bool
	failing error // of the next requests that read less than all
	failed  int
}

// newSlicedCluster has up to 25 profiles of the time before now, compacted up to three times.
func newSlicedCluster(t *rapid.T, now int64) *slicedCluster {
	c := &slicedCluster{t: t, now: now, deleted: make(map[string]bool),
		store: blockstore.New(blockstore.WithShards(2), blockstore.WithSegmentDuration(30*time.Second))}
	var err error
	c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
	require.NoError(t, err)
	require.NoError(t, c.backend.Start())
	for range rapid.IntRange(0, 25).Draw(t, "profiles") {
		c.ingest(now - rapid.Int64Range(0, 4_000_000).Draw(t, "age"))
	}
	c.store.Cut()
	for range rapid.IntRange(0, 3).Draw(t, "compactions") {
		c.store.Compact()
	}
	return c
}

// Blocks is the metastore's index: the store's without what was deleted.
func (c *slicedCluster) Blocks() []*metastorev1.BlockMeta {
	return slices.DeleteFunc(c.store.Blocks(), func(b *metastorev1.BlockMeta) bool { return c.deleted[b.Id] })
}

func (c *slicedCluster) QueryMetadata(ctx context.Context, r *metastorev1.QueryMetadataRequest) ([]byte, error) {
	answer, err := metastore.NewServer(c).QueryMetadata(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer.MarshalVT()
}

func (c *slicedCluster) QueryMetadataLabels(ctx context.Context, r *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return metastore.NewServer(c).QueryMetadataLabels(ctx, r)
}

func (c *slicedCluster) GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return new(metastorev1.GetTenantResponse), nil
}

func (c *slicedCluster) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	c.mu.Lock()
	failing := c.failing
	if nodes := r.GetQuery()[0].GetTree().GetMaxNodes(); failing != nil && nodes > queryfrontend.DefaultLimits().MaxNodesDefault { // as slices ask
		c.failed++
		c.mu.Unlock()
		return nil, failing
	}
	c.mu.Unlock()
	decoded, err := queryplan.Decode(r)
	if err != nil {
		return nil, err
	}
	return c.backend.Invoke(ctx, decoded)
}

// ingest writes a profile of a random stack, at a time near the given one. Some stand on
// multiples of the step, where one step ends and the next begins.
func (c *slicedCluster) ingest(at int64) {
	if rapid.Bool().Draw(c.t, "on the step") {
		at = at / 15_000 * 15_000
	}
	function := func(name string) *pprof.Function {
		return &pprof.Function{Name: name + rapid.StringMatching("[a-d]").Draw(c.t, "function")}
	}
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 1,
	}
	service := rapid.SampledFrom([]string{"x", "x", nativeService}).Draw(c.t, "service")
	sample := &pprof.Sample{Value: []int64{rapid.Int64Range(1, 1000).Draw(c.t, "value")}}
	for _, f := range []*pprof.Function{function("leaf."), function("middle."), {Name: "main"}} {
		location := new(pprof.Location)
		if service == nativeService && rapid.Bool().Draw(c.t, "native") {
			location = nativeLocation(c.t, p)
		} else {
			f.ID = uint64(len(p.Function) + 1)
			location.Line = []pprof.Line{{Function: f}}
			p.Function = append(p.Function, f)
		}
		location.ID = uint64(len(p.Location) + 1)
		p.Location = append(p.Location, location)
		sample.Location = append(sample.Location, location)
	}
	p.Sample = []*pprof.Sample{sample}
	require.NoError(c.t, c.store.Ingest(blockstore.IngestRequest{
		Tenant: rapid.SampledFrom([]string{"tenant-a", "tenant-b"}).Draw(c.t, "tenant"),
		Labels: map[string]string{
			"__name__": "process_cpu", "service_name": service,
			"pod": rapid.SampledFrom([]string{"p", "q"}).Draw(c.t, "pod"),
		},
		Profile: p, Time: time.UnixMilli(at),
	}))
}

// change lets time go by, and something happen to the store.
func (c *slicedCluster) change() {
	passed := rapid.Int64Range(1, 60_000).Draw(c.t, "time that passes")
	for range rapid.IntRange(0, 3).Draw(c.t, "new profiles") {
		c.ingest(c.now + rapid.Int64Range(0, passed).Draw(c.t, "at"))
	}
	c.now += passed
	switch rapid.SampledFrom([]string{"cut", "cut", "compact", "delete", "nothing"}).Draw(c.t, "change") {
	case "cut":
		c.store.Cut()
	case "compact":
		c.store.Cut()
		c.store.Compact()
	case "delete":
		if blocks := c.Blocks(); len(blocks) > 0 {
			c.deleted[rapid.SampledFrom(blocks).Draw(c.t, "block").Id] = true
		}
	}
}

// A slicedQuery is asked again and again, over ranges that may move. What it returns is
// the answer written down, and the bytes that were reused for it.
type slicedQuery func(t *rapid.T, f *queryfrontend.Frontend, start, end int64) (answer string, reused uint64)

func slicedPanel(selector string, of func(p *queryfrontend.PanelRequest, selector string, start, end int64)) slicedQuery {
	return func(t *rapid.T, f *queryfrontend.Frontend, start, end int64) (string, uint64) {
		var request queryfrontend.PanelRequest
		of(&request, selector, start, end)
		answer := f.Panels(context.Background(), request)[0]
		require.NoError(t, answer.Err)
		var reused uint64
		for _, a := range answer.Answers {
			reused += a.Summary.ReusedBytes
		}
		return written(t, answer), reused
	}
}

// written is all that an answer shows.
func written(t require.TestingT, answer queryfrontend.PanelAnswer) string {
	var written strings.Builder
	fmt.Fprintf(&written, "tree %q\n", answer.Tree.Marshal())
	for _, s := range answer.Series {
		fmt.Fprintf(&written, "series %x\n", deterministic(t, s))
	}
	for _, s := range answer.Heatmap {
		fmt.Fprintf(&written, "heat map %x\n", deterministic(t, s))
	}
	for _, a := range answer.Answers {
		if a.Symbols != nil {
			named, addresses := a.Symbols.Named()
			fmt.Fprintf(&written, "%d of %d addresses named in %d binaries\n", named, addresses, len(a.Symbols.Binaries))
		}
	}
	return written.String()
}

func deterministic(t require.TestingT, m proto.Message) []byte {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	require.NoError(t, err)
	return encoded
}

func slicedLookup[Request, Response any](call func(*queryfrontend.Frontend, context.Context, *connect.Request[Request]) (*connect.Response[Response], error), request func(start, end int64) *Request) slicedQuery {
	return func(t *rapid.T, f *queryfrontend.Frontend, start, end int64) (string, uint64) {
		response, err := call(f, context.Background(), connect.NewRequest(request(start, end)))
		require.NoError(t, err)
		return fmt.Sprintf("%x", deterministic(t, any(response.Msg).(proto.Message))), 0
	}
}

// panelKinds are panels of all that can be cut.
func panelKinds() []panelKind {
	limit := int64(1)
	tree := func(p *queryfrontend.PanelRequest, selector string, start, end int64) {
		p.Tree = &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: slicedType, LabelSelector: selector, Start: start, End: end}
	}
	series := func(p *queryfrontend.PanelRequest, selector string, start, end int64) {
		p.Series = &querierv1.SelectSeriesRequest{ProfileTypeID: slicedType, LabelSelector: selector, Start: start, End: end, Step: 15, GroupBy: []string{"pod"}}
	}
	heatmap := func(p *queryfrontend.PanelRequest, selector string, start, end int64) {
		p.Heatmap = &querierv1.SelectHeatmapRequest{ProfileTypeID: slicedType, LabelSelector: selector, Start: start, End: end, Step: 30, GroupBy: []string{"service_name"},
			QueryType: querierv1.HeatmapQueryType_HEATMAP_QUERY_TYPE_INDIVIDUAL, ExemplarType: typesv1.ExemplarType_EXEMPLAR_TYPE_NONE}
	}
	with := func(changes ...panelKind) panelKind {
		return func(p *queryfrontend.PanelRequest, selector string, start, end int64) {
			for _, c := range changes {
				c(p, selector, start, end)
			}
		}
	}
	exact := func(p *queryfrontend.PanelRequest, _ string, _, _ int64) { p.Exact = true }
	average := func(p *queryfrontend.PanelRequest, _ string, _, _ int64) {
		p.Series.Aggregation = typesv1.TimeSeriesAggregationType_TIME_SERIES_AGGREGATION_TYPE_AVERAGE.Enum()
	}
	focused := func(p *queryfrontend.PanelRequest, _ string, _, _ int64) {
		p.Tree.StackTraceSelector = &typesv1.StackTraceSelector{CallSite: []*typesv1.Location{{Name: "main"}}}
	}
	limited := func(p *queryfrontend.PanelRequest, _ string, _, _ int64) { p.Series.Limit = &limit }
	return []panelKind{tree, series, heatmap, with(tree, series), with(tree, exact), with(series, exact), with(heatmap, exact), with(series, average), with(series, limited), with(tree, focused)}
}

// A panelKind makes a request for a panel.
type panelKind = func(p *queryfrontend.PanelRequest, selector string, start, end int64)

func slicedQueries() []slicedQuery {
	var all []slicedQuery
	for _, selector := range []string{`{}`, `{service_name="x"}`, `{service_name="x",__tenant_id__="tenant-a"}`, `{__tenant_id__="tenant-b",pod="p"}`} {
		for _, of := range panelKinds() {
			all = append(all, slicedPanel(selector, of))
		}
	}
	matchers := []string{`{service_name="x"}`}
	return append(all,
		slicedLookup((*queryfrontend.Frontend).Diff, func(start, end int64) *querierv1.DiffRequest {
			side := func(selector string) *querierv1.SelectMergeStacktracesRequest {
				return &querierv1.SelectMergeStacktracesRequest{ProfileTypeID: slicedType, LabelSelector: selector, Start: start, End: end}
			}
			return &querierv1.DiffRequest{Left: side(`{service_name="x"}`), Right: side(`{service_name="y"}`)}
		}),
		slicedLookup((*queryfrontend.Frontend).LabelNames, func(start, end int64) *typesv1.LabelNamesRequest {
			return &typesv1.LabelNamesRequest{Start: start, End: end, Matchers: matchers}
		}),
		slicedLookup((*queryfrontend.Frontend).LabelValues, func(start, end int64) *typesv1.LabelValuesRequest {
			return &typesv1.LabelValuesRequest{Start: start, End: end, Matchers: matchers, Name: "pod"}
		}),
		slicedLookup((*queryfrontend.Frontend).Series, func(start, end int64) *querierv1.SeriesRequest {
			return &querierv1.SeriesRequest{Start: start, End: end, Matchers: matchers, LabelNames: []string{"pod", "service_name"}}
		}))
}

// Whatever is written, compacted and deleted between refreshes, whoever asks, and however
// ranges move: an answer is the same, to the byte, as without a cache.
func TestAnswersFromSlicesAreThoseOfBlocks(t *testing.T) {
	requireSameWithCache(t, slicedQueries(), 0, 0, 0, 1, 15_000, 100_000)
}

// requireSameWithCache asks queries of random stores again and again, with a cache and
// without, over ranges that end so many milliseconds before now.
func requireSameWithCache(t *testing.T, queries []slicedQuery, before ...int64) {
	const first = int64(1_790_000_000_000)
	var reusedInAll, reusedNative uint64
	rapid.Check(t, func(t *rapid.T) {
		c := newSlicedCluster(t, first)
		defer c.backend.Stop()
		// People look at a second's distance: what is kept does not depend on it.
		looks := time.UnixMilli(first)
		clock := queryfrontend.WithClock(func() time.Time { return time.UnixMilli(c.now) })
		config := queryfrontend.Config{Tenants: []string{"tenant-a", "tenant-b"}, Limits: queryfrontend.DefaultLimits()}
		cache := slicecache.New(rapid.SampledFrom([]int64{1 << 20, 1 << 20, 4 << 10}).Draw(t, "cache"), func() time.Time { return looks })
		names := new(learningSymbolizer)
		cached := queryfrontend.New(c, c, config, clock, queryfrontend.WithSymbolizer(names), queryfrontend.WithSlices(cache))
		plain := queryfrontend.New(c, c, config, clock, queryfrontend.WithSymbolizer(names))

		asked := rapid.SliceOfN(rapid.IntRange(0, len(queries)-1), 1, 3).Draw(t, "queries")
		length := rapid.SampledFrom([]int64{600_000, 3_600_000, 5_000_000}).Draw(t, "length")
		for range rapid.IntRange(2, 10).Draw(t, "refreshes") {
			looks = looks.Add(time.Second)
			end := c.now - rapid.SampledFrom(before).Draw(t, "before now")
			for _, q := range asked {
				want, _ := queries[q](t, plain, end-length, end)
				got, reused := queries[q](t, cached, end-length, end)
				require.Equal(t, want, got, "query %d", q)
				reusedInAll += reused
				if strings.Contains(got, "addresses named") || strings.Contains(got, "libtwo.so!0x") {
					reusedNative += reused
				}
			}
			c.change()
			names.learn(t)
		}
	})
	require.NotZero(t, reusedInAll, "nothing was ever reused")
	require.NotZero(t, reusedNative, "no native code was ever reused")
}

// A part that cannot be read is no part of an answer: the query is executed as a whole
// where that may help, and fails where it would not.
func TestASliceThatCannotBeReadIsReadWithTheRest(t *testing.T) {
	for code, answered := range map[codes.Code]bool{codes.Internal: true, codes.InvalidArgument: false} {
		t.Run(code.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				c := &slicedCluster{t: t, now: 1_790_000_000_000, deleted: make(map[string]bool), store: blockstore.New()}
				var err error
				c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
				require.NoError(t, err)
				require.NoError(t, c.backend.Start())
				defer c.backend.Stop()
				for i := range int64(20) {
					c.ingest(c.now - 60_000*i - 100_000)
				}
				c.store.Cut()
				for range blockstore.MaxCompactionLevel {
					c.store.Compact()
				}
				looks := time.UnixMilli(c.now)
				f := queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"tenant-a", "tenant-b"}, Limits: queryfrontend.DefaultLimits()},
					queryfrontend.WithClock(func() time.Time { return time.UnixMilli(c.now) }),
					queryfrontend.WithSlices(slicecache.New(1<<20, func() time.Time { return looks })))
				ask := func() (string, error) {
					looks = looks.Add(time.Second)
					answer := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: &querierv1.SelectMergeStacktracesRequest{
						ProfileTypeID: slicedType, LabelSelector: "{}", Start: c.now - 3_600_000, End: c.now}})[0]
					return string(answer.Tree.Marshal()), answer.Err
				}
				want, err := ask()
				require.NoError(t, err)
				require.NotEmpty(t, want)
				c.failing = status.Error(code, "a disk is broken")
				got, err := ask()
				require.Positive(t, c.failed)
				if !answered {
					require.ErrorContains(t, err, "a disk is broken")
					return
				}
				require.NoError(t, err)
				require.Equal(t, want, got)
			})
		})
	}
}
