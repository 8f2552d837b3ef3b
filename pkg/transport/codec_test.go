package transport

import (
	"fmt"
	"testing"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// metadata is an answer with the given number of blocks, of ten data sets each.
func metadata(blocks int) *metastorev1.QueryMetadataResponse {
	r := &metastorev1.QueryMetadataResponse{}
	for i := range blocks {
		b := &metastorev1.BlockMeta{
			Id: fmt.Sprintf("01KDYABKW0V63QXKKD6T5A%04d", i), Tenant: 1, MinTime: 1767322800000, MaxTime: 1767322900000, Size: 1 << 20,
			StringTable: []string{"", "anonymous", "checkout", "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "memory:alloc_space:bytes:space:bytes", "service_name", "__profile_type__"},
		}
		for range 10 {
			b.Datasets = append(b.Datasets, &metastorev1.Dataset{
				Tenant: 1, Name: 2, MinTime: 1767322800000, MaxTime: 1767322900000, TableOfContents: []uint64{100, 200, 300}, Size: 1000, Labels: []int32{2, 5, 2, 6, 3, 2, 5, 2, 6, 4},
			})
		}
		r.Blocks = append(r.Blocks, b)
	}
	return r
}

func TestCodecIsProtobuf(t *testing.T) {
	c := newCodec()
	require.Equal(t, "proto", c.Name())
	for _, m := range []proto.Message{metadata(3), metadata(0), &grpc_health_v1.HealthCheckRequest{Service: "x"}} {
		data, err := c.Marshal(m)
		require.NoError(t, err)
		got := m.ProtoReflect().New().Interface()
		require.NoError(t, proto.Unmarshal(data.Materialize(), got))
		require.True(t, proto.Equal(m, got))
	}
	_, err := c.Marshal("no message")
	require.Error(t, err)
}

// An answer nested to a depth that nothing real has must not overflow the stack.
func TestDeepAnswerIsAnError(t *testing.T) {
	const depth = 200_000
	// Written from the innermost message outwards, from the end of the buffer to its front.
	buffer := make([]byte, depth*8)
	at := len(buffer)
	wrap := func(field protowire.Number) {
		head := protowire.AppendTag(nil, field, protowire.BytesType)
		head = protowire.AppendVarint(head, uint64(len(buffer)-at))
		at -= copy(buffer[at-len(head):], head)
	}
	fields := (&queryv1.ExecutionNode{}).ProtoReflect().Descriptor().Fields()
	for range depth {
		wrap(fields.ByName("children").Number())
	}
	wrap((&queryv1.Diagnostics{}).ProtoReflect().Descriptor().Fields().ByName("execution_node").Number())
	wrap((&queryv1.InvokeResponse{}).ProtoReflect().Descriptor().Fields().ByName("diagnostics").Number())
	err := newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(buffer[at:])}, &queryv1.InvokeResponse{})
	require.ErrorContains(t, err, "recursion depth")
}

func BenchmarkCodec(b *testing.B) {
	m := metadata(5000)
	codecs := map[string]encoding.CodecV2{"reflection": encoding.GetCodecV2("proto"), "generated": newCodec()}
	for _, name := range []string{"reflection", "generated"} {
		c := codecs[name]
		b.Run("marshal/"+name, func(b *testing.B) {
			for b.Loop() {
				data, err := c.Marshal(m)
				if err != nil {
					b.Fatal(err)
				}
				data.Free()
			}
		})
	}
}
