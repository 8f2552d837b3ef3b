package frame_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

// Whatever the bytes, there is an error or a frame that is a nested set of the
// right values.
func FuzzFlameGraph(f *testing.F) {
	f.Add([]byte{})
	f.Add(wire("", 0, 0))
	f.Add(append(wire("", 1, 2), append(wire("main", 2, 0), wire("f\xFF", 1<<40, 0)...)...))
	f.Add(append(wire("", 0, 3), wire("a", 1, 0)...))
	for _, name := range []string{"stacktraces_tree", "span_profile"} {
		for _, tree := range recordedTrees(f, name) {
			f.Add(tree)
		}
	}
	f.Fuzz(func(t *testing.T, tree []byte) {
		decoded, err := profile.UnmarshalTree(tree)
		if err != nil {
			return
		}
		fr, summary := frame.FlameGraph(decoded, cpu)
		rows := flameRows(t, fr)
		require.Len(t, rows, summary.Nodes)
		require.Equal(t, summary.Total, rows[0].value)
		require.Equal(t, decoded.Total(), rows[0].value)
		// A row's total is its self value and the totals of its children: the
		// rows one level down, up to the next row that is no deeper.
		children := make([]int64, len(rows)+1)
		for i := len(rows) - 1; i >= 0; i-- {
			r := rows[i]
			require.True(t, utf8.ValidString(r.label))
			require.Equal(t, r.self+children[r.level+1], r.value, "row %d", i)
			children[r.level+1] = 0
			children[r.level] += r.value
			if i > 0 {
				require.LessOrEqual(t, r.level, rows[i-1].level+1)
				require.Positive(t, r.level)
			}
		}
		_, err = fr.MarshalArrow()
		require.NoError(t, err)
	})
}
