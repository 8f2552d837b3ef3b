package attacktest_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var soakFor = flag.Duration("attack.soak", 3*time.Second, "how long honest queries are asked beside hostile ones")

// Honest queries have all of their answers while another data source of the same process is attacked with everything
// there is. Each attack comes from a cluster of its own, so that they overlap.
func TestSoak(t *testing.T) {
	if !*long {
		t.Skip("-attack.long runs it: it needs a machine of its own")
	}
	const honestViewers, attackers = 4, 3
	v := startVictim(t)
	honest := startCluster(t)
	ctx, cancel := context.WithTimeout(t.Context(), *soakFor)
	defer cancel()
	v.resetPeak(t)
	says := make([]func() answers, len(attacks)) // each made once, as that takes longer than the attack
	for i, a := range attacks {
		says[i] = sync.OnceValue(a.says)
	}
	var group sync.WaitGroup
	var answered, attacked atomic.Int64
	for viewer := range honestViewers {
		group.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				response, err := v.ask(t.Context(), source(honest, "honest"), query(time.Hour, map[string]any{"labelSelector": fmt.Sprintf(`{pod!="%d-%d"}`, viewer, i)}))
				if err != nil {
					t.Errorf("an honest query: %v", err)
					return
				}
				if r := response.Responses["A"]; r.Error != nil || r.Frames[0].Rows() != 4 {
					t.Errorf("an honest query: %v", r.Error)
				}
				answered.Add(1)
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	for attacker := range attackers {
		c := startCluster(t)
		group.Go(func() {
			random := rand.New(rand.NewPCG(14, uint64(attacker)))
			for ctx.Err() == nil {
				i := random.IntN(len(attacks))
				c.say(says[i]())
				_ = v.attack(t.Context(), attacks[i], source(c, "hostile"))
				attacked.Add(1)
			}
		})
	}
	group.Wait()
	t.Logf("%d honest queries beside %d attacks in %s, %d MiB", answered.Load(), attacked.Load(), *soakFor, v.peak(t)>>20)
	require.False(t, v.Exited(), "the process died")
	require.Less(t, v.peak(t), int64(hardLimit))
	require.Positive(t, answered.Load())
}
