package transport_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func TestSteadyStateIsOneAttempt(t *testing.T) {
	a, b := serve(t, nil), serve(t, nil)
	p := client(t, transport.Config{Address: at(a.address + "," + b.address)})
	warmUp(t, p, a, b)
	beforeA, beforeB := a.calls.Load(), b.calls.Load()
	for range 20 {
		_, err := invoke(t.Context(), p)
		require.NoError(t, err)
	}
	require.Equal(t, int64(10), a.calls.Load()-beforeA)
	require.Equal(t, int64(10), b.calls.Load()-beforeB)
}

func TestTransientFailuresGoElsewhere(t *testing.T) {
	for _, code := range []codes.Code{codes.Unavailable, codes.ResourceExhausted} {
		t.Run(code.String(), func(t *testing.T) {
			good, bad := serve(t, nil), serve(t, fails(status.Error(code, "busy")))
			p := client(t, transport.Config{Address: at(bad.address + "," + good.address)})
			warmUp(t, p, good, bad)
			for range 60 {
				_, err := invoke(t.Context(), p)
				require.NoError(t, err)
			}
			require.Less(t, bad.calls.Load(), int64(20), "an endpoint that fails is passed over, for longer each time")
		})
	}
}

func TestOtherErrorsAreTheAnswer(t *testing.T) {
	for _, code := range []codes.Code{codes.InvalidArgument, codes.Unimplemented, codes.Canceled, codes.Internal, codes.NotFound, codes.Unknown, codes.DeadlineExceeded} {
		t.Run(code.String(), func(t *testing.T) {
			s, other := serve(t, fails(status.Error(code, "the server's words"))), serve(t, fails(status.Error(code, "the server's words")))
			p := client(t, transport.Config{Address: at(s.address + "," + other.address)})
			_, err := invoke(t.Context(), p)
			require.Equal(t, code, status.Code(err))
			require.Equal(t, "the server's words", status.Convert(err).Message())
			require.Equal(t, int64(1), s.calls.Load()+other.calls.Load())
		})
	}
}

func TestRetriesStayInsideTheDeadline(t *testing.T) {
	s := serve(t, fails(status.Error(codes.Unavailable, "no leader")))
	p := client(t, transport.Config{Address: at(s.address)})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := invoke(ctx, p)
	require.Contains(t, []codes.Code{codes.Unavailable, codes.DeadlineExceeded}, status.Code(err))
	require.ErrorContains(t, err, "query-backend at "+s.address+": ")
	require.ErrorContains(t, err, "no leader")
	require.ErrorContains(t, err, "attempts in")
	require.Greater(t, s.calls.Load(), int64(1))
	var e *transport.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, int64(e.Attempts), s.calls.Load())
}

// A user is not kept waiting for a service that is not there, however far the deadline.
func TestRetriesEnd(t *testing.T) {
	s := serve(t, fails(status.Error(codes.ResourceExhausted, "concurrency limit exceeded")))
	p := client(t, transport.Config{Address: at(s.address), Timeout: time.Hour})
	p.SetRetryWindow(100 * time.Millisecond)
	_, err := invoke(t.Context(), p)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "ResourceExhausted: concurrency limit exceeded")
	require.Greater(t, s.calls.Load(), int64(1))
}

// A service that only fails sees no more than its first attempts, the budget's store, and its trickle.
func TestStormIsThrottled(t *testing.T) {
	s := serve(t, fails(status.Error(codes.Unavailable, "down")))
	p := client(t, transport.Config{Address: at(s.address)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	const callers = 200
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			if _, err := invoke(ctx, p); err == nil {
				t.Error("an answer from a server that only fails")
			}
		})
	}
	began := time.Now()
	group.Wait()
	trickle := int64(20 * (time.Since(began).Seconds() + 1))
	require.LessOrEqual(t, s.calls.Load(), callers+100+trickle)
}

// The connection breaks while the answer is awaited.
func TestConnectionLossIsRetried(t *testing.T) {
	arrived := make(chan struct{}, 1)
	first := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		arrived <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	p := client(t, transport.Config{Address: at(first.address)})
	failed := make(chan error, 1)
	go func() {
		_, err := invoke(t.Context(), p)
		failed <- err
	}()
	<-arrived
	first.grpc.Stop()
	first.set(nil)
	first.start(t, first.address)
	require.NoError(t, <-failed)
}

