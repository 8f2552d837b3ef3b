package memory_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

func TestTakenMemoryComesBackWhenTheLastHolderCloses(t *testing.T) {
	b := memory.NewBudget(100)
	a := b.Open()
	require.NoError(t, a.Take(t.Context(), 60))
	a.Share(1)
	a.Close()
	require.EqualValues(t, 60, b.Used(), "another one still has the answer")
	a.Close()
	require.Zero(t, b.Used())
}

func TestWhatNeverFitsIsRefusedAtOnce(t *testing.T) {
	a := memory.NewBudget(100).Open()
	require.NoError(t, a.Take(t.Context(), 60))
	err := a.Take(t.Context(), 41)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "the answer takes 101 B of memory, more than the 100 B")
	require.ErrorContains(t, err, "maxMemoryBytes")
}

func TestOthersWaitUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget(100)
		first, second := b.Open(), b.Open()
		require.NoError(t, first.Take(t.Context(), 80))
		granted := make(chan error, 1)
		go func() { granted <- second.Take(t.Context(), 50) }()
		synctest.Wait()
		require.Empty(t, granted)
		first.Give(30)
		synctest.Wait()
		require.NoError(t, <-granted)
		require.EqualValues(t, 100, b.Used())
		second.Close()
		first.Close()
		require.Zero(t, b.Used())
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget(100)
		first, second := b.Open(), b.Open()
		require.NoError(t, first.Take(t.Context(), 80))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		err := second.Take(ctx, 50)
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, codes.ResourceExhausted, status.Code(err), "the memory is what was missing")
		require.ErrorContains(t, err, "other queries have 80 B of the 100 B")

		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		err = second.Take(ctx, 50)
		require.Equal(t, codes.Canceled, status.Code(err))
		require.ErrorIs(t, err, context.Canceled)
		require.EqualValues(t, 80, b.Used())
	})
}

// Two that have memory and want more would wait for each other.
func TestTheLastThatCouldMoveIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget(100)
		first, second := b.Open(), b.Open()
		require.NoError(t, first.Take(t.Context(), 50))
		require.NoError(t, second.Take(t.Context(), 50))
		granted := make(chan error, 1)
		go func() { granted <- first.Take(t.Context(), 10) }()
		synctest.Wait()
		began := time.Now()
		err := second.Take(t.Context(), 10)
		require.Equal(t, codes.ResourceExhausted, status.Code(err))
		require.Zero(t, time.Since(began))
		second.Close()
		require.NoError(t, <-granted)
	})
}

// Whoever has memory does not wait for long: those with the rest may wait for it in turn.
func TestPatienceOfHoldersEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget(100)
		first, second := b.Open(), b.Open()
		require.NoError(t, first.Take(t.Context(), 50))
		require.NoError(t, second.Take(t.Context(), 50))
		began := time.Now()
		require.Equal(t, codes.ResourceExhausted, status.Code(first.Take(t.Context(), 10)))
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

// What was begun comes before what was not, or nothing would end.
func TestHoldersComeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.NewBudget(100)
		first, second, third := b.Open(), b.Open(), b.Open()
		require.NoError(t, first.Take(t.Context(), 60))
		require.NoError(t, second.Take(t.Context(), 40))
		var order []string
		var group sync.WaitGroup
		group.Go(func() {
			require.NoError(t, third.Take(t.Context(), 30))
			order = append(order, "new")
		})
		synctest.Wait()
		group.Go(func() {
			require.NoError(t, second.Take(t.Context(), 30))
			order = append(order, "begun")
		})
		synctest.Wait()
		first.Give(30)
		synctest.Wait()
		require.Equal(t, []string{"begun"}, order)
		first.Close()
		group.Wait()
		require.Equal(t, []string{"begun", "new"}, order)
	})
}

