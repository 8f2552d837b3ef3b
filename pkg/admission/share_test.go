package admission_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

// Whoever was promised an answer gets it or leaves it, once: what comes with it is counted by that.
func TestEachCallerOfARunHasItsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shares, left atomic.Int64
		f := admission.Flight[string, string]{
			Share: func(_ string, callers int) { shares.Add(int64(callers)) },
			Leave: func(string) { left.Add(1) },
		}
		finish := make(chan struct{})
		var got atomic.Int64
		leaving, leave := context.WithCancel(t.Context())
		for i := range 5 {
			ctx := t.Context()
			if i == 4 {
				ctx = leaving
			}
			go func() {
				answer, _, err := f.Do(ctx, "key", func(context.Context) (string, error) {
					<-finish
					return "answer", nil
				})
				if err == nil && answer == "answer" {
					got.Add(1)
				}
			}()
		}
		synctest.Wait()
		leave() // before the end: it has no share
		synctest.Wait()
		close(finish)
		synctest.Wait()
		require.EqualValues(t, 4, shares.Load())
		require.Equal(t, shares.Load(), got.Load()+left.Load())
	})
}
