package transport_test

import (
	"bytes"
	"context"
	"testing"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // a server that compresses
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
	"github.com/pyrofront/pyrofront/pkg/memory"
)

// saying is an answer of that many reports with nothing in them, and that many bytes of a tree.
func saying(reports, tree int, gzip bool) func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	return func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		if gzip {
			if err := grpc.SetSendCompressor(ctx, "gzip"); err != nil {
				return nil, err
			}
		}
		response := &queryv1.InvokeResponse{Reports: []*queryv1.Report{{Tree: &queryv1.TreeReport{Tree: make([]byte, tree)}}}}
		one := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), nil)
		response.ProtoReflect().SetUnknown(bytes.Repeat(one, reports))
		return response, nil
	}
}

func TestAnswersAreTakenFromTheBudget(t *testing.T) {
	const mib = 1 << 20
	for name, c := range map[string]struct {
		reports, tree int
		gzip          bool
		failure       string
		code          codes.Code
	}{
		"small":                     {reports: 10, tree: 1000},
		"fits":                      {tree: 7 * mib},
		"longer than its share":     {tree: 9 * mib, failure: "the answer is larger than 8.0 MiB, which is the most that one may have", code: codes.ResourceExhausted},
		"becomes too much":          {reports: 700_000, failure: "the answer takes", code: codes.ResourceExhausted},
		"compressed":                {reports: 10, tree: 1000, gzip: true},
		"compressed to very little": {tree: 4 * mib, gzip: true, failure: "more than 100 times as many", code: codes.Internal},
		"compressed and too long":   {tree: 9 * mib, gzip: true, failure: "the answer is larger than 8.0 MiB", code: codes.ResourceExhausted},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, saying(c.reports, c.tree, c.gzip))
			budget := memory.NewBudget(64 * mib)
			p := client(t, transport.Config{Address: at(s.address), Memory: budget})
			account := budget.Open()
			_, err := invoke(memory.With(t.Context(), account), p)
			if c.failure != "" {
				require.Equal(t, c.code, status.Code(err), err)
				require.ErrorContains(t, err, c.failure)
				require.EqualValues(t, 1, s.calls.Load(), "another attempt would not help")
				return
			}
			require.NoError(t, err)
			require.GreaterOrEqual(t, budget.Used(), int64(c.tree), "what was decoded stays taken")
			require.Less(t, budget.Used(), int64(c.tree)+2*mib, "what was on the wire does not")

			_, err = invoke(t.Context(), p)
			require.NoError(t, err, "without an account, the answer is counted while it is decoded")
			account.Close()
			require.Zero(t, budget.Used())
		})
	}
}
