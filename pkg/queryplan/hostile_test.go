package queryplan_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

func TestQueryIsChecked(t *testing.T) {
	q := query(tree)
	q.Tenants = nil
	_, err := queryplan.Build(q, nil, queryplan.Options{})
	require.ErrorIs(t, err, queryplan.ErrNoTenant)
	q = query(tree)
	q.Queries = nil
	_, err = queryplan.Build(q, nil, queryplan.Options{})
	require.ErrorIs(t, err, queryplan.ErrNoQuery)
}

// Malformed metadata is refused, with the block and the field.
func TestMalformedMetadata(t *testing.T) {
	tests := []struct {
		field  string
		damage func(*metastorev1.BlockMeta)
	}{
		{"tenant", func(b *metastorev1.BlockMeta) { b.Tenant = -1 }},
		{"datasets[0].tenant", func(b *metastorev1.BlockMeta) { b.Datasets[0].Tenant = 1000 }},
		{"datasets[0].name", func(b *metastorev1.BlockMeta) { b.Datasets[0].Name = math.MinInt32 }},
		{"datasets[1].format", func(b *metastorev1.BlockMeta) { b.Datasets[1].Format = 2 }},
		{"datasets[0].labels", func(b *metastorev1.BlockMeta) { b.Datasets[0].Labels = []int32{2, 1, 1} }},
		{"datasets[0].labels", func(b *metastorev1.BlockMeta) { b.Datasets[0].Labels = []int32{-1} }},
		{"datasets[0].labels", func(b *metastorev1.BlockMeta) { b.Datasets[0].Labels = []int32{math.MaxInt32, 1} }},
		{"datasets[0].labels", func(b *metastorev1.BlockMeta) { b.Datasets[0].Labels = []int32{1, 1, 1000} }},
		{"datasets[0].labels", func(b *metastorev1.BlockMeta) { b.Datasets[0].Labels = []int32{1, -5, 1} }},
		{"datasets[0].tenant", func(b *metastorev1.BlockMeta) { b.StringTable = nil }},
		{"string_table[0]", func(b *metastorev1.BlockMeta) { b.StringTable[0] = strings.Repeat("n", 64<<10+1) }},
	}
	for _, test := range tests {
		t.Run(test.field, func(t *testing.T) {
			b := testBlock{id: "the block", sets: []testSet{set("a", cpu)}}.metadata()
			test.damage(b)
			_, err := queryplan.Build(query(tree), encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{b}}), queryplan.Options{})
			var malformed *queryplan.MetadataError
			require.ErrorAs(t, err, &malformed)
			require.Equal(t, "the block", malformed.Block)
			require.Equal(t, test.field, malformed.Field)
			require.ErrorContains(t, err, test.field)
		})
	}
}

// Nothing to read is no error.
func TestEmptyPlans(t *testing.T) {
	answers := map[string][]*metastorev1.QueryMetadataResponse{
		"no answer":   nil,
		"nil answer":  {nil},
		"no blocks":   {{}},
		"empty block": {{Blocks: []*metastorev1.BlockMeta{{}}}},
		"no dataset":  {{Blocks: []*metastorev1.BlockMeta{{Id: "1"}}}},
		"index alone": {{Blocks: []*metastorev1.BlockMeta{testBlock{id: "1", sets: []testSet{set("a", memory)}}.metadata()}}},
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			plan, err := queryplan.Build(query(tree, equal("__profile_type__", cpu)), encode(t, answer...), queryplan.Options{})
			require.NoError(t, err)
			require.True(t, plan.Empty())
			require.Nil(t, requestOf(plan).QueryPlan)
			require.Zero(t, plan.Summary().Leaves)
			require.Contains(t, plan.Explain(nil).Text(), "nothing to read")
		})
	}
}

// Sizes are added up without overflow.
func TestHugeSizes(t *testing.T) {
	huge := testBlock{id: "huge", size: math.MaxUint64, sets: []testSet{set("a", cpu).sized(math.MaxUint64), set("b", cpu).sized(math.MaxUint64)}}.metadata()
	second := proto.Clone(huge).(*metastorev1.BlockMeta)
	second.Id = "second"
	second.Datasets[0].TableOfContents = []uint64{math.MaxUint64, 3, 5}
	second.Datasets[1].TableOfContents = nil
	plan, err := queryplan.Build(query(tree, equal("service_name", "a"), equal("__profile_type__", cpu)),
		encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{huge, second}}), queryplan.Options{})
	require.NoError(t, err)
	require.Equal(t, uint64(math.MaxUint64), plan.Summary().Bytes)
	require.Equal(t, 2, plan.Summary().Leaves)
}

// Planning over a block of many datasets ends when nobody waits for it.
func TestPlanningEndsWithinABlock(t *testing.T) {
	b := testBlock{id: "the block", sets: []testSet{set("a", cpu)}}.metadata()
	for range 1000 {
		b.Datasets = append(b.Datasets, b.Datasets[0])
	}
	asked, left := 0, errors.New("nobody waits")
	_, err := queryplan.Build(query(tree), encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{b}}), queryplan.Options{Interrupted: func() error {
		if asked++; asked > 5 {
			return left
		}
		return nil
	}})
	require.ErrorIs(t, err, left)
}

// What one block takes while it is read is known before.
func TestSizeOfMetadata(t *testing.T) {
	small := testBlock{id: "small", sets: []testSet{set("a", cpu)}}.metadata()
	large := testBlock{id: "large", sets: []testSet{set("a", cpu), set("b", cpu)}}.metadata()
	large.StringTable = append(large.StringTable, make([]string, 1000)...)
	large.Datasets[1].Labels = make([]int32, 5000)
	size := encode(t, &metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{large, small}})[0].Size()
	require.Equal(t, 2, size.Blocks)
	require.Equal(t, len(large.Datasets)+len(small.Datasets), size.Datasets)
	require.Equal(t, len(large.StringTable), size.Texts)
	require.Equal(t, large.Datasets[1].SizeVT(), size.DatasetBytes)
}
