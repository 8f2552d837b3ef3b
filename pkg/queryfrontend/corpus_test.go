package queryfrontend_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
)

// corpus is what a real Pyroscope's index held while the cases were recorded.
type corpus struct {
	tenant     string
	start, end int64
	blocks     []*metastorev1.BlockMeta
}

// recordedCase is one call of the Query API, and what the real query-frontend
// did for it.
type recordedCase struct {
	Method    string          `json:"method"`
	Request   json.RawMessage `json:"request"`
	Status    int             `json:"status"`
	Response  json.RawMessage `json:"response"`
	Exchanges []exchange      `json:"exchanges"`
}

// exchange is one gRPC call that the real query-frontend made.
type exchange struct {
	Service  string          `json:"service"`
	Method   string          `json:"method"`
	Request  json.RawMessage `json:"request"`
	Response json.RawMessage `json:"response"`
	// Error is "<Code>: <message>", empty for none.
	Error string `json:"error"`
}

func loadCorpus(t testing.TB) corpus {
	t.Helper()
	raw, err := os.ReadFile("testdata/conformance/metadata.json")
	require.NoError(t, err)
	var file struct {
		Tenant   string          `json:"tenant"`
		Start    int64           `json:"start"`
		End      int64           `json:"end"`
		Metadata json.RawMessage `json:"metadata"`
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	metadata := new(metastorev1.QueryMetadataResponse)
	require.NoError(t, protojson.Unmarshal(file.Metadata, metadata))
	return corpus{tenant: file.Tenant, start: file.Start, end: file.End, blocks: metadata.GetBlocks()}
}

func loadCases(t testing.TB) map[string]recordedCase {
	t.Helper()
	paths, err := filepath.Glob("testdata/conformance/cases/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	cases := make(map[string]recordedCase, len(paths))
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		var c recordedCase
		require.NoError(t, json.Unmarshal(raw, &c), path)
		cases[strings.TrimSuffix(filepath.Base(path), ".json")] = c
	}
	return cases
}

func unmarshal[T proto.Message](t testing.TB, raw []byte, message T) T {
	t.Helper()
	require.NoError(t, protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, message))
	return message
}
