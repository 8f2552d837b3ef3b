package refreshbench

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
	"github.com/pyrofront/pyrofront/pkg/queryplan"
	"github.com/pyrofront/pyrofront/pkg/slicecache"
)

const (
	// mostSteps is as many as a series of functions has.
	mostSteps = 60
	// stepBytes is what the call tree of a step takes.
	stepBytes = 32 << 10
)

// A FunctionScenario is a series of functions that is asked again and again: a call tree
// of each step.
type FunctionScenario struct {
	Name                string
	Length, Every, Step time.Duration
	// Goal is what may be fetched, of what was fetched before; 0 is none.
	Goal float64
}

// A FunctionCost is what all refreshes take. Its Least is what has to be fetched where the
// answer over each part of a dataset that a step cuts is kept for ever.
type FunctionCost struct {
	Cost
	// FirstGraph is what a flame graph of the first refresh's range fetches.
	FirstGraph uint64
}

// Measure lets the store be written and compacted, and asks.
func (s FunctionScenario) Measure() (FunctionCost, error) {
	const began = int64(1_790_000_000_000)
	tree := profile.NewTreeBuilder()
	tree.AddStack(1, []string{strings.Repeat("f", stepBytes)})
	c := &functionCluster{store: newStore(Service{Pods: pods, Scrape: scrape}, began), tree: tree.Tree(0).Marshal()}
	now := began + (s.Length + 2*time.Hour).Milliseconds() + 123_456
	clock := func() time.Time { return time.UnixMilli(now) }
	frontend := queryfrontend.New(c, c, queryfrontend.Config{Tenants: []string{tenant}, Limits: queryfrontend.DefaultLimits()},
		queryfrontend.WithClock(clock), queryfrontend.WithSlices(slicecache.New(cacheBytes, clock)))
	var cost FunctionCost
	read := make(map[partRead]bool)
	for n := range Refreshes {
		c.store.advance(now)
		start := now - s.Length.Milliseconds()
		steps, _ := frontend.Steps(start, now, s.Step.Seconds(), mostSteps, false)
		requests := make([]queryfrontend.PanelRequest, len(steps.Ends))
		for i, end := range steps.Ends {
			plan, err := c.plan(steps.Start(i), end)
			if err != nil {
				return cost, fmt.Errorf("%s: %w", s.Name, err)
			}
			for _, r := range plan.Reads() {
				if part := (partRead{end, r.ID}); !read[part] {
					read[part] = true
					cost.Least += r.Bytes
				}
			}
			requests[i] = queryfrontend.PanelRequest{OneOfMany: true, Tree: &querierv1.SelectMergeStacktracesRequest{
				ProfileTypeID: cpu, LabelSelector: fmt.Sprintf("{service_name=%q}", serviceName), Start: steps.Start(i), End: end}}
		}
		if n == 0 {
			plan, err := c.plan(steps.Start(0), steps.Ends[len(steps.Ends)-1])
			if err != nil {
				return cost, fmt.Errorf("%s: %w", s.Name, err)
			}
			cost.FirstGraph = plan.Summary().Bytes
		}
		for _, panel := range frontend.Panels(context.Background(), requests...) {
			if panel.Err != nil {
				return cost, fmt.Errorf("%s: %w", s.Name, panel.Err)
			}
			summary := panel.Answers[0].Summary
			cost.Fetched += summary.Bytes
			cost.Before += summary.Bytes + summary.ReusedBytes
			if summary.Reads+summary.ReusedSlices > 0 {
				cost.RequestsBefore++
			}
		}
		if n == 0 {
			cost.FirstFetched, cost.FirstBefore = cost.Fetched, cost.Before
		}
		now += s.Every.Milliseconds()
	}
	cost.Requests = int(c.invoked.Load())
	return cost, nil
}

// A partRead is a read, as far as one step takes it.
type partRead struct {
	step int64
	read queryplan.ReadID
}

// A functionCluster is the store's metastore, and a query-backend whose answers are as
// large as those of a service.
type functionCluster struct {
	store   *store
	tree    []byte
	invoked atomic.Int64
}

func (c *functionCluster) plan(start, end int64) (*queryplan.Plan, error) {
	q := queryplan.Query{
		Tenants: []string{tenant}, Start: start, End: end,
		Matchers: []*labels.Matcher{
			labels.MustNewMatcher(labels.MatchEqual, "service_name", serviceName),
			labels.MustNewMatcher(labels.MatchEqual, "__profile_type__", cpu),
		},
		Queries: []*queryv1.Query{{QueryType: queryv1.QueryType_QUERY_TREE, Tree: new(queryv1.TreeQuery)}},
	}
	answer, err := c.store.answer(start, end)
	if err != nil {
		return nil, err
	}
	return queryplan.Build(q, []queryplan.Metadata{{Request: queryplan.Discovery(q)[0], Response: answer}}, queryplan.Options{})
}

func (c *functionCluster) QueryMetadata(_ context.Context, r *metastorev1.QueryMetadataRequest) ([]byte, error) {
	return c.store.answer(r.GetStartTime(), r.GetEndTime())
}

func (c *functionCluster) QueryMetadataLabels(context.Context, *metastorev1.QueryMetadataLabelsRequest) (*metastorev1.QueryMetadataLabelsResponse, error) {
	return new(metastorev1.QueryMetadataLabelsResponse), nil
}

func (c *functionCluster) GetTenant(context.Context, *metastorev1.GetTenantRequest) (*metastorev1.GetTenantResponse, error) {
	return new(metastorev1.GetTenantResponse), nil
}

func (c *functionCluster) Invoke(_ context.Context, r *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	c.invoked.Add(1)
	return &queryv1.InvokeResponse{Reports: []*queryv1.Report{{
		ReportType: queryv1.ReportType_REPORT_TREE, Tree: &queryv1.TreeReport{Query: r.GetQuery()[0].GetTree(), Tree: c.tree},
	}}}, nil
}
