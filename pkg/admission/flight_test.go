package admission_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/panics"
)

// Bounds of waiting for a condition; no test waits that long unless it fails.
const (
	waitLimit = 10 * time.Second
	poll      = time.Millisecond
)

type result struct {
	answer int
	shared bool
	err    error
}

func TestIdenticalQueriesRunOnce(t *testing.T) {
	var f admission.Flight[string, int]
	var runs atomic.Int64
	started, finish := make(chan struct{}), make(chan struct{})
	results := make(chan result)
	ask := func() {
		answer, shared, err := f.Do(t.Context(), "q", func(context.Context) (int, error) {
			runs.Add(1)
			close(started)
			<-finish
			return 42, nil
		})
		results <- result{answer, shared, err}
	}
	go ask()
	<-started
	for range 9 {
		go ask()
	}
	require.Eventually(t, func() bool { return f.Callers("q") == 10 }, waitLimit, poll)
	other, shared, err := f.Do(t.Context(), "another", func(context.Context) (int, error) { return 7, nil })
	require.NoError(t, err)
	require.Equal(t, 7, other)
	require.False(t, shared)

	close(finish)
	sharing := 0
	for range 10 {
		r := <-results
		require.NoError(t, r.err)
		require.Equal(t, 42, r.answer)
		if r.shared {
			sharing++
		}
	}
	require.Equal(t, 9, sharing)
	require.Equal(t, int64(1), runs.Load())

	// Answers are not kept.
	answer, _, err := f.Do(t.Context(), "q", func(context.Context) (int, error) { return 43, nil })
	require.NoError(t, err)
	require.Equal(t, 43, answer)
}

func TestOneCancellationDoesNotCancelTheOthers(t *testing.T) {
	var f admission.Flight[string, int]
	finish := make(chan struct{})
	var ended atomic.Value
	run := func(ctx context.Context) (int, error) {
		select {
		case <-finish:
			return 1, nil
		case <-ctx.Done():
			ended.Store(ctx.Err())
			return 0, ctx.Err()
		}
	}
	first, cancelFirst := context.WithCancel(t.Context())
	results := make(chan result, 2)
	ask := func(ctx context.Context) {
		answer, shared, err := f.Do(ctx, "q", run)
		results <- result{answer, shared, err}
	}
	go ask(first)
	require.Eventually(t, func() bool { return f.Callers("q") == 1 }, waitLimit, poll)
	go ask(t.Context())
	require.Eventually(t, func() bool { return f.Callers("q") == 2 }, waitLimit, poll)

	cancelFirst() // the one who started the run
	require.ErrorIs(t, (<-results).err, context.Canceled)
	close(finish)
	r := <-results
	require.NoError(t, r.err)
	require.Equal(t, 1, r.answer)
	require.Nil(t, ended.Load())
}

func TestLastCallerCancelsTheRun(t *testing.T) {
	var f admission.Flight[string, int]
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			_, _, err := f.Do(ctx, "q", func(ctx context.Context) (int, error) {
				<-ctx.Done()
				ended <- ctx.Err()
				return 0, ctx.Err()
			})
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	require.Eventually(t, func() bool { return f.Callers("q") == 3 }, waitLimit, poll)
	cancel()
	group.Wait()
	require.ErrorIs(t, <-ended, context.Canceled)

	// A new caller does not get the cancelled run.
	answer, shared, err := f.Do(t.Context(), "q", func(context.Context) (int, error) { return 5, nil })
	require.NoError(t, err)
	require.False(t, shared)
	require.Equal(t, 5, answer)
}

