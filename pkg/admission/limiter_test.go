package admission_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLimiterNeverRunsMoreThanItsLimit(t *testing.T) {
	const limit = 3
	l := admission.NewLimiter(admission.Limits{Concurrent: limit, Queued: 100})
	var running, most atomic.Int64
	var group sync.WaitGroup
	for i := range 60 {
		group.Go(func() {
			class := admission.Dashboard
			if i%2 == 0 {
				class = admission.AlertRule
			}
			release, err := l.Acquire(t.Context(), class)
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			now := running.Add(1)
			for {
				old := most.Load()
				if now <= old || most.CompareAndSwap(old, now) {
					break
				}
			}
			running.Add(-1)
		})
	}
	group.Wait()
	require.LessOrEqual(t, most.Load(), int64(limit))
	require.Positive(t, most.Load())
}

// A hundred panels wait when an alert rule comes: it is served after one of them, not after all.
func TestAlertRulesAreNotStarvedByDashboards(t *testing.T) {
	l := admission.NewLimiter(admission.Limits{Concurrent: 1, Queued: 100})
	first, err := l.Acquire(t.Context(), admission.Dashboard)
	require.NoError(t, err)

	order := make(chan admission.Class, 102)
	var group sync.WaitGroup
	queue := func(class admission.Class, n int) {
		for range n {
			before := l.Waiting(class)
			group.Go(func() {
				release, err := l.Acquire(t.Context(), class)
				if err != nil {
					t.Error(err)
					return
				}
				order <- class
				release()
			})
			require.Eventually(t, func() bool { return l.Waiting(class) == before+1 }, waitLimit, poll)
		}
	}
	queue(admission.Dashboard, 100)
	queue(admission.AlertRule, 2)
	first()
	group.Wait()
	close(order)
	var places []int
	for i := 0; ; i++ {
		class, ok := <-order
		if !ok {
			break
		}
		if class == admission.AlertRule {
			places = append(places, i)
		}
	}
	require.Equal(t, []int{1, 3}, places, "classes take turns")
}

func TestFullQueueRefusesWithLimitAndSetting(t *testing.T) {
	l := admission.NewLimiter(admission.Limits{Concurrent: 1, Queued: 1})
	release, err := l.Acquire(t.Context(), admission.Dashboard)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := l.Acquire(ctx, admission.Dashboard)
		left <- err
	}()
	require.Eventually(t, func() bool { return l.Waiting(admission.Dashboard) == 1 }, waitLimit, poll)

	_, err = l.Acquire(t.Context(), admission.Dashboard)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "maxConcurrentQueries")
	require.ErrorContains(t, err, "1 are running")

	// The other class has a queue of its own.
	alert := make(chan error)
	go func() {
		release, err := l.Acquire(t.Context(), admission.AlertRule)
		if err == nil {
			defer release()
		}
		alert <- err
	}()
	require.Eventually(t, func() bool { return l.Waiting(admission.AlertRule) == 1 }, waitLimit, poll)

	cancel()
	err = <-left
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, codes.Canceled, status.Code(err))
	require.ErrorContains(t, err, "maxConcurrentQueries")

	release()
	release() // a second call frees no second place
	require.NoError(t, <-alert)
	require.Zero(t, l.Waiting(admission.Dashboard))
}

func TestDeadlineWhileWaiting(t *testing.T) {
	l := admission.NewLimiter(admission.Limits{Concurrent: 1})
	release, err := l.Acquire(t.Context(), admission.Dashboard)
	require.NoError(t, err)
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 1)
	defer cancel()
	_, err = l.Acquire(ctx, admission.Dashboard)
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// Places are neither lost nor doubled when cancellation and release meet.
func TestCancelledWaitersLoseNoPlace(t *testing.T) {
	l := admission.NewLimiter(admission.Limits{Concurrent: 2, Queued: 1000})
	var group sync.WaitGroup
	for range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		group.Go(func() {
			if release, err := l.Acquire(ctx, admission.Dashboard); err == nil {
				release()
			}
		})
		group.Go(cancel)
	}
	group.Wait()
	for range 2 {
		_, err := l.Acquire(t.Context(), admission.Dashboard)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := l.Acquire(ctx, admission.Dashboard)
	require.ErrorIs(t, err, context.Canceled)
}

func TestCloseWaitsForTheLastQuery(t *testing.T) {
	l := admission.NewLimiter(admission.Limits{Concurrent: 1})
	running, err := l.Acquire(t.Context(), admission.Dashboard)
	require.NoError(t, err)
	got := make(chan func())
	go func() {
		release, err := l.Acquire(t.Context(), admission.Dashboard)
		if err != nil {
			t.Error(err)
		}
		got <- release
	}()
	require.Eventually(t, func() bool { return l.Waiting(admission.Dashboard) == 1 }, waitLimit, poll)

	var closed atomic.Int64
	l.Close(func() { closed.Add(1) })
	_, err = l.Acquire(t.Context(), admission.Dashboard)
	require.Equal(t, codes.Unavailable, status.Code(err))

	running()
	waiting := <-got
	require.Zero(t, closed.Load(), "a query is still running")
	waiting()
	require.Equal(t, int64(1), closed.Load())
	l.Close(func() { closed.Add(1) })
	require.Equal(t, int64(1), closed.Load())

	idle := admission.NewLimiter(admission.Limits{})
	idle.Close(func() { closed.Add(1) })
	require.Equal(t, int64(2), closed.Load())
}
