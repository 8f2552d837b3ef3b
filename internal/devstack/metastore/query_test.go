package metastore_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
)

// block describes a block where a test needs exact label sets.
type block struct {
	id, tenant string
	shard      uint32
	min, max   int64
	datasets   []dataset
}

type dataset struct {
	tenant, name string
	min, max     int64
	labels       [][]string
}

func (b block) meta() *metastorev1.BlockMeta {
	table := []string{""}
	put := func(s string) int32 {
		for i, x := range table {
			if x == s {
				return int32(i)
			}
		}
		table = append(table, s)
		return int32(len(table) - 1)
	}
	m := &metastorev1.BlockMeta{
		FormatVersion: 1, Id: b.id, Shard: b.shard, MinTime: b.min, MaxTime: b.max,
		Tenant: put(b.tenant), CreatedBy: put("host"), MetadataOffset: 100, Size: 200,
	}
	for _, ds := range b.datasets {
		d := &metastorev1.Dataset{
			Tenant: put(ds.tenant), Name: put(ds.name), MinTime: ds.min, MaxTime: ds.max,
			TableOfContents: []uint64{0, 10, 20}, Size: 100,
		}
		for _, set := range ds.labels {
			d.Labels = append(d.Labels, int32(len(set)/2))
			for _, s := range set {
				d.Labels = append(d.Labels, put(s))
			}
		}
		m.Datasets = append(m.Datasets, d)
	}
	m.StringTable = table
	return m
}

// decode lists an answer as block/tenant/dataset, each with its label sets.
func decode(t require.TestingT, blocks []*metastorev1.BlockMeta) (ids []string, sets map[string][][]string) {
	sets = map[string][][]string{}
	for _, b := range blocks {
		require.NotEmpty(t, b.Datasets)
		require.Empty(t, b.StringTable[0])
		for _, ds := range b.Datasets {
			id := b.Id + "/" + b.StringTable[ds.Tenant] + "/" + b.StringTable[ds.Name]
			ids = append(ids, id)
			for rest := ds.Labels; len(rest) > 0; {
				n := int(rest[0])*2 + 1
				require.LessOrEqual(t, n, len(rest))
				set := []string{}
				for _, ref := range rest[1:n] {
					set = append(set, b.StringTable[ref])
				}
				sets[id] = append(sets[id], set)
				rest = rest[n:]
			}
		}
	}
	return ids, sets
}

var oneService = metastore.FixedIndex{block{id: "1", tenant: "t", shard: 1, min: 100, max: 200, datasets: []dataset{
	{tenant: "t", name: "a", min: 100, max: 200, labels: [][]string{
		{"service_name", "a", "__profile_type__", "cpu"},
		{"service_name", "a", "__profile_type__", "mem"},
		{"service_name", "a", "__unsymbolized__", "true"},
	}},
}}.meta()}

