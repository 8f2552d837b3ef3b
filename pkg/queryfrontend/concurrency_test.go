package queryfrontend_test

import (
	"context"
	"sync"
	"testing"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// Whoever asks what is being asked already gets the same answer: a dashboard that
// is open on many screens asks the cluster once.
func TestIdenticalQueriesShareOneAnswer(t *testing.T) {
	cluster := newFakeCluster(t)
	arrived, answer := make(chan struct{}, 10), make(chan struct{})
	cluster.hold = func(context.Context) {
		arrived <- struct{}{}
		<-answer
	}
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	var running sync.WaitGroup
	running.Go(func() { _, _ = f.SelectMergeStacktraces(context.Background(), stackTraces(nil)) })
	<-arrived
	// Callers whose time is up leave the run at once, and it goes on.
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for range 5 {
		_, err := f.SelectMergeStacktraces(over, stackTraces(nil))
		require.Equal(t, connect.CodeCanceled, connect.CodeOf(err))
	}
	require.Len(t, cluster.invokes, 1)
	close(answer)
	running.Wait()
}

// Two targets that ask the same, and a diff with itself, are one query.
func TestIdenticalPartsAreOneQuery(t *testing.T) {
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	_, err := f.Diff(context.Background(), connect.NewRequest(&querierv1.DiffRequest{Left: stackTraces(nil).Msg, Right: stackTraces(nil).Msg}))
	require.NoError(t, err)
	require.Len(t, cluster.metadata, 1)
	require.Len(t, cluster.invokes, 1)
	require.Len(t, cluster.invokes[0].GetQuery(), 1)
}

func TestAdmission(t *testing.T) {
	cluster := newFakeCluster(t)
	admitted, released := 0, 0
	full := false
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(corpusNow),
		queryfrontend.WithAdmission(func(context.Context) (func(), error) {
			if full {
				return nil, status.Error(codes.ResourceExhausted, "the queue is full, see maxConcurrentQueries")
			}
			admitted++
			return func() { released++ }, nil
		}))
	_, err := f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.NoError(t, err)
	require.Equal(t, 1, admitted)
	require.Equal(t, 1, released)

	full = true
	calls := cluster.calls()
	_, err = f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.Equal(t, connect.CodeResourceExhausted, connect.CodeOf(err))
	require.ErrorContains(t, err, "see maxConcurrentQueries")
	require.Equal(t, calls, cluster.calls(), "what is not admitted is not sent")
}

func TestPanicsStayWithTheQuery(t *testing.T) {
	cluster := newFakeCluster(t)
	cluster.hold = func(context.Context) { panic("lost the plot") }
	_, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
	require.ErrorContains(t, err, "lost the plot")
}