// The run has the first caller's deadline; a caller with more time does not fail with it.
func TestCallerWithMoreTimeStartsOver(t *testing.T) {
	var f admission.Flight[string, int]
	var runs atomic.Int64
	run := func(ctx context.Context) (int, error) {
		if runs.Add(1) == 1 {
			<-ctx.Done()
			return 0, status.FromContextError(ctx.Err()).Err()
		}
		return 9, nil
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	results := make(chan result, 1)
	go func() {
		answer, shared, err := f.Do(short, "q", run)
		results <- result{answer, shared, err}
	}()
	require.Eventually(t, func() bool { return f.Callers("q") == 1 || short.Err() != nil }, waitLimit, poll)
	answer, _, err := f.Do(t.Context(), "q", run)
	require.NoError(t, err)
	require.Equal(t, 9, answer)
	require.Equal(t, codes.DeadlineExceeded, status.Code(errOrContext((<-results).err)))
}

// A server that gives up by a deadline of its own is not asked again for each caller.
func TestAServersOwnDeadlineIsEveryonesAnswer(t *testing.T) {
	var f admission.Flight[string, int]
	var runs atomic.Int64
	finish := make(chan struct{})
	results := make(chan result)
	for range 5 {
		go func() {
			answer, shared, err := f.Do(t.Context(), "q", func(context.Context) (int, error) {
				runs.Add(1)
				<-finish
				return 0, status.Error(codes.DeadlineExceeded, "the server's patience is over")
			})
			results <- result{answer, shared, err}
		}()
	}
	require.Eventually(t, func() bool { return f.Callers("q") == 5 }, waitLimit, poll)
	close(finish)
	for range 5 {
		require.Equal(t, codes.DeadlineExceeded, status.Code((<-results).err))
	}
	require.Equal(t, int64(1), runs.Load())
}

// Viewers who came one after the other, each with the same time-out, do not run a query that always times out once
// each: with the moment that is left to a later one, it would time out again.
func TestAJoinedRunIsNotRepeatedWithLessTime(t *testing.T) {
	var f admission.Flight[string, int]
	var runs atomic.Int64
	const timeout = 500 * time.Millisecond
	results := make(chan result)
	for i := range 4 {
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			answer, shared, err := f.Do(ctx, "q", func(ctx context.Context) (int, error) {
				runs.Add(1)
				<-ctx.Done()
				return 0, status.Error(codes.DeadlineExceeded, "query-backend: no answer")
			})
			results <- result{answer, shared, err}
		}()
		require.Eventually(t, func() bool { return f.Callers("q") == i+1 }, waitLimit, poll)
		time.Sleep(timeout / 10)
	}
	for range 4 {
		require.ErrorContains(t, (<-results).err, "query-backend: no answer")
	}
	require.Equal(t, int64(1), runs.Load())
}

// Who runs out of time with the run gets to know what it was waiting for, always.
func TestTheDeadlineIsNoRace(t *testing.T) {
	for range 20 {
		var f admission.Flight[string, int]
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, _, err := f.Do(ctx, "q", func(ctx context.Context) (int, error) {
			<-ctx.Done()
			time.Sleep(time.Millisecond)
			return 0, errors.New("query-backend at 10.0.0.1:9095: no answer")
		})
		cancel()
		require.EqualError(t, err, "query-backend at 10.0.0.1:9095: no answer")
	}
}

func errOrContext(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(context.DeadlineExceeded).Err()
	}
	return err
}

func TestRunSeesValuesAndDeadline(t *testing.T) {
	type key struct{}
	var f admission.Flight[int, string]
	ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), key{}, "value"), time.Hour)
	defer cancel()
	want, _ := ctx.Deadline()
	answer, _, err := f.Do(ctx, 1, func(ctx context.Context) (string, error) {
		if got, ok := ctx.Deadline(); !ok || !got.Equal(want) {
			return "", errors.New("another deadline")
		}
		return ctx.Value(key{}).(string), nil
	})
	require.NoError(t, err)
	require.Equal(t, "value", answer)
}

func TestPanicIsAnError(t *testing.T) {
	var f admission.Flight[int, string]
	_, _, err := f.Do(t.Context(), 1, func(context.Context) (string, error) { panic("at the disco") })
	require.Equal(t, codes.Internal, status.Code(err))
	require.ErrorContains(t, err, "at the disco")
	var p *panics.Error
	require.ErrorAs(t, err, &p)
	require.Contains(t, string(p.Stack), "TestPanicIsAnError")
}
