package profile_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestParseType(t *testing.T) {
	got, err := profile.ParseType("process_cpu:cpu:nanoseconds:cpu:nanoseconds")
	require.NoError(t, err)
	require.Equal(t, profile.Type{
		ID: "process_cpu:cpu:nanoseconds:cpu:nanoseconds", Name: "process_cpu",
		SampleType: "cpu", SampleUnit: "nanoseconds", PeriodType: "cpu", PeriodUnit: "nanoseconds",
	}, got)
	require.Equal(t, `__profile_type__="process_cpu:cpu:nanoseconds:cpu:nanoseconds"`, got.Matcher().String())
}

func TestParseTypeWithDelta(t *testing.T) {
	got, err := profile.ParseType("block:delay:nanoseconds:contentions:count:delta")
	require.NoError(t, err)
	require.True(t, got.Delta)
	require.Equal(t, "block:delay:nanoseconds:contentions:count:delta", got.ID)
	require.Equal(t, "block:delay:nanoseconds:contentions:count", got.Matcher().Value, "stores label without :delta")
}

func TestParseTypeErrorsSayWhatIsAllowed(t *testing.T) {
	_, err := profile.ParseType("")
	require.ErrorContains(t, err, "the profile type is missing: it is <name>:")
	for _, id := range []string{"cpu", "a:b:c:d", "a:b:c:d:e:f:g", "a:b:c:d:e:sum"} {
		_, err := profile.ParseType(id)
		require.ErrorContains(t, err, "delta", id)
		require.ErrorContains(t, err, `"`+id+`"`)
	}
}
