package queryplan_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

const (
	cpu    = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"
	memory = "memory:inuse_space:bytes:space:bytes"
	tenant = "tenant-a"
)

// A testBlock describes a block; zero fields get defaults.
type testBlock struct {
	id       string
	from     int64
	tenant   string // empty as of a segment
	shard    uint32
	size     uint64
	sets     []testSet
	noIndex  bool
	noOffset bool
}

// A testSet describes a dataset: its label sets, as pairs of name and value.
type testSet struct {
	tenant   string
	service  string
	labels   [][]string
	min, max int64
	size     uint64
}

// set is a dataset as Pyroscope's writers leave it: a label set a profile type.
func set(service string, types ...string) testSet {
	s := testSet{service: service}
	for _, t := range types {
		s.labels = append(s.labels, []string{"service_name", service, "__profile_type__", t})
	}
	return s
}

// with adds a label set.
func (s testSet) with(pairs ...string) testSet {
	s.labels = append(append([][]string(nil), s.labels...), pairs)
	return s
}

func (s testSet) sized(bytes uint64) testSet { s.size = bytes; return s }

// blocksOf builds metadata with all labels, as the metastore stores it.
func blocksOf(blocks ...testBlock) *planbench.Store {
	store := new(planbench.Store)
	for _, b := range blocks {
		store.Blocks = append(store.Blocks, b.metadata())
	}
	return store
}

func (b testBlock) metadata() *metastorev1.BlockMeta {
	var table = []string{""}
	put := func(s string) int32 {
		for i, known := range table {
			if known == s {
				return int32(i)
			}
		}
		table = append(table, s)
		return int32(len(table) - 1)
	}
	m := &metastorev1.BlockMeta{FormatVersion: 1, Id: b.id, MinTime: b.from, MaxTime: 1000, Shard: b.shard, Tenant: put(b.tenant)}
	var offset uint64
	tenants := make(map[string]bool)
	var order []string
	for _, s := range b.sets {
		if s.tenant == "" {
			s.tenant = tenant
		}
		if s.size == 0 {
			s.size = 1000
		}
		if s.max == 0 {
			s.max = 1000
		}
		if !tenants[s.tenant] {
			tenants[s.tenant] = true
			order = append(order, s.tenant)
		}
		d := &metastorev1.Dataset{
			Tenant: put(s.tenant), Name: put(s.service), MinTime: s.min, MaxTime: s.max, Size: s.size,
			TableOfContents: []uint64{offset, offset + s.size/2, offset + s.size*3/4},
		}
		for _, pairs := range s.labels {
			d.Labels = append(d.Labels, int32(len(pairs)/2))
			for _, text := range pairs {
				d.Labels = append(d.Labels, put(text))
			}
		}
		m.Datasets = append(m.Datasets, d)
		offset += s.size
	}
	for _, t := range order {
		if b.noIndex {
			break
		}
		m.Datasets = append(m.Datasets, &metastorev1.Dataset{
			Format: 1, Tenant: put(t), MaxTime: 1000, Size: 100, TableOfContents: []uint64{offset},
			Labels: []int32{1, put("__tenant_dataset__"), put("dataset_tsdb_index")},
		})
		offset += 100
	}
	m.Size = offset + 50
	if b.size > 0 {
		m.Size = b.size
	}
	if !b.noOffset {
		m.MetadataOffset = m.Size - 50
	}
	m.StringTable = table
	return m
}

func match(t labels.MatchType, name, value string) *labels.Matcher {
	return labels.MustNewMatcher(t, name, value)
}

func equal(name, value string) *labels.Matcher { return match(labels.MatchEqual, name, value) }

var (
	tree       = &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TREE, Tree: &queryv1.TreeQuery{MaxNodes: 10}}
	series     = &queryv1.Query{QueryType: queryv1.QueryType_QUERY_TIME_SERIES, TimeSeries: &queryv1.TimeSeriesQuery{Step: 1}}
	labelNames = &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES, LabelNames: &queryv1.LabelNamesQuery{}}
)

func query(q *queryv1.Query, matchers ...*labels.Matcher) queryplan.Query {
	return queryplan.Query{
		Tenants: []string{tenant}, Start: 0, End: 1000, Matchers: matchers, Queries: []*queryv1.Query{q}, Seed: 1,
	}
}

