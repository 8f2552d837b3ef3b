package attacktest_test

import (
	"sync"
	"testing"
	"time"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip" // answers are sent compressed
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/internal/grpctest"
)

const cpuType = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

// answers are what a cluster says, in protobuf; nil is what an honest one would say of a small store.
type answers struct {
	metadata, labels, reports []byte
	// gzip compresses all of them.
	gzip bool
	// hang is how long it takes to answer.
	hang time.Duration
}

// A cluster is a metastore and a query-backend at one address. It does not look at what it is asked.
type cluster struct {
	address string
	mu      sync.Mutex
	says    answers
	invokes int
}

// asked is how often the query-backend was asked.
func (c *cluster) asked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.invokes
}

func startCluster(t testing.TB) *cluster {
	t.Helper()
	c := new(cluster)
	server := grpc.NewServer(grpc.ForceServerCodecV2(bytesCodec{encoding.GetCodecV2(grpcproto.Name)}), grpc.UnknownServiceHandler(c.serve),
		grpc.MaxRecvMsgSize(1<<28), grpc.MaxSendMsgSize(1<<30))
	c.address = grpctest.Serve(t, server, "127.0.0.1:0")
	return c
}

func (c *cluster) say(a answers) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says = a
}

func (c *cluster) serve(_ any, stream grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(stream)
	var request []byte
	if err := stream.RecvMsg(&request); err != nil {
		return err
	}
	c.mu.Lock()
	says := c.says
	if method == "/query.v1.QueryBackendService/Invoke" {
		c.invokes++
	}
	c.mu.Unlock()
	var answer []byte
	switch method {
	case "/metastore.v1.MetadataQueryService/QueryMetadata":
		if answer = says.metadata; answer == nil {
			answer = oneBlock(true)
		}
	case "/metastore.v1.MetadataQueryService/QueryMetadataLabels":
		answer = says.labels
	case "/query.v1.QueryBackendService/Invoke":
		if answer = says.reports; answer == nil {
			answer = report(5, 6, field(2, flatTree(3, 8, false)))
		}
	default:
		return status.Error(codes.Unimplemented, method)
	}
	select {
	case <-time.After(says.hang):
	case <-stream.Context().Done():
	}
	if says.gzip {
		if err := grpc.SetSendCompressor(stream.Context(), "gzip"); err != nil {
			return err
		}
	}
	return stream.SendMsg(&answer)
}

// bytesCodec takes and gives bytes as they are.
type bytesCodec struct{ encoding.CodecV2 }

func (bytesCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (bytesCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

// oneBlock is metadata of a block with one dataset of the last day, with native code that has no symbols or without.
func oneBlock(unsymbolized bool) []byte {
	now := time.Now().UnixMilli()
	block := &metastorev1.BlockMeta{
		FormatVersion: 1, Id: "01JZ0000000000000000000000", Tenant: 1, Shard: 1, Size: 1000, MinTime: now - 86_400_000, MaxTime: now + 1000,
		StringTable: []string{"", "anonymous", "svc", "service_name", "__profile_type__", cpuType, "__unsymbolized__", "true"},
		Datasets: []*metastorev1.Dataset{{
			Tenant: 1, Name: 2, MinTime: now - 86_400_000, MaxTime: now + 1000, Size: 1000, TableOfContents: []uint64{0, 100, 200},
			Labels: []int32{2, 3, 2, 4, 5},
		}},
	}
	if unsymbolized {
		block.Datasets[0].Labels = append(block.Datasets[0].Labels, 2, 3, 2, 6, 7)
	}
	b, err := proto.Marshal(&metastorev1.QueryMetadataResponse{Blocks: []*metastorev1.BlockMeta{block}})
	if err != nil {
		panic(err)
	}
	return b
}