// One data source that takes all it may leaves the others their part.
func TestPartsLeaveRoomForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		process := memory.NewBudget(400)
		greedy, modest := process.Part(0), process.Part(0)
		require.EqualValues(t, 300, greedy.Limit())
		require.EqualValues(t, 50, process.Part(50).Limit())
		require.EqualValues(t, 300, process.Part(1000).Limit())

		require.NoError(t, greedy.Open().Take(t.Context(), 300))
		go func() { _ = greedy.Open().Take(t.Context(), 50) }() // waits, and holds nobody else up
		synctest.Wait()
		other := modest.Open()
		require.NoError(t, other.Take(t.Context(), 100))
		require.EqualValues(t, 400, process.Used())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := modest.Open().Take(ctx, 20)
		require.ErrorContains(t, err, "all queries of the plugin may take")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestNoAccountIsNoLimit(t *testing.T) {
	var none *memory.Budget
	a := none.Open()
	require.NoError(t, a.Take(t.Context(), 1<<60))
	a.Give(1)
	a.Share(1)
	a.Close()
	require.Nil(t, memory.From(t.Context()))
}

func TestScopeClosesWhatItAdopted(t *testing.T) {
	b := memory.NewBudget(100)
	ctx, scope := memory.WithScope(t.Context())
	require.NoError(t, memory.Take(ctx, 1000), "nothing came in: there is nothing to render")
	a := b.Open()
	require.NoError(t, a.Take(ctx, 10))
	memory.Adopt(ctx, a)
	require.NoError(t, memory.Take(ctx, 20))
	require.EqualValues(t, 30, b.Used())
	require.Error(t, memory.Take(ctx, 100))
	scope.Close()
	require.Zero(t, b.Used())

	late := b.Open()
	require.NoError(t, late.Take(ctx, 10))
	memory.Adopt(ctx, late)
	require.Zero(t, b.Used(), "an answer that comes after the end is not kept")

	alone := b.Open()
	require.NoError(t, alone.Take(ctx, 10))
	memory.Adopt(t.Context(), alone)
	require.Zero(t, b.Used(), "nor is one that nobody waits for")
}

// However many want however much: never more than the limit, all end, and nothing is left behind.
func TestManyAtOnceStayWithin(t *testing.T) {
	const limit = 1000
	process := memory.NewBudget(limit)
	parts := []*memory.Budget{process.Part(0), process.Part(600), process.Part(100)}
	var actual, granted, refused atomic.Int64
	var group sync.WaitGroup
	for worker := range 40 {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for range 25 {
				a := parts[worker%len(parts)].Open()
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				var mine int64
				for range 3 {
					bytes := 1 + random.Int64N(60)
					if err := a.Take(ctx, bytes); err != nil {
						var refusal *memory.Refusal
						if !errors.As(err, &refusal) {
							t.Error(err)
						}
						refused.Add(1)
						break
					}
					mine += bytes
					if actual.Add(bytes) > limit {
						t.Error("more is taken than there is")
					}
					granted.Add(1)
				}
				actual.Add(-mine)
				a.Close()
				cancel()
			}
		})
	}
	group.Wait()
	require.Zero(t, process.Used())
	require.Positive(t, granted.Load())
	t.Logf("%d granted, %d refused", granted.Load(), refused.Load())
}

// What is taken ahead does not wait, and takes no more than there is, of all budgets that it
// counts in.
func TestTakeAhead(t *testing.T) {
	process := memory.NewBudget(100)
	part := process.Part(60)
	has, waits, ahead := part.Open(), part.Open(), part.Open()
	require.NoError(t, has.Take(t.Context(), 50))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- waits.Take(ctx, 20) }()
	require.True(t, ahead.TakeAhead(4))
	require.True(t, ahead.TakeAhead(6))
	require.False(t, ahead.TakeAhead(1))
	require.EqualValues(t, 60, part.Used())
	require.EqualValues(t, 60, process.Used())
	other := process.Open()
	require.True(t, other.TakeAhead(40))
	ahead.Close()
	late := process.Open()
	require.False(t, late.TakeAhead(11))
	require.True(t, late.TakeAhead(10))
	require.False(t, part.Open().TakeAhead(1), "its own budget has room, the process has none")
	cancel()
	require.Error(t, <-done)
	require.True(t, (*memory.Account)(nil).TakeAhead(1<<40))
	for _, a := range []*memory.Account{has, other, late} {
		a.Close()
	}
	require.Zero(t, process.Used())
}