func TestDeadlineGoesWithTheCall(t *testing.T) {
	var left atomic.Int64
	s := serve(t, func(ctx context.Context, _ *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		deadline, ok := ctx.Deadline()
		if !ok {
			return nil, errors.New("no deadline")
		}
		left.Store(int64(time.Until(deadline)))
		return &queryv1.InvokeResponse{}, nil
	})
	p := client(t, transport.Config{Address: at(s.address), Timeout: time.Hour})
	_, err := invoke(t.Context(), p)
	require.NoError(t, err)
	require.Greater(t, left.Load(), int64(50*time.Minute))
	require.LessOrEqual(t, left.Load(), int64(time.Hour))

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = invoke(ctx, p)
	require.NoError(t, err)
	require.LessOrEqual(t, left.Load(), int64(time.Minute))
}

func TestCancellationReachesTheServer(t *testing.T) {
	cancelled, arrived := make(chan struct{}, 1), make(chan struct{}, 1)
	hang := hangs(cancelled)
	s := serve(t, func(ctx context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		arrived <- struct{}{}
		return hang(ctx, r)
	})
	p := client(t, transport.Config{Address: at(s.address)})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := invoke(ctx, p)
		done <- err
	}()
	<-arrived
	cancel()
	err := <-done
	require.Equal(t, codes.Canceled, status.Code(err))
	require.ErrorIs(t, err, context.Canceled)
	<-cancelled
	require.Equal(t, int64(1), s.calls.Load())
}

// With nowhere else to go the deadline's error says where the answer did not come from.
func TestHungOnlyEndpoint(t *testing.T) {
	s := serve(t, hangs(nil))
	p := client(t, transport.Config{Address: at(s.address), Timeout: 2 * time.Second})
	_, err := invoke(t.Context(), p)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "query-backend at "+s.address+": no answer within")
	require.Equal(t, int64(1), s.calls.Load())
}

func TestMessageOverTheLimit(t *testing.T) {
	s := serve(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{Tree: &queryv1.TreeReport{Tree: make([]byte, 8<<20)}}}}, nil
	})
	p := client(t, transport.Config{Address: at(s.address)})
	_, err := invoke(t.Context(), p)
	require.NoError(t, err, "the default limit is above gRPC's")

	small := client(t, transport.Config{Address: at(s.address), MaxMessageBytes: 1 << 20})
	_, err = invoke(t.Context(), small)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "1048576 bytes")
	require.ErrorContains(t, err, "setting maxMessageBytes")
	require.Equal(t, int64(2), s.calls.Load(), "it is not retried: a busy server has the same code")
}

func TestNothingListens(t *testing.T) {
	address := unusedAddress(t)
	p := client(t, transport.Config{Address: at(address), Timeout: time.Second})
	_, err := invoke(t.Context(), p)
	// Which of the two it is hangs on what the call was at when its time was over.
	require.Contains(t, []codes.Code{codes.Unavailable, codes.DeadlineExceeded}, status.Code(err))
	require.ErrorContains(t, err, "query-backend at "+address+": ")
	require.ErrorContains(t, err, "connection refused")
}

func TestObserverIsTold(t *testing.T) {
	s := serve(t, nil)
	var failing atomic.Bool
	failing.Store(true)
	s.set(func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		if failing.Swap(false) {
			return nil, status.Error(codes.Unavailable, "once")
		}
		return &queryv1.InvokeResponse{}, nil
	})
	o := &observer{}
	p := client(t, transport.Config{Address: at(s.address), Observer: o})
	_, err := invoke(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, int64(2), o.attempts.Load())
	require.Equal(t, int64(1), o.retries.Load())
	require.True(t, strings.HasPrefix(o.endpoint.Load().(string), "127.0.0.1:"))
}

type observer struct {
	transport.Nobody
	attempts, retries, hedges atomic.Int64
	endpoint                  atomic.Value
	mu                        sync.Mutex
	reasons                   []transport.Reason
}

func (o *observer) Abandoned(_ string, reason transport.Reason) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.reasons = append(o.reasons, reason)
}

func (o *observer) abandoned() []transport.Reason {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.reasons)
}

func (o *observer) Attempt(_, endpoint string, _ time.Duration, _ error) {
	o.attempts.Add(1)
	o.endpoint.Store(endpoint)
}
func (o *observer) Retry(string, int, error) { o.retries.Add(1) }
func (o *observer) Hedge(string)             { o.hedges.Add(1) }
