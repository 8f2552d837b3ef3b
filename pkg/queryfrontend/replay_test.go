package queryfrontend_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/corpus"
	"github.com/pyrofront/pyrofront/internal/devstack/metastore"
	"github.com/pyrofront/pyrofront/internal/grpctest"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// replayBackend is a query-backend that answers what the real one answered to
// the same question. The plan may differ, as long as it leads to all the data.
type replayBackend struct {
	queryv1.UnimplementedQueryBackendServiceServer

	t     testing.TB
	store corpus.Store
	calls []recordedInvoke
}

type recordedInvoke struct {
	request  *queryv1.InvokeRequest
	response *queryv1.InvokeResponse
	err      error
}

func newReplayBackend(t testing.TB, c corpus.Store, exchanges []corpus.Exchange) *replayBackend {
	backend := &replayBackend{t: t, store: c}
	for _, e := range exchanges {
		if e.Method != "Invoke" {
			continue
		}
		call := recordedInvoke{request: unmarshal(t, e.Request, new(queryv1.InvokeRequest))}
		if code, message, failed := strings.Cut(e.Error, ": "); failed {
			call.err = status.Error(codeOf(t, code), message)
		} else {
			call.response = unmarshal(t, e.Response, new(queryv1.InvokeResponse))
		}
		backend.calls = append(backend.calls, call)
	}
	return backend
}

func codeOf(t testing.TB, name string) codes.Code {
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		if code.String() == name {
			return code
		}
	}
	require.Fail(t, "unknown code", name)
	return codes.Unknown
}

func (b *replayBackend) Invoke(_ context.Context, request *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
	for _, recorded := range b.calls {
		if !sameQuestion(b.t, recorded.request, request) {
			continue
		}
		b.checkPlan(request)
		return recorded.response, recorded.err
	}
	asked := request.CloneVT()
	asked.QueryPlan = nil
	assert.Fail(b.t, "the real query-frontend did not ask this", protojson.Format(asked))
	return nil, status.Error(codes.Internal, "no such call was recorded")
}

// sameQuestion compares all but the plan.
func sameQuestion(t testing.TB, want, got *queryv1.InvokeRequest) bool {
	return slices.Equal(want.GetTenant(), got.GetTenant()) &&
		want.GetStartTime() == got.GetStartTime() && want.GetEndTime() == got.GetEndTime() &&
		slices.Equal(matcherSet(t, want.GetLabelSelector()), matcherSet(t, got.GetLabelSelector())) &&
		slices.EqualFunc(want.GetQuery(), got.GetQuery(), func(a, b *queryv1.Query) bool { return proto.Equal(a, b) }) &&
		want.GetOptions().GetSanitizeOnMerge() == got.GetOptions().GetSanitizeOnMerge()
}

func matcherSet(t testing.TB, selector string) []string {
	var set []string
	for _, matcher := range parse(t, selector) {
		set = append(set, matcher.String())
	}
	slices.Sort(set)
	return slices.Compact(set)
}

func parse(t testing.TB, selector string) []*labels.Matcher {
	matchers, err := profile.ParseSelector(selector)
	if !assert.NoError(t, err, selector) {
		return nil
	}
	return matchers
}

// checkPlan fails the test where data that may match is not in the plan, or is
// in it twice.
func (b *replayBackend) checkPlan(request *queryv1.InvokeRequest) {
	planned := make(map[string]int)
	nodes := []*queryv1.QueryNode{request.GetQueryPlan().GetRoot()}
	for len(nodes) > 0 {
		node := nodes[0]
		nodes = append(nodes[1:], node.GetChildren()...)
		for _, block := range node.GetBlocks() {
			for _, dataset := range block.GetDatasets() {
				planned[block.GetId()+"/"+block.GetStringTable()[dataset.GetName()]]++
			}
		}
	}
	for id, reads := range planned {
		assert.Equal(b.t, 1, reads, "reads of %s", id)
	}
	matchers := parse(b.t, request.GetLabelSelector())
	for _, block := range b.store.Blocks {
		for _, dataset := range block.GetDatasets() {
			name := block.GetStringTable()[dataset.GetName()]
			if name == "" || dataset.GetMaxTime() < request.GetStartTime() || dataset.GetMinTime() > request.GetEndTime() || !mayMatch(block, dataset, matchers) {
				continue
			}
			reads := planned[block.GetId()+"/"+name] + planned[block.GetId()+"/"]
			assert.Equal(b.t, 1, reads, "reads of dataset %s of block %s", name, block.GetId())
		}
	}
}

// mayMatch tells whether one of a dataset's label sets satisfies the matchers
// on the labels that it has.
func mayMatch(block *metastorev1.BlockMeta, dataset *metastorev1.Dataset, matchers []*labels.Matcher) bool {
	table, pairs := block.GetStringTable(), dataset.GetLabels()
	for len(pairs) > 0 {
		n := int(pairs[0])
		set := make(map[string]string, n)
		for i := range n {
			set[table[pairs[1+2*i]]] = table[pairs[2+2*i]]
		}
		pairs = pairs[1+2*n:]
		matches := !slices.ContainsFunc(matchers, func(m *labels.Matcher) bool {
			value, known := set[m.Name]
			return known && !m.Matches(value)
		})
		if matches {
			return true
		}
	}
	return false
}

// startReplay serves the corpus' index and a case's recorded answers, and
// returns the address of both services.
func startReplay(t testing.TB, c corpus.Store, exchanges []corpus.Exchange) string {
	t.Helper()
	server := grpc.NewServer(grpc.MaxRecvMsgSize(256<<20), grpc.MaxSendMsgSize(256<<20))
	metastore.NewServer(metastore.FixedIndex(c.Blocks)).Register(server)
	queryv1.RegisterQueryBackendServiceServer(server, newReplayBackend(t, c, exchanges))
	return grpctest.Serve(t, server, "127.0.0.1:0")
}
