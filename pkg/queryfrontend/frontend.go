// Package queryfrontend answers the Query API of Pyroscope
// (querier.v1.QuerierService): it validates a request, asks the metastore for
// the blocks, plans, sends the plan to a query-backend and shapes the answer.
//
// One file is one RPC. What the RPCs share is in part.go (what a request asks),
// together.go (what requests share), execute.go (discover, plan, execute),
// validate_*.go (the checks before anything is sent) and errors.go.
// A Frontend keeps no state that an answer depends on: see slices.go for what is read
// only once.
package queryfrontend

import (
	"context"
	"time"

	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

var _ querierv1connect.QuerierServiceHandler = (*Frontend)(nil)

// Metastore is what a Frontend asks of the metastore.
type Metastore interface {
	// QueryMetadata returns an encoded metastore.v1.QueryMetadataResponse, which the
	// planner reads in place.
	QueryMetadata(context.Context, *metastorev1.QueryMetadataRequest) ([]byte, error)
	QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error)
	GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error)
}

// QueryBackend executes a plan.
type QueryBackend interface {
	Invoke(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error)
}

// Config says whose data a Frontend reads and within which limits.
type Config struct {
	// Tenants are all queried together. At least one is needed.
	Tenants []string
	Limits  Limits
}

// A Frontend is safe for concurrent use.
type Frontend struct {
	metastore Metastore
	backend   QueryBackend
	config    Config
	now       func() time.Time
	admission Admission
	memory    *memory.Budget
	// symbolizer is nil where native code gets no names.
	symbolizer Symbolizer
	// slices is nil where answers are not kept.
	slices *slicecache.Cache
	flight admission.Flight[string, shared]
	// growths are what there is of the runs in the flight, and pace is how fast they were.
	growths growths
	pace    pace
	// labels shares the answers of metadata labels in the same way.
	labels admission.Flight[string, sharedLabels]
}

// An Admission decides whether and when a query may run.
type Admission interface {
	// Admit waits for the turn of a query of a class. The query calls release when it
	// has ended. Errors carry a gRPC status.
	Admit(context.Context, admission.Class) (release func(), err error)
}

// everyone is the admission of a Frontend that is given none.
type everyone struct{}

func (everyone) Admit(context.Context, admission.Class) (release func(), err error) {
	return func() {}, nil
}

// An Option changes how a Frontend is made.
type Option func(*Frontend)

// WithClock replaces the clock that the lookback limit and the default range
// are measured against.
func WithClock(now func() time.Time) Option {
	return func(f *Frontend) { f.now = now }
}

// WithAdmission makes queries ask before they run. Without it, all run at once.
func WithAdmission(a Admission) Option {
	return func(f *Frontend) { f.admission = a }
}

// WithMemory makes queries take the memory of their answers from a budget. See package memory; without it there is no
// limit.
func WithMemory(b *memory.Budget) Option {
	return func(f *Frontend) { f.memory = b }
}

// New makes a Frontend over the clients of one cluster.
func New(metastore Metastore, backend QueryBackend, config Config, options ...Option) *Frontend {
	f := &Frontend{metastore: metastore, backend: backend, config: config, now: time.Now, admission: everyone{}}
	for _, option := range options {
		option(f)
	}
	f.flight.Share, f.flight.Leave = shared.share, shared.close
	f.labels.Share, f.labels.Leave = sharedLabels.share, sharedLabels.close
	return f
}
