package queryfrontend_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

// A sizedCluster has blocks with as many services in each, whose datasets are said to be
// larger than they are.
type sizedCluster struct {
	store   *blockstore.Store
	backend *querybackend.Server
	dataset uint64 // bytes
	// fetched changes what is said to have been fetched.
	fetched func(node *queryv1.ExecutionNode)
}

func newSizedCluster(t *testing.T, blocks, services int, dataset uint64) *sizedCluster {
	t.Helper()
	c := &sizedCluster{store: blockstore.New(blockstore.WithShards(1)), dataset: dataset, fetched: func(*queryv1.ExecutionNode) {}}
	cpu := &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}
	f := &pprof.Function{ID: 1, Name: "main"}
	location := &pprof.Location{ID: 1, Line: []pprof.Line{{Function: f}}}
	for b := range blocks {
		for s := range services {
			require.NoError(t, c.store.Ingest(blockstore.IngestRequest{
				Tenant: "anonymous", Labels: map[string]string{"__name__": "process_cpu", "service_name": fmt.Sprintf("s%d", s)},
				Time: troubledFrom.Add(time.Duration(b) * time.Minute),
				Profile: &pprof.Profile{
					SampleType: []*pprof.ValueType{cpu}, PeriodType: cpu, Period: 1, Function: []*pprof.Function{f}, Location: []*pprof.Location{location},
					Sample: []*pprof.Sample{{Value: []int64{1}, Location: []*pprof.Location{location}}},
				},
			}))
		}
		c.store.Cut()
	}
	var err error
	c.backend, err = querybackend.New(querybackend.Config{Blocks: c.store})
	require.NoError(t, err)
	require.NoError(t, c.backend.Start())
	t.Cleanup(c.backend.Stop)
	return c
}

// Blocks are the store's, with sizes of their own.
func (c *sizedCluster) Blocks() []*metastorev1.BlockMeta {
	blocks := c.store.Blocks()
	for _, b := range blocks {
		offset := uint64(0)
		for _, d := range b.Datasets {
			d.Size = c.dataset
			d.TableOfContents = []uint64{offset, offset + c.dataset*7/10, offset + c.dataset*8/10}
			if d.Format == 1 {
				d.Size, d.TableOfContents = 1000, []uint64{offset}
			}
			offset += d.Size
		}
		b.MetadataOffset, b.Size = offset, offset+1000
	}
	return blocks
}

func (c *sizedCluster) QueryMetadata(ctx context.Context, r *metastorev1.QueryMetadataRequest) ([]byte, error) {
	answer, err := metastore.NewServer(c).QueryMetadata(ctx, r)
	if err != nil {
		return nil, err
	}
	return answer.MarshalVT()
}

func (c *sizedCluster) QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return new(metastorev1.QueryMetadataLabelsResponse), nil
}

func (c *sizedCluster) GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return new(metastorev1.GetTenantResponse), nil
}

func (c *sizedCluster) Invoke(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	decoded, err := queryplan.Decode(r)
	if err != nil {
		return nil, err
	}
	response, err := c.backend.Invoke(ctx, decoded)
	if err == nil {
		c.fetched(response.GetDiagnostics().GetExecutionNode())
	}
	return response, err
}

// A block that is not there is noticed by what was fetched, however large blocks and their
// datasets are, and whatever else of the others is passed over.
func TestABlockThatIsGoneIsNoticed(t *testing.T) {
	const mega = 1 << 20
	for name, test := range map[string]struct {
		blocks, services int
		dataset          uint64
		selector         string
		// passed is what is not fetched of large datasets, since it is not needed: of each
		// READ node's bytes, so many hundredths.
		passed uint64
	}{
		"small blocks":                               {2, 1, 100 << 10, `{service_name="s0"}`, 0},
		"small blocks of several services":           {2, 3, 100 << 10, `{}`, 0},
		"large blocks of small datasets":             {3, 5, 900 << 10, `{service_name="s0"}`, 0},
		"large blocks, all of their small datasets":  {3, 5, 900 << 10, `{}`, 0},
		"large datasets":                             {3, 2, 13 * mega, `{service_name="s0"}`, 0},
		"large datasets of which most is not read":   {3, 2, 13 * mega, `{service_name="s0"}`, 80},
		"large datasets in several reads of a block": {3, 3, 13 * mega, `{}`, 80},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSizedCluster(t, test.blocks, test.services, test.dataset)
			c.fetched = func(root *queryv1.ExecutionNode) { passOver(root, test.passed) }
			limits := queryfrontend.DefaultLimits()
			limits.MaxQueryLookback = 0
			looks := time.UnixMilli(0)
			f := queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: limits},
				queryfrontend.WithSlices(slicecache.New(1<<20, func() time.Time { return looks })))
			ask := func() *queryfrontend.Answer {
				looks = looks.Add(time.Second)
				panel := f.Panels(context.Background(), queryfrontend.PanelRequest{Tree: &querierv1.SelectMergeStacktracesRequest{
					ProfileTypeID: troubledCPU, LabelSelector: test.selector,
					Start: troubledFrom.Add(-time.Minute).UnixMilli(), End: troubledFrom.Add(time.Hour).UnixMilli(),
				}})[0]
				require.NoError(t, panel.Err)
				return panel.Answers[0]
			}
			for range 3 {
				answer := ask()
				require.False(t, answer.Short, "all blocks are there")
				require.Positive(t, answer.BytesFetched())
				require.Empty(t, answer.Diagnostics.GetExecutionNode().GetExecutor(), "nobody asked how it was executed")
			}
			c.store.Lose(c.store.Blocks()[test.blocks-1].Id)
			require.True(t, ask().Short)
		})
	}
}

// passOver takes so many hundredths off what each READ node fetched, and off the sums.
func passOver(node *queryv1.ExecutionNode, hundredths uint64) {
	for _, child := range node.GetChildren() {
		passOver(child, hundredths)
	}
	if stats := node.GetStats(); stats != nil {
		stats.BytesFetched -= stats.BytesFetched * hundredths / 100
	}
}
