package symbols_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pyrofront/pyrofront/pkg/symbols"
)

func TestCostReadsAsASentence(t *testing.T) {
	for want, cost := range map[string]symbols.Cost{
		"0 binaries": {},
		"1 binary":   {Binaries: []symbols.BinaryCost{{State: symbols.StateResolved}}},
		"3 binaries, 41 MB fetched, 2 not found": {Binaries: []symbols.BinaryCost{
			{State: symbols.StateResolved, FetchedBytes: 41_200_000}, {State: symbols.StateNotFound}, {State: symbols.StateNotFound},
		}},
		"2 binaries, 1 kB fetched, 1 still under way, 1 failed": {Binaries: []symbols.BinaryCost{
			{State: symbols.StatePending, FetchedBytes: 1000}, {State: symbols.StateFailed},
		}},
	} {
		assert.Equal(t, want, cost.String())
	}
}

func TestJoinedCostsHaveEachBinaryOnce(t *testing.T) {
	failed := errors.New("no disk")
	costs := func(binaries ...symbols.BinaryCost) symbols.Cost { return symbols.Cost{Binaries: binaries} }
	joined := symbols.JoinCosts(
		costs(symbols.BinaryCost{BuildID: "a", Name: "libc", State: symbols.StateResolved, Addresses: 10, Named: 9, FetchedBytes: 7}, symbols.BinaryCost{BuildID: "b", State: symbols.StateResolved}),
		costs(),
		costs(symbols.BinaryCost{BuildID: "a", Name: "libc", State: symbols.StatePending, Addresses: 5}, symbols.BinaryCost{BuildID: "a", Name: "libc.old", State: symbols.StateNotFound}),
		costs(symbols.BinaryCost{BuildID: "b", State: symbols.StateFailed, Addresses: 3, Err: failed}, symbols.BinaryCost{BuildID: "a", Name: "libc", State: symbols.StateResolved, FetchedBytes: 7}),
	)
	assert.Equal(t, costs(
		symbols.BinaryCost{BuildID: "a", Name: "libc", State: symbols.StatePending, Addresses: 10, Named: 9, FetchedBytes: 7},
		symbols.BinaryCost{BuildID: "b", State: symbols.StateFailed, Addresses: 3, Err: failed},
		symbols.BinaryCost{BuildID: "a", Name: "libc.old", State: symbols.StateNotFound},
	), joined)
}

// A library may have other names elsewhere: it is fetched once, whatever it is called.
func TestOneFileOfSeveralNamesIsFetchedOnce(t *testing.T) {
	cost := symbols.Cost{Binaries: []symbols.BinaryCost{
		{BuildID: "a", Name: "libssl.so.3", State: symbols.StateResolved, FetchedBytes: 5 << 20},
		{BuildID: "b", Name: "libc.so.6", State: symbols.StateResolved, FetchedBytes: 1 << 20},
		{BuildID: "a", Name: "libssl.so.3.0.2", State: symbols.StateResolved, FetchedBytes: 5 << 20},
		{BuildID: "a", Name: "libssl.so", State: symbols.StatePending},
	}}
	assert.EqualValues(t, 6<<20, cost.FetchedBytes())
	assert.Contains(t, cost.String(), "4 binaries, 6")
}
