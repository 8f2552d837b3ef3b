package plugin

import (
	"context"
	"fmt"
	"regexp"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// topFunctionsLimit is how many functions are listed where a query names no
// limit and no functions.
const topFunctionsLimit = 100

// otherFunctions is what query-backends name the stacks that they cut off. It is
// no function.
const otherFunctions = "other"

// topFunctions asks for a table of functions. It is made of a call tree that is
// as large as the data source allows, so that functions that are called from
// many places are not lost in what a flame graph would leave out.
func (d *Datasource) topFunctions(t *target) error {
	filter, err := functionFilter(t.model.Functions)
	if err != nil {
		return err
	}
	preset := int64(topFunctionsLimit)
	if t.model.Functions != "" {
		preset = 0 // whoever names functions wants them all
	}
	limit, err := t.model.functionLimit(preset)
	if err != nil {
		return err
	}
	request := t.treeRequest(t.model.LabelSelector, t.query.TimeRange)
	if request.MaxNodes == nil {
		request.MaxNodes = &d.settings.frontend.Limits.MaxNodesMax
	}
	t.requests = []queryfrontend.PanelRequest{{Tree: request}}
	t.render = func(ctx context.Context, panels []queryfrontend.PanelAnswer) (data.Frames, error) {
		panel := panels[0]
		if err := takeTrees(ctx, panel.Tree); err != nil {
			return nil, err
		}
		tree := &panel.Tree.Tree
		functions := profile.TopFunctions(tree)
		t.noticeTable(panel, functions, tree.Total())
		if functions, err = keepFunctions(ctx, functions, filter); err != nil {
			return nil, err
		}
		var measures []frame.Measure
		if t.forExpressions {
			// An expression compares one number a function.
			measures = []frame.Measure{frame.MeasureShare}
			functions = t.ruleFunctions(functions, limit)
		} else if limit > 0 && int64(len(functions)) > limit {
			functions = functions[:limit]
		}
		table := frame.TopFunctions(functions, tree.Total(), t.profileType, measures...)
		if !t.forExpressions {
			frame.LinkFunctions(table, d.uid, t.selection())
		}
		return data.Frames{table}, nil
	}
	return nil
}

// selection are the fields of a query that say of which profiles, and of which stacks, it
// is.
func (t *target) selection() map[string]any {
	fields := map[string]any{"profileTypeId": t.model.ProfileTypeID, "labelSelector": t.selectorText()}
	for name, list := range map[string][]string{
		"callSite": t.model.CallSite, "spanSelector": t.model.SpanSelector, "traceIdSelector": t.model.TraceIDSelector, "profileIdSelector": t.model.ProfileIDSelector,
	} {
		if len(list) > 0 {
			fields[name] = list
		}
	}
	return fields
}

// functionLimit is how many functions to list; 0 is all of them.
func (m queryModel) functionLimit(preset int64) (int64, error) {
	switch {
	case m.Limit != nil && *m.Limit < 0:
		return 0, invalidQuery("limit", fmt.Errorf("%d is negative, allowed are 0 (no limit) and above", *m.Limit))
	case m.Limit != nil:
		return *m.Limit, nil
	}
	return preset, nil
}

// functionFilter is a regular expression that has to match a whole function
// name, as in a label selector. An empty one lets all pass.
func functionFilter(expression string) (func(string) bool, error) {
	if expression == "" {
		return func(string) bool { return true }, nil
	}
	if err := profile.CheckExpression(expression); err != nil {
		return nil, invalidQuery("functions", err)
	}
	compiled, err := regexp.Compile("^(?:" + expression + ")$")
	if err != nil {
		return nil, invalidQuery("functions", fmt.Errorf("%q is not a regular expression: %w", expression, err))
	}
	return compiled.MatchString, nil
}

// keepFunctions drops what a filter does not let pass, as long as somebody waits: an
// expression can be slow, and functions are many.
func keepFunctions(ctx context.Context, functions []profile.Function, filter func(string) bool) ([]profile.Function, error) {
	kept := functions[:0]
	for _, f := range functions {
		if err := ctx.Err(); err != nil {
			return nil, queryfrontend.Interrupted("filtering functions", err)
		}
		if f.Name != otherFunctions && filter(f.Name) {
			kept = append(kept, f)
		}
	}
	return kept, nil
}
