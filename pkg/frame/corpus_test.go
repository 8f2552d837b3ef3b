package frame_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A recordedCase is one call of the conformance corpus.
type recordedCase struct {
	Response  json.RawMessage
	Exchanges []struct {
		Method   string
		Response json.RawMessage
	}
}

func recorded(tb testing.TB, name string) recordedCase {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("../queryfrontend/testdata/conformance/cases", name+".json"))
	require.NoError(tb, err)
	var c recordedCase
	require.NoError(tb, json.Unmarshal(b, &c))
	return c
}

// answer decodes the recorded answer to the client.
func answer[M proto.Message](tb testing.TB, name string, m M) M {
	tb.Helper()
	require.NoError(tb, protojson.Unmarshal(recorded(tb, name).Response, m))
	return m
}

// trees are the call trees that the query-backends sent.
func (c recordedCase) trees(tb testing.TB) [][]byte {
	tb.Helper()
	var trees [][]byte
	for _, e := range c.Exchanges {
		if e.Method != "Invoke" {
			continue
		}
		var invoked queryv1.InvokeResponse
		require.NoError(tb, protojson.Unmarshal(e.Response, &invoked))
		for _, r := range invoked.GetReports() {
			if r.GetTree() != nil {
				trees = append(trees, r.GetTree().GetTree())
			}
		}
	}
	return trees
}

func unmarshalTree(tb testing.TB, b []byte) *profile.Tree {
	tb.Helper()
	t, err := profile.UnmarshalTree(b)
	require.NoError(tb, err)
	return t
}

// rowsOfLevels are the rows of a flame graph answer's levels, depth first, of
// which an item is a gap before it, a total, a self value and a name. Only
// answers in which no node has the value 0 can be read like this.
func rowsOfLevels(tb testing.TB, g *querierv1.FlameGraph) []flameRow {
	tb.Helper()
	l := flameLevels{names: g.GetNames()}
	for _, level := range g.GetLevels() {
		l.levels = append(l.levels, level.GetValues())
	}
	return flameRows(tb, l.frame())
}
