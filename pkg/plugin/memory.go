package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// What rendering takes: the frames, and their copies in Arrow and in gRPC's buffers on the way to Grafana. Each is
// measured, and rounded up.
const (
	requestFactor   = 12 // a list of empty strings is three bytes each in JSON, and a string and its growth decoded
	frameBytes      = 4 << 10
	framePointBytes = 64
	frameLabelBytes = 256
	frameCellBytes  = 96
	treeFrameBytes  = 160
	planFrameNode   = 2 << 10
)

// aheadBytes is the most that a request takes that does not wait for its turn: that of 40 kB of JSON, as of twenty
// queries with a variable's many values in each.
const aheadBytes = 512 << 10

// scope is the time in which a request needs memory. Where Grafana asks, that is until the answer is sent, which is when
// the context of the call ends.
func scope(ctx context.Context) (_ context.Context, end func()) {
	scoped, s := memory.WithScope(ctx)
	if grpc.ServerTransportStreamFromContext(ctx) == nil {
		return scoped, s.Close
	}
	context.AfterFunc(ctx, s.Close)
	return scoped, func() {}
}

// takeRequest takes memory for what queries become once they are read. A small request does not wait for it where it is
// there; ahead is its account then. Unless it goes on with a run, it has to awaitTurn: those who wait may wait for the
// memory of just that run, which it keeps until somebody asks for it.
func (d *Datasource) takeRequest(ctx context.Context, request *backend.QueryDataRequest) (ahead *memory.Account, err error) {
	account, bytes := d.memory.Open(), requestBytes(request)
	memory.Adopt(ctx, account)
	if bytes <= aheadBytes && account.TakeAhead(bytes) {
		return account, nil
	}
	return nil, noMemory(account.Take(ctx, bytes))
}

// awaitTurn has a request wait behind those who came before. Nil accounts did.
func awaitTurn(ctx context.Context, ahead *memory.Account, request *backend.QueryDataRequest) error {
	bytes := requestBytes(request)
	ahead.Give(bytes)
	return noMemory(ahead.Take(ctx, bytes))
}

func requestBytes(request *backend.QueryDataRequest) (bytes int64) {
	for _, query := range request.Queries {
		bytes += requestFactor * int64(len(query.JSON))
	}
	return bytes
}

// noMemory is for a request or an answer that there is no memory for. Its message names the limit.
func noMemory(err error) error {
	if err == nil {
		return nil
	}
	return connect.NewError(connect.Code(status.Code(err)), err)
}

// late is for an answer that was there and could not be rendered in time.
func late(err error, timeout time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return connect.NewError(connect.CodeDeadlineExceeded, fmt.Errorf("rendering: the answer came, but the query reached its deadline of %s before it was rendered (setting timeout): ask for less, or in fewer queries at once", timeout))
	}
	return connect.NewError(connect.CodeCanceled, fmt.Errorf("rendering: the query was cancelled: %w", err))
}

// askedPoints is how many points a series has at most: one a step, both ends included.
func askedPoints(request interface {
	GetStart() int64
	GetEnd() int64
	GetStep() float64
}) int {
	step := int64(request.GetStep() * 1000)
	if step < 1 || request.GetEnd() < request.GetStart() {
		return 1
	}
	return int((request.GetEnd()-request.GetStart())/step) + 2 // and the rest of a step
}

// takeTrees takes memory for call trees as frames.
func takeTrees(ctx context.Context, trees ...queryfrontend.CallTree) error {
	bytes := int64(0)
	for _, tree := range trees {
		bytes += treeFrameBytes * int64(tree.Len())
	}
	return noMemory(memory.Take(ctx, bytes))
}

func seriesFrameBytes(series []*typesv1.Series) int64 {
	bytes := int64(0)
	for _, s := range series {
		bytes += frameBytes + frameLabelBytes*int64(len(s.GetLabels())) + framePointBytes*int64(len(s.GetPoints()))
	}
	return bytes
}

func heatmapFrameBytes(series []*typesv1.HeatmapSeries, slots int) int64 {
	bytes := int64(0)
	for _, s := range series {
		rows := 0
		if len(s.GetSlots()) > 0 {
			rows = len(s.GetSlots()[0].GetYMin())
		}
		bytes += frameBytes + frameLabelBytes*int64(len(s.GetLabels())) + frameCellBytes*int64(rows)*int64(max(slots, len(s.GetSlots())))
	}
	return bytes
}

func planFrameBytes(answer *queryfrontend.Answer) int64 {
	return planFrameNode * int64(answer.Summary.Leaves+answer.Summary.Merges)
}
