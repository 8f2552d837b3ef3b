package plugin

import (
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/symbols"
)

// namedBinaries is how many binaries a notice names.
const namedBinaries = 3

// noticeSymbols tells which native code has no names yet, and why.
func (t *target) noticeSymbols() {
	cost, _ := t.symbolCost()
	if pending := t.binaries(cost.Binaries, symbols.StatePending); pending != "" {
		t.notice(data.NoticeSeverityInfo, "Names of native code are still being fetched for %s. The next refresh has what has come by then.", pending)
	}
	for _, b := range cost.Binaries {
		if b.Err != nil {
			t.notice(data.NoticeSeverityWarning, "No names of native code for %s: %s.", binaryName(b), b.Err)
			break // one error stands for all: they are mostly of one server
		}
	}
}

// symbolCost is what names of native code cost for all answers: those of a diff, or of the
// steps of functions over time, have most binaries in common.
func (t *target) symbolCost() (cost symbols.Cost, took time.Duration) {
	var costs []symbols.Cost
	for answer := range t.answers() {
		if answer.Symbols != nil {
			costs = append(costs, answer.Symbols.Cost)
			took = max(took, answer.Symbols.Took)
		}
	}
	return symbols.JoinCosts(costs...), took
}

// binaries lists the binaries in a state, empty where there is none.
func (t *target) binaries(all []symbols.BinaryCost, state symbols.State) string {
	var names []string
	for _, b := range all {
		if b.State == state {
			names = append(names, binaryName(b))
		}
	}
	if len(names) > namedBinaries {
		names = append(names[:namedBinaries], "…")
	}
	return strings.Join(names, ", ")
}

func binaryName(b symbols.BinaryCost) string {
	if b.Name == "" {
		return "build id " + b.BuildID
	}
	return b.Name
}

// symbolStats are what names of native code cost, none where there were none to
// find.
func (t *target) symbolStats() (stats []data.QueryStat) {
	all, took := t.symbolCost()
	if len(all.Binaries) == 0 {
		return nil
	}
	named, addresses := all.Named()
	return []data.QueryStat{
		frame.Stat("Native binaries: "+all.String(), "short", float64(len(all.Binaries))),
		frame.Stat("Native addresses", "short", float64(addresses)),
		frame.Stat("Native addresses named", "short", float64(named)),
		frame.Stat("Symbol bytes fetched", "bytes", float64(all.FetchedBytes())),
		frame.Stat("Symbols time", "ms", milli(took)),
	}
}