func TestMatching(t *testing.T) {
	for name, test := range map[string]struct {
		selector string
		keep     []string
		want     [][]string // nil: no match
	}{
		"everything":                       {`{}`, []string{"__profile_type__"}, [][]string{{"__profile_type__", "cpu"}, {"__profile_type__", "mem"}, {}}},
		"nothing kept":                     {`{}`, nil, [][]string{}},
		"unknown label kept":               {`{}`, []string{"pod", ""}, [][]string{{}, {}, {}}},
		"repeated sets":                    {`{}`, []string{"service_name"}, [][]string{{"service_name", "a"}, {"service_name", "a"}, {"service_name", "a"}}},
		"order of the kept":                {`{__profile_type__="cpu"}`, []string{"__profile_type__", "service_name"}, [][]string{{"__profile_type__", "cpu", "service_name", "a"}}},
		"kept twice":                       {`{__profile_type__="cpu"}`, []string{"service_name", "service_name"}, [][]string{{"service_name", "a", "service_name", "a"}}},
		"equal":                            {`{service_name="a"}`, []string{"__unsymbolized__"}, [][]string{{}, {}, {"__unsymbolized__", "true"}}},
		"not equal":                        {`{service_name="b"}`, nil, nil},
		"one set must satisfy all":         {`{__profile_type__="cpu",__unsymbolized__="true"}`, nil, nil},
		"the trap of unsymbolized":         {`{__profile_type__="cpu"}`, []string{"__unsymbolized__"}, [][]string{{}}},
		"regexp":                           {`{__profile_type__=~"c.*|x"}`, []string{"__profile_type__"}, [][]string{{"__profile_type__", "cpu"}}},
		"regexp is anchored":               {`{__profile_type__=~"c"}`, nil, nil},
		"missing label, =":                 {`{pod="x"}`, nil, nil},
		"missing label, empty =":           {`{pod=""}`, nil, nil},
		"missing label, =~ .*":             {`{pod=~".*"}`, nil, nil},
		"missing label, !=":                {`{pod!="x"}`, []string{"__profile_type__"}, [][]string{{"__profile_type__", "cpu"}, {"__profile_type__", "mem"}, {}}},
		"missing label, empty !=":          {`{pod!=""}`, nil, [][]string{}},
		"missing label, !~":                {`{pod!~".*"}`, nil, [][]string{}},
		"!= excludes":                      {`{__profile_type__!="cpu"}`, []string{"__profile_type__"}, [][]string{{"__profile_type__", "mem"}, {}}},
		"!~ excludes, all must be missing": {`{__profile_type__!~".+"}`, []string{"__unsymbolized__"}, [][]string{{"__unsymbolized__", "true"}}},
		"index label":                      {`{__tenant_dataset__="dataset_tsdb_index"}`, nil, nil},
		"quoted name":                      {`{"service_name"="a"}`, nil, [][]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := metastore.NewServer(oneService).QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{
				TenantId: []string{"t"}, StartTime: 0, EndTime: 1000, Query: test.selector, Labels: test.keep,
			})
			require.NoError(t, err)
			if test.want == nil {
				require.Empty(t, got.Blocks)
				return
			}
			ids, sets := decode(t, got.Blocks)
			require.Equal(t, []string{"1/t/a"}, ids)
			require.Equal(t, len(test.want), len(sets["1/t/a"]))
			for i := range test.want {
				require.Equal(t, test.want[i], sets["1/t/a"][i])
			}
		})
	}
}

func TestSelection(t *testing.T) {
	set := func(name string) [][]string { return [][]string{{"service_name", name}} }
	index := metastore.FixedIndex{
		block{id: "3", tenant: "t1", shard: 2, min: 100, max: 200, datasets: []dataset{
			{tenant: "t1", name: "a", min: 100, max: 150, labels: set("a")},
			{tenant: "t1", name: "b", min: 160, max: 200, labels: set("b")},
			{tenant: "t1", name: "unlabelled", min: 100, max: 200},
		}}.meta(),
		block{id: "2", tenant: "t2", shard: 1, min: 100, max: 200, datasets: []dataset{
			{tenant: "t2", name: "a", min: 100, max: 200, labels: set("a")},
		}}.meta(),
		block{id: "4", shard: 1, min: 100, max: 300, datasets: []dataset{
			{tenant: "t1", name: "a", min: 250, max: 300, labels: set("a")},
			{tenant: "t2", name: "c", min: 100, max: 200, labels: set("c")},
		}}.meta(),
		block{id: "1", tenant: "t1", shard: 2, min: 400, max: 500, datasets: []dataset{
			{tenant: "t1", name: "a", min: 400, max: 500, labels: set("a")},
		}}.meta(),
	}
	for name, test := range map[string]struct {
		tenants    []string
		start, end int64
		want       []string
	}{
		"one tenant":            {[]string{"t1"}, 0, 1000, []string{"4/t1/a", "1/t1/a", "3/t1/a", "3/t1/b"}},
		"the other":             {[]string{"t2"}, 0, 1000, []string{"4/t2/c", "2/t2/a"}},
		"both":                  {[]string{"t2", "t1", "t2"}, 0, 1000, []string{"4/t1/a", "4/t2/c", "1/t1/a", "3/t1/a", "3/t1/b", "2/t2/a"}},
		"unknown":               {[]string{"t3"}, 0, 1000, nil},
		"range ends at minimum": {[]string{"t1"}, 0, 100, []string{"3/t1/a"}},
		"range starts at max":   {[]string{"t1"}, 200, 220, []string{"3/t1/b"}},
		"between datasets":      {[]string{"t1"}, 151, 159, nil},
		"one instant":           {[]string{"t2"}, 200, 200, []string{"4/t2/c", "2/t2/a"}},
		"before":                {[]string{"t1"}, 0, 99, nil},
		"after":                 {[]string{"t1"}, 501, 1000, nil},
		"start after end":       {[]string{"t1"}, 700, 600, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := metastore.NewServer(index).QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{
				TenantId: test.tenants, StartTime: test.start, EndTime: test.end, Query: "{}",
			})
			require.NoError(t, err)
			ids, _ := decode(t, got.Blocks)
			require.Equal(t, test.want, ids)
		})
	}
}

