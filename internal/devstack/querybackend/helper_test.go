package querybackend_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	pprof "github.com/google/pprof/profile"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
	"github.com/pyrofront/pyrofront/internal/devstack/querybackend"
	"github.com/pyrofront/pyrofront/internal/grpctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

// storage is an object storage of blocks made by hand.
type storage struct {
	mu     sync.Mutex
	blocks map[string]*blockstore.Block
}

func newStorage(blocks ...*blockstore.Block) *storage {
	s := &storage{blocks: map[string]*blockstore.Block{}}
	for _, b := range blocks {
		s.blocks[b.Meta.Id] = b
	}
	return s
}

func (s *storage) Read(id string) (*blockstore.Block, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.blocks[id]; ok {
		return b, nil
	}
	return nil, fmt.Errorf("block %q: %w", id, blockstore.ErrNotFound)
}

// block lays datasets out as the store does: each tenant's are followed by
// its index. A section takes 10, 20 and 30 bytes, an index 7, the metadata 3.
func block(id string, sets ...*blockstore.Dataset) *blockstore.Block {
	b := &blockstore.Block{Meta: &metastorev1.BlockMeta{Id: id, StringTable: []string{""}}}
	ref := func(s string) int32 {
		i := slices.Index(b.Meta.StringTable, s)
		if i < 0 {
			i = len(b.Meta.StringTable)
			b.Meta.StringTable = append(b.Meta.StringTable, s)
		}
		return int32(i)
	}
	offset := uint64(0)
	for i, set := range sets {
		b.Datasets = append(b.Datasets, set)
		b.Meta.Datasets = append(b.Meta.Datasets, &metastorev1.Dataset{
			Tenant: ref(set.Tenant), Name: ref(set.Service), Size: 60, TableOfContents: []uint64{offset, offset + 10, offset + 30},
		})
		offset += 60
		if i == len(sets)-1 || sets[i+1].Tenant != set.Tenant {
			b.Datasets = append(b.Datasets, nil)
			b.Meta.Datasets = append(b.Meta.Datasets, &metastorev1.Dataset{
				Format: 1, Tenant: ref(set.Tenant), Size: 7, TableOfContents: []uint64{offset},
			})
			offset += 7
		}
	}
	b.Meta.MetadataOffset = offset
	b.Meta.Size = offset + 3
	return b
}

func dataset(tenant, service string, series ...*blockstore.Series) *blockstore.Dataset {
	for _, s := range series {
		s.Labels = append(s.Labels, &typesv1.LabelPair{Name: "service_name", Value: service})
		slices.SortFunc(s.Labels, func(a, b *typesv1.LabelPair) int {
			if a.Name < b.Name {
				return -1
			}
			return 1
		})
	}
	return &blockstore.Dataset{Tenant: tenant, Service: service, Series: series}
}

// series has name and value pairs as labels.
func series(labels []string, profiles ...*blockstore.Profile) *blockstore.Series {
	s := &blockstore.Series{Profiles: profiles}
	for i := 0; i < len(labels); i += 2 {
		s.Labels = append(s.Labels, &typesv1.LabelPair{Name: labels[i], Value: labels[i+1]})
	}
	return s
}

// prof is a profile with an id made of a number.
func prof(id byte, at int64, samples ...blockstore.Sample) *blockstore.Profile {
	return &blockstore.Profile{ID: uuid.UUID{15: id}, Timestamp: at, Samples: samples}
}

func uuidOf(id byte) string { return uuid.UUID{15: id}.String() }

// sample has a stack of functions, root first.
func sample(value int64, functions ...string) blockstore.Sample {
	s := blockstore.Sample{Value: value}
	for i := len(functions) - 1; i >= 0; i-- {
		s.Stack = append(s.Stack, location(functions[i]))
	}
	return s
}

