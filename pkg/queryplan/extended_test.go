package queryplan_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/planbench"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// Fields of a Pyroscope that is younger than the planner.
var (
	ofBlock   = protowire.AppendString(protowire.AppendTag(nil, 100, protowire.BytesType), "of the block")
	ofDataset = protowire.AppendVarint(protowire.AppendTag(nil, 101, protowire.VarintType), 7)
)

// extend adds the fields to a copy of a block.
func extend(b *metastorev1.BlockMeta) *metastorev1.BlockMeta {
	b = proto.Clone(b).(*metastorev1.BlockMeta)
	b.ProtoReflect().SetUnknown(ofBlock)
	for _, d := range b.Datasets {
		d.ProtoReflect().SetUnknown(ofDataset)
	}
	return b
}

// A block with a field that the planner does not know reaches the query-backend as
// the metastore has it, but for the datasets that are not read.
func TestFieldsThatAreNotKnown(t *testing.T) {
	listed := testBlock{id: "1", shard: 7, noIndex: true, sets: []testSet{
		set("a", cpu), set("b", memory), set("c", cpu).with("service_name", "c", "__unsymbolized__", "true"), set("d", memory)}}.metadata()
	ofDatasetsOnly := proto.Clone(listed).(*metastorev1.BlockMeta)
	ofDatasetsOnly.Datasets[1].ProtoReflect().SetUnknown(ofDataset)
	for name, extended := range map[string]*metastorev1.BlockMeta{"of both": extend(listed), "of a dataset that is not read": ofDatasetsOnly} {
		t.Run(name, func(t *testing.T) {
			plan := buildAll(t, query(tree, equal("__profile_type__", cpu)), extended)
			want := proto.Clone(extended).(*metastorev1.BlockMeta)
			want.Datasets = []*metastorev1.Dataset{want.Datasets[0], want.Datasets[2]}
			blocks := requestOf(plan).QueryPlan.Root.Blocks
			require.Len(t, blocks, 1)
			require.True(t, proto.Equal(want, blocks[0]), "%v", blocks[0])
		})
	}
}

// Such a block in two answers is sent once for each, since each has strings of its
// own; no dataset is sent twice, and how it is read is settled once.
func TestFieldsThatAreNotKnownInTwoAnswers(t *testing.T) {
	whole := extend(testBlock{id: "1", noIndex: true, sets: []testSet{set("a", cpu), set("b", cpu), set("c", cpu)}}.metadata())
	first, second := proto.Clone(whole).(*metastorev1.BlockMeta), proto.Clone(whole).(*metastorev1.BlockMeta)
	first.Datasets, second.Datasets = first.Datasets[:2], second.Datasets[1:]
	second.StringTable = append(second.StringTable, "one more")
	plan := buildAll(t, query(tree, equal("__profile_type__", cpu)), first, second)
	s := plan.Summary()
	require.Equal(t, []int{1, 2, 3}, []int{s.Blocks, s.Reads, s.Datasets})
	blocks := requestOf(plan).QueryPlan.Root.Blocks
	require.Len(t, blocks, 2)
	require.Equal(t, whole.Datasets[2].TableOfContents, blocks[1].Datasets[0].TableOfContents)
	require.Len(t, blocks[1].Datasets, 1)
	require.Contains(t, blocks[1].StringTable, "one more")
	for _, b := range blocks {
		require.Equal(t, ofBlock, []byte(b.ProtoReflect().GetUnknown()))
		for _, d := range b.Datasets {
			require.Equal(t, ofDataset, []byte(d.ProtoReflect().GetUnknown()))
		}
	}
}

// Repeated numbers may be written one by one.
func TestNumbersThatAreNotPacked(t *testing.T) {
	store := blocksOf(testBlock{id: "1", noIndex: true, sets: []testSet{set("a", cpu), set("b", memory)}})
	q := query(tree, equal("__profile_type__", cpu))
	plan, err := queryplan.Build(q, []queryplan.Metadata{{Response: unpacked(store.Blocks[0])}}, queryplan.Options{})
	require.NoError(t, err)
	requireReads(t, store, plan, map[string][]int{"1": {0}})
	require.Equal(t, store.Blocks[0].Datasets[0].TableOfContents,
		planbench.Leaves(requestOf(plan).QueryPlan.Root)[0].Blocks[0].Datasets[0].TableOfContents)
}