// build discovers and plans.
func build(t require.TestingT, store *planbench.Store, q queryplan.Query, o queryplan.Options) *queryplan.Plan {
	answers, err := store.Answer(queryplan.Discovery(q))
	require.NoError(t, err)
	plan, err := queryplan.Build(q, answers, o)
	require.NoError(t, err)
	return plan
}

// encode has answers as they come over the wire.
func encode(t require.TestingT, answers ...*metastorev1.QueryMetadataResponse) []queryplan.Metadata {
	var metadata []queryplan.Metadata
	for _, answer := range answers {
		encoded, err := answer.MarshalVT()
		require.NoError(t, err)
		metadata = append(metadata, queryplan.Metadata{Request: new(metastorev1.QueryMetadataRequest), Response: encoded})
	}
	return metadata
}

// droppedBy counts the datasets that a rule has dropped.
func droppedBy(plan *queryplan.Plan, rule string) int {
	for _, d := range plan.Summary().Dropped {
		if d.Rule == rule {
			return d.Datasets
		}
	}
	return 0
}

// requestOf returns a plan's request as a query-backend reads it.
func requestOf(plan *queryplan.Plan) *queryv1.InvokeRequest {
	request, err := queryplan.Decode(plan.Request())
	if err != nil {
		panic(err)
	}
	return request
}

// requireWire checks that a request is, to the byte, what the message that a
// query-backend reads would be written as: that blocks are in wire format.
func requireWire(t require.TestingT, plan *queryplan.Plan) {
	sent, err := proto.Marshal(plan.Request())
	require.NoError(t, err)
	encode := proto.MarshalOptions{Deterministic: true}
	read, err := encode.Marshal(requestOf(plan))
	require.NoError(t, err)
	require.Equal(t, sent, read)
	for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
		require.Empty(t, leaf.ProtoReflect().GetUnknown())
		for _, b := range leaf.Blocks {
			require.Empty(t, b.ProtoReflect().GetUnknown())
			for _, d := range b.Datasets {
				require.Empty(t, d.ProtoReflect().GetUnknown())
			}
		}
	}
}

// A read is a dataset that a plan reads, by its place.
type read struct {
	block  string
	tenant string
	offset uint64
	index  bool
}

// readsOf counts how many times a plan reads each dataset.
func readsOf(plan *queryplan.Plan) map[read]int {
	reads := make(map[read]int)
	for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
		for _, b := range leaf.Blocks {
			for i := range b.Datasets {
				reads[place(b, i)]++
			}
		}
	}
	return reads
}

// place is where the block's i-th dataset is.
func place(b *metastorev1.BlockMeta, i int) read {
	d := b.Datasets[i]
	return read{b.Id, b.StringTable[d.Tenant], d.TableOfContents[0], d.Format == 1}
}

// requireReads checks that a plan reads just these datasets, by block and index,
// each once.
func requireReads(t *testing.T, store *planbench.Store, plan *queryplan.Plan, want map[string][]int) {
	t.Helper()
	reads := make(map[read]int)
	for _, b := range store.Blocks {
		for _, i := range want[b.Id] {
			reads[place(b, i)] = 1
		}
	}
	require.Equal(t, reads, readsOf(plan))
}

// An anyRead tells datasets apart that may have no table of contents.
type anyRead struct {
	block, tenant string
	shard, level  uint32
	format        uint32
	offset, size  uint64
}

func anyReadOf(b *metastorev1.BlockMeta, i int) anyRead {
	d := b.Datasets[i]
	r := anyRead{block: b.Id + "/" + b.StringTable[b.Tenant], tenant: b.StringTable[d.Tenant],
		shard: b.Shard, level: b.CompactionLevel, format: d.Format, size: d.Size}
	if len(d.TableOfContents) > 0 {
		r.offset = d.TableOfContents[0]
	}
	return r
}

func readsOfAny(plan *queryplan.Plan) map[anyRead]int {
	reads := make(map[anyRead]int)
	for _, leaf := range planbench.Leaves(requestOf(plan).GetQueryPlan().GetRoot()) {
		for _, b := range leaf.Blocks {
			for i := range b.Datasets {
				reads[anyReadOf(b, i)]++
			}
		}
	}
	return reads
}