// location is a location with lines of functions, innermost first.
func location(functions ...string) blockstore.Location {
	l := blockstore.Location{Address: 0x100, Mapping: blockstore.Mapping{File: "app", HasFunctions: true}}
	for i, f := range functions {
		l.Address += uint64(len(f)) + uint64(f[0])<<8
		l.Lines = append(l.Lines, blockstore.Line{Function: f, SystemName: f, File: f + ".go", Line: int64(10 + i), StartLine: 5})
	}
	return l
}

func start(t *testing.T, blocks querybackend.BlockReader) (*querybackend.Server, queryv1.QueryBackendServiceClient) {
	t.Helper()
	s, err := querybackend.New(querybackend.Config{Blocks: blocks})
	require.NoError(t, err)
	require.NoError(t, s.Start())
	t.Cleanup(s.Stop)
	return s, client(t, s.Addr())
}

func client(t *testing.T, address string) queryv1.QueryBackendServiceClient {
	t.Helper()
	reconnect := backoff.DefaultConfig
	reconnect.BaseDelay = 10 * time.Millisecond
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: reconnect, MinConnectTimeout: time.Second}),
	)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return queryv1.NewQueryBackendServiceClient(conn)
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func readNode(blocks ...*metastorev1.BlockMeta) *queryv1.QueryNode {
	return &queryv1.QueryNode{Type: queryv1.QueryNode_READ, Blocks: blocks}
}

func mergeNode(children ...*queryv1.QueryNode) *queryv1.QueryNode {
	return &queryv1.QueryNode{Type: queryv1.QueryNode_MERGE, Children: children}
}

// only is a block's metadata with some of its datasets, as a metastore
// answers.
func only(b *blockstore.Block, datasets ...int) *metastorev1.BlockMeta {
	meta := b.Meta.CloneVT()
	meta.Datasets = nil
	for _, i := range datasets {
		meta.Datasets = append(meta.Datasets, b.Meta.Datasets[i].CloneVT())
	}
	return meta
}

func request(root *queryv1.QueryNode, queries ...*queryv1.Query) *queryv1.InvokeRequest {
	return &queryv1.InvokeRequest{
		Tenant: []string{"acme"}, StartTime: 0, EndTime: 10_000, LabelSelector: "{}",
		Query: queries, QueryPlan: &queryv1.QueryPlan{Root: root},
	}
}

func treeOf(q *queryv1.TreeQuery) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TREE, Tree: q}
}

func timeSeriesOf(q *queryv1.TimeSeriesQuery) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TIME_SERIES, TimeSeries: q}
}

func compactOf(q *queryv1.TimeSeriesQuery) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TIME_SERIES_COMPACT, TimeSeriesCompact: q}
}

func heatmapOf(q *queryv1.HeatmapQuery) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_HEATMAP, Heatmap: q}
}

func pprofOf(q *queryv1.PprofQuery) *queryv1.Query {
	return &queryv1.Query{QueryType: queryv1.QueryType_QUERY_PPROF, Pprof: q}
}

// serve starts a gRPC server of a service made for a test.
func serve(t *testing.T, service queryv1.QueryBackendServiceServer) string {
	t.Helper()
	server := grpc.NewServer(grpc.WaitForHandlers(true))
	queryv1.RegisterQueryBackendServiceServer(server, service)
	return grpctest.Serve(t, server, "127.0.0.1:0")
}

// pprofStacks are a pprof's values by stack, root first, of functions with
// their lines.
func pprofStacks(t *testing.T, b []byte) map[string]int64 {
	t.Helper()
	p, err := pprof.ParseData(b)
	require.NoError(t, err)
	require.NoError(t, p.CheckValid())
	values := map[string]int64{}
	for _, s := range p.Sample {
		var frames []string
		for i := len(s.Location) - 1; i >= 0; i-- {
			l := s.Location[i]
			if len(l.Line) == 0 {
				frames = append(frames, fmt.Sprintf("%#x", l.Address))
			}
			for j := len(l.Line) - 1; j >= 0; j-- {
				frames = append(frames, fmt.Sprintf("%s:%d", l.Line[j].Function.Name, l.Line[j].Line))
			}
		}
		values[strings.Join(frames, ";")] += s.Value[0]
	}
	return values
}
