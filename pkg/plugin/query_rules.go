package plugin

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// A rule has an instance a function, each with a state of its own, and a person
// who is told. Without names of functions it watches the few that matter most,
// and it never has more instances than somebody can look through.
const (
	ruleFunctionsPreset  = 10
	ruleFunctionsMaximum = 100
)

// checkReader refuses a query whose answer an expression cannot read, in the
// words of the person who chose its type.
func checkReader(asked queryType, request *backend.QueryDataRequest) error {
	if asked.forExpressions || !forExpressions(request) {
		return nil
	}
	reader := "expressions"
	if fromAlert(request) {
		reader = "alert rules"
	}
	others := slices.DeleteFunc(queryTypes(), func(t queryType) bool { return !t.forExpressions })
	return invalidQuery("queryType", fmt.Errorf("query type %s is not for %s: use %s", asked.name, reader, listNames(others, "or")))
}

// ruleFunctions are the functions that a rule watches: those with the largest
// totals, since the share of the total is the number that it compares.
func (t *target) ruleFunctions(functions []profile.Function, limit int64) []profile.Function {
	slices.SortStableFunc(functions, func(a, b profile.Function) int { return cmp.Compare(b.Total, a.Total) })
	bound := ruleFunctionsMaximum
	if t.model.Functions == "" && t.model.Limit == nil {
		bound = ruleFunctionsPreset
	} else if limit > 0 {
		bound = int(min(int64(bound), limit))
	}
	if len(functions) <= bound {
		return functions
	}
	if t.model.Functions == "" {
		t.notice(data.NoticeSeverityWarning, "The rule watches the %d functions with the largest total share. Name the functions to watch in the option Functions.", bound)
	} else {
		t.notice(data.NoticeSeverityWarning, "%d functions match: the rule watches the %d with the largest total share.", len(functions), bound)
	}
	return functions[:bound]
}
