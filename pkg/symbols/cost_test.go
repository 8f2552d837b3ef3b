package symbols_test

import (
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
