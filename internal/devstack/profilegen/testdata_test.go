package profilegen_test

import (
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/internal/devstack/profilegen"
)

const recorded = "../testdata/profiles"

// TestRecorded checks what the stored profiles are kept for.
func TestRecorded(t *testing.T) {
	recordings, err := profilegen.Load(os.DirFS(recorded))
	require.NoError(t, err)
	requireComplete(t, recordings)

	listed := map[string]bool{profilegen.IndexFile: true}
	labels := map[string]map[string]bool{}     // service: label names
	functions := map[string]map[string]int64{} // service: CPU time of its own functions
	native := map[string]bool{}                // pods
	depth := 0
	for _, r := range recordings {
		listed[r.File] = true
		for _, f := range r.Profile.Function {
			require.False(t, path.IsAbs(f.Filename), "%s names a path of the machine: %s", r.File, f.Filename)
		}
		for _, m := range r.Profile.Mapping {
			require.NotContains(t, m.File, "/", r.File)
		}
		for _, l := range r.Profile.Location {
			if len(l.Line) == 0 {
				require.NotZero(t, l.Address)
				require.False(t, l.Mapping.HasFunctions)
				native[r.Pod] = true
			}
		}
		if labels[r.Service] == nil {
			labels[r.Service], functions[r.Service] = map[string]bool{}, map[string]int64{}
		}
		for _, s := range r.Profile.Sample {
			depth = max(depth, len(s.Location))
			for name := range s.Label {
				labels[r.Service][name] = true
			}
			if r.Kind != profilegen.CPU {
				continue
			}
			for _, l := range s.Location {
				for _, line := range l.Line {
					if _, method, ok := strings.Cut(line.Function.Name, "profilegen.(*"+r.Service+")"); ok {
						functions[r.Service][method] += s.Value[1]
					}
				}
			}
		}
	}
	require.Equal(t, map[string]bool{"search-1": true}, native)
	require.Equal(t, map[string]bool{"endpoint": true, "span_id": true, "profile_id": true, "trace_id": true}, labels["checkout"])
	require.Equal(t, map[string]bool{"endpoint": true}, labels["search"])
	require.Greater(t, depth, 60, "deep recursion")
	for service, f := range functions {
		require.GreaterOrEqual(t, len(f), 3, service)
	}

	var total int64
	files, err := os.ReadDir(recorded)
	require.NoError(t, err)
	for _, f := range files {
		require.True(t, listed[f.Name()], "%s is not in the index", f.Name())
		info, err := f.Info()
		require.NoError(t, err)
		require.Less(t, info.Size(), int64(60_000), f.Name())
		total += info.Size()
	}
	require.Less(t, total, int64(1_000_000))
}

func TestLoadErrors(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no index":     {nil, "index.json"},
		"bad index":    {map[string]string{"index.json": "{"}, "index.json"},
		"missing file": {map[string]string{"index.json": `[{"file":"a.pb.gz"}]`}, "a.pb.gz"},
		"not a pprof":  {map[string]string{"index.json": `[{"file":"a.pb.gz"}]`, "a.pb.gz": "nonsense"}, "a.pb.gz"},
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for file, content := range test.files {
				fsys[file] = &fstest.MapFile{Data: []byte(content)}
			}
			_, err := profilegen.Load(fsys)
			require.ErrorContains(t, err, test.want)
		})
	}
}
