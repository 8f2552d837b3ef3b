package metastore_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
)

// recordedIndex is the whole index of the recorded store.
func recordedIndex(t testing.TB) metastore.FixedIndex {
	t.Helper()
	recorded, err := corpus.Recorded()
	require.NoError(t, err)
	require.Len(t, recorded.Blocks, 129)
	return recorded.Blocks
}

// TestRecordedExchanges replays everything that the recorded query-frontend
// asked its metastore. Answers must be equal, including the order of blocks.
func TestRecordedExchanges(t *testing.T) {
	group, err := metastore.StartGroup(recordedIndex(t), 1)
	require.NoError(t, err)
	defer group.Close()
	conn := dial(t, group.Addresses()[0])

	cases, err := corpus.Cases()
	require.NoError(t, err)
	replayed := map[string]int{}
	for _, recorded := range cases {
		t.Run(recorded.Name, func(t *testing.T) {
			for _, e := range recorded.Exchanges {
				var request, want, got proto.Message
				switch e.Method {
				case "QueryMetadata":
					request, want, got = new(metastorev1.QueryMetadataRequest), new(metastorev1.QueryMetadataResponse), new(metastorev1.QueryMetadataResponse)
				case "QueryMetadataLabels":
					request, want, got = new(metastorev1.QueryMetadataLabelsRequest), new(metastorev1.QueryMetadataLabelsResponse), new(metastorev1.QueryMetadataLabelsResponse)
				case "GetTenant":
					request, want, got = new(metastorev1.GetTenantRequest), new(metastorev1.GetTenantResponse), new(metastorev1.GetTenantResponse)
				default:
					continue
				}
				require.Empty(t, e.Error, "the recorded metastore never failed")
				require.NoError(t, protojson.Unmarshal(e.Request, request))
				require.NoError(t, protojson.Unmarshal(e.Response, want))
				require.NoError(t, conn.Invoke(t.Context(), "/"+e.Service+"/"+e.Method, request, got))
				require.Truef(t, proto.Equal(want, got), "%s %s\nwant %s\ngot  %s", e.Method, e.Request, protojson.Format(want), protojson.Format(got))
				replayed[e.Method]++
			}
		})
	}
	require.NotZero(t, replayed["QueryMetadata"])
	require.NotZero(t, replayed["QueryMetadataLabels"])
	require.NotZero(t, replayed["GetTenant"])
	t.Logf("replayed %v", replayed)
}

// TestWholeIndex asks for what the corpus' metadata.json was recorded with, and
// must get that file back.
func TestWholeIndex(t *testing.T) {
	index := recordedIndex(t)
	got, err := metastore.NewServer(index).QueryMetadata(t.Context(), &metastorev1.QueryMetadataRequest{
		TenantId:  []string{"anonymous"},
		StartTime: 1795372935000,
		EndTime:   1795375530000,
		Query:     "{}",
		Labels:    []string{"service_name", "__profile_type__", "__tenant_dataset__", "__unsymbolized__"},
	})
	require.NoError(t, err)
	require.True(t, proto.Equal(&metastorev1.QueryMetadataResponse{Blocks: index}, got))
}

func dial(t testing.TB, address string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}
