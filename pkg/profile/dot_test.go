package profile_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	querierv1 "github.com/grafana/pyroscope/api/gen/proto/go/querier/v1"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestRecordedDOT(t *testing.T) {
	c := corpusCaseNamed(t, "SelectMergeStacktraces", "stacktraces_dot")
	request := into(t, c.Request, &querierv1.SelectMergeStacktracesRequest{})
	p, err := profile.DecodePprof(c.reports(t)[0][0].Pprof.Pprof, nil)
	require.NoError(t, err)
	got, err := profile.DOT(t.Context(), p, request.GetMaxNodes())
	require.NoError(t, err)
	want := into(t, c.Response, &querierv1.SelectMergeStacktracesResponse{}).Dot
	// The corpus has neutral paths for the recording program (see its README), but
	// the ends of the true ones are left where the graph shows no more of them.
	want = strings.NewReplacer(
		`\nmain.go:`, `\nm.go:`,
		`digraph "load"`, `digraph "orders"`, `"File: load`, `"File: orders`, `tooltip="load"`, `tooltip="orders"`,
	).Replace(want)
	require.Equal(t, strings.Split(want, "\n"), strings.Split(got, "\n"))
}

func TestDOTOfASmallProfile(t *testing.T) {
	got, err := profile.DOT(t.Context(), smallPprof(), 0)
	require.NoError(t, err)
	require.Equal(t, []string{
		`digraph "app" {`,
		`node [style=filled fillcolor="#f8f8f8"]`,
		`subgraph cluster_L { "File: app" [shape=box fontsize=16 label="File: app\lBuild ID: an-id\lType: cpu\lShowing nodes accounting for 4s, 100% of 4s total\l\lSee https://git.io/JfYMW for how to read the graph\l" tooltip="app"] }`,
	}, strings.Split(got, "\n")[:3])
	require.Contains(t, got, `label="main\nhelper\nmain.go:30\n3s (75.00%)\nof 4s (100%)"`)
	require.Contains(t, got, `label="[app]\n1s (25.00%)"`, "code without a function shows its binary")
	require.Contains(t, got, `label=" 4s\n (inline)" weight=101 penwidth=6`)
	require.Equal(t, 4+3, strings.Count(got, "fontsize")+strings.Count(got, "labeltooltip")-1, "four nodes, three edges and a legend")
}

func TestDOTLeavesNodesOut(t *testing.T) {
	got, err := profile.DOT(t.Context(), smallPprof(), 2)
	require.NoError(t, err)
	require.Contains(t, got, `Showing top 2 nodes out of 4`)
	require.Equal(t, 2, strings.Count(got, "shape=box tooltip"))
}

func TestDOTEscapes(t *testing.T) {
	p := smallPprof()
	p.StringTable[4], p.StringTable[6], p.StringTable[7] = `a"];evil`, `/src/"x".go`, `/bin/q"b`
	got, err := profile.DOT(t.Context(), p, 0)
	require.NoError(t, err)
	for _, line := range strings.Split(got, "\n") {
		require.Zero(t, strings.Count(strings.ReplaceAll(line, `\"`, ""), `"`)%2, line)
	}
}

func TestDOTCountsRecursionOnce(t *testing.T) {
	p := smallPprof()
	p.Sample = []*googlev1.Sample{{LocationId: []uint64{1, 3, 1, 3, 1}, Value: []int64{2e9}}}
	got, err := profile.DOT(t.Context(), p, 0)
	require.NoError(t, err)
	require.Contains(t, got, `2s (100%)"`)
	require.NotContains(t, got, "6s")
	require.NotContains(t, got, "4s")
}

func TestDOTDrawsAtOnceForMany(t *testing.T) {
	p := smallPprof()
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			got, err := profile.DOT(t.Context(), p, int64(i%4+1))
			if nodes := strings.Count(got, "shape=box tooltip"); err == nil && nodes != i%4+1 {
				return fmt.Errorf("%d nodes of %d", nodes, i%4+1)
			}
			return err
		})
	}
	require.NoError(t, group.Wait())
}

func TestDOTErrors(t *testing.T) {
	_, err := profile.DOT(t.Context(), &googlev1.Profile{}, 10)
	require.ErrorContains(t, err, "no sample type")
	p := smallPprof()
	p.Sample[0].LocationId[0] = 9
	_, err = profile.DOT(t.Context(), p, 10)
	require.ErrorContains(t, err, "there is no location 9")
}

// 2,000 cores for a day: a hundred times that is more than an int64 holds.
func TestDOTOfLargeValues(t *testing.T) {
	const day = 2_000 * 24 * 3600 * 1_000_000_000
	p := smallPprof()
	for _, s := range p.Sample {
		s.Value[len(s.Value)-1] = day
	}
	got, err := profile.DOT(t.Context(), p, 0)
	require.NoError(t, err)
	require.Contains(t, got, "weight=101 penwidth=6", "all of the total goes this way")
	small := smallPprof()
	for _, s := range small.Sample {
		s.Value[len(s.Value)-1] = 1_000_000_000
	}
	want, err := profile.DOT(t.Context(), small, 0)
	require.NoError(t, err)
	weights := regexp.MustCompile(`(weight|penwidth)=\d+`)
	require.Equal(t, weights.FindAllString(want, -1), weights.FindAllString(got, -1), "shares do not depend on the size")
}

// Drawing has no context of its own, and only one graph is drawn at a time: what takes long is refused.
func TestDOTOfTooMuchIsRefused(t *testing.T) {
	p := smallPprof()
	p.Sample[0].LocationId = slices.Repeat(p.Sample[0].LocationId[:1], profile.MaxDOTEntries+1)
	_, err := profile.DOT(t.Context(), p, 100)
	require.ErrorIs(t, err, profile.ErrTooLargeToDraw)
}
