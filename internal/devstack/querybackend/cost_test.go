package querybackend_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// The recorded plans, executed over blocks of which all but the metadata is
// empty, fetch exactly the bytes that the real query-backends fetched.
func bytesFetched(t *testing.T, all []recording) {
	_, c := start(t, newStorage(recordedBlocks(t)...))
	lookUps := 0
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			if strings.Contains(r.request.LabelSelector, "pod") {
				t.Skip("the metadata does not tell which pods a dataset has")
			}
			response, err := c.Invoke(testContext(t), r.request)
			require.NoError(t, err)
			want := r.response.Diagnostics.ExecutionNode
			require.Empty(t, diffJSON(t, want, response.Diagnostics.ExecutionNode))
			if strings.Contains(r.request.QueryPlan.String(), "format:1") && r.response.Reports[0].TimeSeries != nil {
				lookUps++
			}
		})
	}
	require.Greater(t, lookUps, 2, "some plans look datasets up in tenant-wide indexes")
}

// recordedBlocks are the corpus' blocks. A dataset has one series for each of
// its label sets in the metadata, without profiles.
func recordedBlocks(t *testing.T) []*blockstore.Block {
	t.Helper()
	recorded, err := corpus.Recorded()
	require.NoError(t, err)
	var blocks []*blockstore.Block
	for _, meta := range recorded.Blocks {
		block := &blockstore.Block{Meta: meta}
		for _, set := range meta.Datasets {
			if set.Format == 1 {
				block.Datasets = append(block.Datasets, nil)
				continue
			}
			block.Datasets = append(block.Datasets, &blockstore.Dataset{
				Tenant: meta.StringTable[set.Tenant], Service: meta.StringTable[set.Name], Series: labelSets(meta, set),
			})
		}
		blocks = append(blocks, block)
	}
	return blocks
}

func labelSets(meta *metastorev1.BlockMeta, set *metastorev1.Dataset) []*blockstore.Series {
	var all []*blockstore.Series
	for i := 0; i < len(set.Labels); {
		s := &blockstore.Series{}
		pairs := int(set.Labels[i])
		i++
		for range pairs {
			s.Labels = append(s.Labels, &typesv1.LabelPair{Name: meta.StringTable[set.Labels[i]], Value: meta.StringTable[set.Labels[i+1]]})
			i += 2
		}
		all = append(all, s)
	}
	return all
}

// A large block is fetched in parts: datasets below 1 MiB whole, of others
// the sections that the query types need.
func TestBytesFetchedOfLargeBlocks(t *testing.T) {
	const mega = 1 << 20
	b := block("b",
		dataset("acme", "large", series([]string{"a", "1"}, prof(1, 1, sample(1, "f")))),
		dataset("acme", "small", series([]string{"a", "2"}, prof(2, 1, sample(1, "f")))),
		dataset("acme", "unmatched", series([]string{"a", "3"}, prof(3, 1, sample(1, "f")))),
	)
	sizes := []struct{ profiles, tsdb, symbols uint64 }{{3 * mega, 300, 30}, {100, 20, 3}, {5 * mega, 1, 1}}
	offset := uint64(0)
	for i, size := range sizes {
		set := b.Meta.Datasets[i]
		set.TableOfContents = []uint64{offset, offset + size.profiles, offset + size.profiles + size.tsdb}
		set.Size = size.profiles + size.tsdb + size.symbols
		offset += set.Size
	}
	index := b.Meta.Datasets[3]
	index.TableOfContents, index.Size = []uint64{offset}, 2*mega
	b.Meta.MetadataOffset = offset + index.Size
	b.Meta.Size = b.Meta.MetadataOffset + 44
	_, c := start(t, newStorage(b))

	names := &queryv1.Query{QueryType: queryv1.QueryType_QUERY_LABEL_NAMES}
	points := timeSeriesOf(&queryv1.TimeSeriesQuery{Step: 1})
	tree := treeOf(&queryv1.TreeQuery{})
	for name, tc := range map[string]struct {
		sets    []int
		queries []*queryv1.Query
		want    uint64
	}{
		"index only":                 {[]int{0}, []*queryv1.Query{names}, 300},
		"values":                     {[]int{0}, []*queryv1.Query{points}, 3*mega + 300},
		"samples":                    {[]int{0}, []*queryv1.Query{tree}, 3*mega + 330},
		"one pass for all queries":   {[]int{0}, []*queryv1.Query{names, points, tree}, 3*mega + 330},
		"small dataset":              {[]int{1}, []*queryv1.Query{names}, 123},
		"both":                       {[]int{0, 1}, []*queryv1.Query{tree}, 3*mega + 330 + 123},
		"tenant's index only":        {[]int{3}, []*queryv1.Query{names}, 2 * mega},
		"look-up, metadata, dataset": {[]int{3}, []*queryv1.Query{tree}, 2*mega + 44 + 3*mega + 330 + 123},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(readNode(only(b, tc.sets...)), tc.queries...)
			r.LabelSelector = `{a=~"1|2"}`
			response, err := c.Invoke(testContext(t), r)
			require.NoError(t, err)
			require.Equal(t, int(tc.want), int(response.Diagnostics.ExecutionNode.Stats.BytesFetched))
		})
	}
}
