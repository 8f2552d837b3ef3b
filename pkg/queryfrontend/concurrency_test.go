package queryfrontend_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	typesv1 "github.com/grafana/pyroscope/api/gen/proto/go/types/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/panics"
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
	// Each of these joins the run, and leaves it when its own time is up. One that
	// did not join would have asked the metastore.
	for range 5 {
		ctx, leave := context.WithTimeout(context.Background(), time.Millisecond)
		_, err := f.SelectMergeStacktraces(ctx, stackTraces(nil))
		leave()
		require.Equal(t, connect.CodeDeadlineExceeded, connect.CodeOf(err))
	}
	require.Len(t, cluster.metadata, 1)
	require.Len(t, cluster.invokes, 1)
	close(answer)
	running.Wait()
}

// Who joins a run with less time than it has itself does not fail with it.
func TestAJoinedRunThatTimesOutIsStartedOver(t *testing.T) {
	cluster := newFakeCluster(t)
	arrived := make(chan struct{}, 10)
	first, end := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer end()
	cluster.hold = func(ctx context.Context) {
		arrived <- struct{}{}
		if _, hurried := ctx.Deadline(); hurried {
			<-ctx.Done()
		}
	}
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()})
	var running sync.WaitGroup
	running.Go(func() { _, _ = f.SelectMergeStacktraces(first, stackTraces(nil)) })
	<-arrived
	_, err := f.SelectMergeStacktraces(context.Background(), stackTraces(nil))
	require.NoError(t, err)
	running.Wait()
}

// The hottest queries of a dashboard, its variables, are shared and admitted too.
func TestMetadataLabelsAreAdmitted(t *testing.T) {
	cluster := newFakeCluster(t)
	admitted := 0
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(corpusNow), queryfrontend.WithAdmission(admissionFunc(func() (func(), error) {
			admitted++
			return func() {}, nil
		})))
	_, err := f.LabelValues(context.Background(), connect.NewRequest(&typesv1.LabelValuesRequest{Name: "service_name", Start: corpusStart, End: corpusEnd}))
	require.NoError(t, err)
	require.Equal(t, 1, admitted)
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

// admissionFunc is an admission with one line.
type admissionFunc func() (func(), error)

func (f admissionFunc) Admit(context.Context, admission.Class) (func(), error) { return f() }

func TestAdmission(t *testing.T) {
	cluster := newFakeCluster(t)
	admitted, released := 0, 0
	full := false
	f := queryfrontend.New(cluster, cluster, queryfrontend.Config{Tenants: []string{"anonymous"}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(corpusNow),
		queryfrontend.WithAdmission(admissionFunc(func() (func(), error) {
			if full {
				return nil, status.Error(codes.ResourceExhausted, "the queue is full, see maxConcurrentQueries")
			}
			admitted++
			return func() { released++ }, nil
		})))
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
	for name, breakIt := range map[string]func(*fakeCluster){
		"query-backend": func(c *fakeCluster) { c.hold = func(context.Context) { panic("lost the plot") } },
		"metastore":     func(c *fakeCluster) { c.holdMetadata = func() { panic("lost the plot") } },
	} {
		t.Run(name, func(t *testing.T) {
			cluster := newFakeCluster(t)
			breakIt(cluster)
			_, err := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).SelectMergeStacktraces(context.Background(), stackTraces(nil))
			require.Equal(t, connect.CodeInternal, connect.CodeOf(err))
			require.ErrorContains(t, err, "lost the plot")
			var panicked *panics.Error
			require.ErrorAs(t, err, &panicked, "the log wants the stack")
			require.NotEmpty(t, panicked.Stack)
		})
	}
}

// An alert rule does not wait in the line of dashboards, nor for their answers.
func TestClassesDoNotShare(t *testing.T) {
	cluster := newFakeCluster(t)
	f := newFrontend(cluster, queryfrontend.Config{Limits: queryfrontend.DefaultLimits()}).(*queryfrontend.Frontend)
	dashboard := queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg}
	rule := queryfrontend.PanelRequest{Tree: stackTraces(nil).Msg, Class: admission.AlertRule}
	for _, answer := range f.Panels(context.Background(), dashboard, dashboard, rule) {
		require.NoError(t, answer.Err)
	}
	require.Len(t, cluster.invokes, 2, "one of the dashboard's panels, one of the rule")
}
