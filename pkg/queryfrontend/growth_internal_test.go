package queryfrontend

import (
	"context"
	"errors"
	"testing"
	"time"

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

// Of portions of a Pyroscope with three slow query-backends, that is: where nothing is known
// of the pace, the time that is left is told within a factor of two, and falls while nothing
// ends.
func TestTheTimeThatIsLeft(t *testing.T) {
	portions := []struct {
		seconds float64
		bytes   uint64
	}{
		{0.73, 372}, {1.05, 441}, {2.71, 969}, {3.47, 744}, {3.67, 829}, {4.74, 1445}, {7.49, 5169}, {7.85, 2499}, {8.56, 1740}, {9.43, 5349}, {10.11, 6094},
	}
	g := &growing{of: new(growth)}
	for _, p := range portions {
		g.waiting = append(g.waiting, p.bytes)
	}
	after := func(seconds float64) {
		g.began = time.Now().Add(-time.Duration(seconds * float64(time.Second)))
	}
	whole := portions[len(portions)-1].seconds
	for _, p := range portions[:len(portions)-1] {
		after(p.seconds)
		g.add(nil, nil, p.bytes)
		left := whole - p.seconds
		require.InDelta(t, 1.25*left, g.left().Seconds(), 0.75*left, "after %v", p.seconds)

		before := g.left()
		after(p.seconds + before.Seconds()/2)
		require.InDelta(t, before.Seconds()/2, g.left().Seconds(), 0.1)
		after(100)
		require.Zero(t, g.left(), "it was wrong")
	}
}
