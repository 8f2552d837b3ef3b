package queryfrontend

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// A run that begins while somebody looks at the one before, as when that had less time,
// shows nothing of what became of it.
func TestARunBeginsWithNothing(t *testing.T) {
	var g growths
	w := NewWatch()
	one := g.enter("q", 1, w)
	first := growthFrom(g.with(context.Background(), "q"))
	require.Same(t, one, first)
	first.set([]int{0}, grown{whole: true, result: result{err: errors.New("too late")}})
	require.True(t, one.part(0).whole)
	require.Same(t, one, growthFrom(g.with(context.Background(), "q")))
	require.False(t, one.part(0).whole)
}
