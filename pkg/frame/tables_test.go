package frame_test

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/frame"
	"github.com/pyrofront/pyrofront/pkg/profile"
)

func tables() map[string]*data.Frame {
	function := profile.Function{Name: "main.main", Self: 1, Total: 3}
	change := profile.FunctionDiff{Name: "main.main", SelfLeft: 1, SelfRight: 2, TotalLeft: 3, TotalRight: 4}
	return map[string]*data.Frame{
		"top functions":       frame.TopFunctions([]profile.Function{function}, 12, cpu),
		"top functions, none": frame.TopFunctions(nil, 0, cpu),
		"changes":             frame.ChangedFunctions([]profile.FunctionDiff{change}, 12, 13, cpu, 10),
		"changes, none":       frame.ChangedFunctions(nil, 0, 0, cpu, 10),
		"plan":                frame.PlanTable(planNodes()),
		"plan, none":          frame.PlanTable(nil),
	}
}

// Grafana sorts an enum by its index, and converts it to text with quotes or as a
// number: a table has plain text.
func TestTablesHaveNoEnums(t *testing.T) {
	for name, table := range tables() {
		for _, field := range table.Fields {
			require.NotContains(t, []data.FieldType{data.FieldTypeEnum, data.FieldTypeNullableEnum}, field.Type(), "%s: %s", name, field.Name)
		}
	}
}

// A panel of several tables loses all of them where one has no columns.
func TestTablesOfNothingHaveColumns(t *testing.T) {
	all := tables()
	for _, name := range []string{"top functions", "changes", "plan"} {
		full, empty := all[name], all[name+", none"]
		require.Zero(t, empty.Rows(), name)
		require.Len(t, empty.Fields, len(full.Fields), name)
		for i, field := range full.Fields {
			require.Equal(t, field.Name, empty.Fields[i].Name)
			require.Equal(t, field.Type(), empty.Fields[i].Type())
			require.Equal(t, field.Config, empty.Fields[i].Config)
		}
	}
}

// A bar gauge draws a field as long as it knows both ends.
func TestSharesHaveEnds(t *testing.T) {
	want := map[string][2]float64{"share": {0, 1}, "shareBaseline": {0, 1}, "shareChange": {-1, 1}}
	seen := 0
	for name, table := range tables() {
		for _, field := range table.Fields {
			ends, isShare := want[field.Name]
			if !isShare {
				continue
			}
			seen++
			require.NotNil(t, field.Config.Min, name)
			require.Equal(t, ends, [2]float64{float64(*field.Config.Min), float64(*field.Config.Max)}, name)
			require.Equal(t, "percentunit", field.Config.Unit)
		}
	}
	require.Equal(t, 8, seen)
}

// A panel that is half as wide as a dashboard shows what a function took, not its name
// alone, and one of the whole width gives what is left to the name. Grafana adds up the
// widths that are set, and shares what is left among the columns of none.
func TestNumbersAreInViewInHalfAPanel(t *testing.T) {
	const half, border, scrollBar = 600, 20, 20
	for name, columns := range map[string]int{"top functions": 4, "changes": 4} {
		room := half - scrollBar - border
		free := 0
		for i, field := range tables()[name].Fields {
			custom := field.Config.Custom
			if width, ok := custom["width"].(int); ok {
				require.GreaterOrEqual(t, width, 8*len(field.Config.DisplayName), "the title of %s", field.Name)
				if i < columns {
					room -= width
				}
				continue
			}
			free++
			require.Equal(t, "function", field.Name)
			require.Zero(t, i, "the name comes first")
			room -= custom["minWidth"].(int)
		}
		require.Equal(t, 1, free, name)
		require.GreaterOrEqual(t, room, 0, name)
	}
}
