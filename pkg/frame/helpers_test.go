package frame_test

import (
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

const cpuID = "process_cpu:cpu:nanoseconds:cpu:nanoseconds"

var cpu = mustType(cpuID)

func mustType(id string) profile.Type {
	t, err := profile.ParseType(id)
	if err != nil {
		panic(err)
	}
	return t
}

// A flameRow is one row of a flame graph frame, as the panel reads it.
type flameRow struct {
	level       int
	value, self int64
	label       string
}

func flameRows(tb testing.TB, f *data.Frame) []flameRow {
	tb.Helper()
	rows := make([]flameRow, f.Rows())
	for i := range rows {
		rows[i] = flameRow{
			level: int(cell[int64](tb, f, "level", i)),
			value: cell[int64](tb, f, "value", i),
			self:  cell[int64](tb, f, "self", i),
			label: labelAt(tb, f, i),
		}
	}
	return rows
}

func cell[T any](tb testing.TB, f *data.Frame, name string, row int) T {
	tb.Helper()
	v, ok := field(tb, f, name).At(row).(T)
	require.True(tb, ok, "field %q is %s", name, field(tb, f, name).Type())
	return v
}

func column[T any](tb testing.TB, f *data.Frame, name string) []T {
	tb.Helper()
	values := make([]T, f.Rows())
	for i := range values {
		values[i] = cell[T](tb, f, name, i)
	}
	return values
}

func field(tb testing.TB, f *data.Frame, name string) *data.Field {
	tb.Helper()
	found, i := f.FieldByName(name)
	require.GreaterOrEqual(tb, i, 0, "no field %q", name)
	return found
}

// labelAt reads a label as the flame graph panel does: through the enum's
// texts where there are any.
func labelAt(tb testing.TB, f *data.Frame, row int) string {
	tb.Helper()
	label := field(tb, f, "label")
	if label.Type() == data.FieldTypeEnum {
		return label.Config.TypeConfig.Enum.Text[label.At(row).(data.EnumItemIndex)]
	}
	return label.At(row).(string)
}