func TestMetadataLabels(t *testing.T) {
	for name, test := range map[string]struct {
		selector string
		keep     []string
		want     [][]string
	}{
		"no labels": {`{}`, nil, nil},
		"distinct":  {`{}`, []string{"service_name"}, [][]string{{"service_name", "a"}}},
		"missing is empty, sorted by value": {`{}`, []string{"__profile_type__", "pod"},
			[][]string{{"__profile_type__", "", "pod", ""}, {"__profile_type__", "cpu", "pod", ""}, {"__profile_type__", "mem", "pod", ""}}},
		"selected": {`{__profile_type__=~".+"}`, []string{"__profile_type__"}, [][]string{{"__profile_type__", "cpu"}, {"__profile_type__", "mem"}}},
		"none":     {`{service_name="b"}`, []string{"service_name"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			answer, err := metastore.NewServer(oneService).QueryMetadataLabels(t.Context(), &metastorev1.QueryMetadataLabelsRequest{
				TenantId: []string{"t"}, StartTime: 200, EndTime: 1000, Query: test.selector, Labels: test.keep,
			})
			require.NoError(t, err)
			var got [][]string
			for _, set := range answer.Labels {
				var pairs []string
				for _, l := range set.Labels {
					pairs = append(pairs, l.Name, l.Value)
				}
				got = append(got, pairs)
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestInvalidQueries(t *testing.T) {
	s := metastore.NewServer(oneService)
	for name, test := range map[string]struct {
		tenants  []string
		selector string
	}{
		"no tenant":      {nil, `{}`},
		"no selector":    {[]string{"t"}, ``},
		"half a matcher": {[]string{"t"}, `{service_name=`},
		"not a selector": {[]string{"t"}, `nope{`},
		"bad regexp":     {[]string{"t"}, `{a=~"("}`},
		"an expression":  {[]string{"t"}, `sum({a="b"})`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{TenantId: test.tenants, Query: test.selector})
			require.Equal(t, codes.InvalidArgument, status.Code(err), err)
			_, err = s.QueryMetadataLabels(t.Context(), &metastorev1.QueryMetadataLabelsRequest{TenantId: test.tenants, Query: test.selector})
			require.Equal(t, codes.InvalidArgument, status.Code(err), err)
		})
	}
}

func TestGetTenant(t *testing.T) {
	index := metastore.FixedIndex{
		block{id: "1", tenant: "t", shard: 1, min: 100, max: 200}.meta(),
		block{id: "2", tenant: "t", shard: 1, min: 50, max: 150}.meta(),
		block{id: "3", tenant: "other", shard: 1, min: 10, max: 900}.meta(),
		block{id: "4", shard: 1, min: 1, max: 800, datasets: []dataset{{tenant: "t", name: "a", min: 1, max: 800}}}.meta(),
	}
	for tenant, want := range map[string]*metastorev1.TenantStats{
		"t":       {DataIngested: true, OldestProfileTime: 50, NewestProfileTime: 200},
		"other":   {DataIngested: true, OldestProfileTime: 10, NewestProfileTime: 900},
		"unknown": {},
	} {
		got, err := metastore.NewServer(index).GetTenant(t.Context(), &metastorev1.GetTenantRequest{TenantId: tenant})
		require.NoError(t, err)
		require.True(t, want.EqualVT(got.Stats), "%s: %v", tenant, got.Stats)
	}
	all, err := metastore.NewServer(index).GetTenants(t.Context(), new(metastorev1.GetTenantsRequest))
	require.NoError(t, err)
	require.Equal(t, []string{"other", "t"}, all.GetTenantIds())
}
