package queryplan_test

import (
	"errors"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/queryplan"
)

// FuzzBuild feeds Build whatever a metastore might send. It must fail or make a plan
// that keeps the bounds; and read the bytes as the protobuf library reads them: what
// that refuses is refused, and what that writes of it makes the same plan.
func FuzzBuild(f *testing.F) {
	for _, b := range []testBlock{
		{id: "1", sets: []testSet{set("a", cpu)}},
		{id: "2", sets: []testSet{set("a", cpu, memory).sized(3 << 20), set("b", memory).with("service_name", "b", "__unsymbolized__", "true")}},
		{id: "", noIndex: true, sets: []testSet{{labels: [][]string{{}}}}},
	} {
		metadata := b.metadata()
		encoded, err := proto.Marshal(&metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{metadata, metadata}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded, uint8(1), uint64(1<<20))
		f.Add(encoded[:len(encoded)-1], uint8(1), uint64(1<<20))
		encoded, err = proto.Marshal(&metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{extend(metadata)}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded, uint8(3), uint64(1<<20))
		f.Add(unpacked(metadata), uint8(3), uint64(1<<20))
	}
	f.Add([]byte("\x0a\x08\x12\x01\xff\x52\x00\x5a\x01\xff"), uint8(0), uint64(0)) // not UTF-8
	f.Add([]byte("\x0a\x07\x80\x80\x80\x80\x10\x01\x01"), uint8(0), uint64(0))     // a field number too large
	matchers := [][]*labels.Matcher{
		nil,
		{equal("service_name", "a"), equal("__profile_type__", cpu)},
		{match(labels.MatchNotRegexp, "service_name", "b.*"), equal("pod", "p")},
	}
	f.Fuzz(func(t *testing.T, encoded []byte, kind uint8, leafBytes uint64) {
		q := query([]*queryv1.Query{tree, series, labelNames}[kind%3], matchers[kind/3%3]...)
		o := queryplan.Options{LeafBytes: leafBytes, LeafBlocks: int(kind % 5), FanIn: int(kind % 4)}
		plan, err := queryplan.Build(q, []queryplan.Metadata{{Response: encoded}, {Response: encoded}}, o)
		var malformed *queryplan.MetadataError
		if err != nil && !errors.As(err, &malformed) {
			t.Fatalf("unexpected error: %v", err)
		}

		answer := new(metastorev1.QueryMetadataResponse)
		if problem := proto.Unmarshal(encoded, answer); problem != nil {
			require.Error(t, err, "the protobuf library refuses it: %v", problem)
			return
		}
		if problem := new(metastorev1.QueryMetadataResponse).UnmarshalVT(encoded); problem != nil {
			if err == nil {
				requestOf(plan) // what query-backends could not decode is not passed on
			}
			return
		}
		rewritten, problem := queryplan.Build(q, encode(t, answer, answer), o)
		require.Equal(t, problem == nil, err == nil, "%v, and of what the protobuf library wrote: %v", err, problem)
		if err != nil {
			return
		}
		require.Equal(t, rewritten.Summary(), plan.Summary())
		require.True(t, proto.Equal(reread(t, rewritten), reread(t, plan)))
		for read, n := range readsOfAny(plan) {
			if n > 1 {
				t.Fatalf("read %d times: %v", n, read)
			}
		}
		requireBounds(t, plan, o)
	})
}

// reread is a plan's request as the protobuf library reads it: it writes the tags of
// fields that it does not know in as few bytes as they need.
func reread(t *testing.T, plan *queryplan.Plan) *queryv1.InvokeRequest {
	encoded, err := proto.Marshal(requestOf(plan))
	require.NoError(t, err)
	request := new(queryv1.InvokeRequest)
	require.NoError(t, proto.Unmarshal(encoded, request))
	return request
}

// unpacked has a block's repeated numbers as a field each, as encoders may write them.
func unpacked(b *metastorev1.BlockMeta) []byte {
	b = proto.Clone(b).(*metastorev1.BlockMeta)
	var datasets []byte
	for _, d := range b.Datasets {
		var numbers []byte
		for _, n := range d.TableOfContents {
			numbers = protowire.AppendVarint(protowire.AppendTag(numbers, 5, protowire.VarintType), n)
		}
		for _, n := range d.Labels {
			numbers = protowire.AppendVarint(protowire.AppendTag(numbers, 8, protowire.VarintType), uint64(n))
		}
		d.TableOfContents, d.Labels = nil, nil
		encoded, err := d.MarshalVT()
		if err != nil {
			panic(err)
		}
		datasets = protowire.AppendBytes(protowire.AppendTag(datasets, 10, protowire.BytesType), append(encoded, numbers...))
	}
	b.Datasets = nil
	encoded, err := b.MarshalVT()
	if err != nil {
		panic(err)
	}
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), append(encoded, datasets...))
}
