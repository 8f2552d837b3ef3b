package queryplan

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestUnlessOther(t *testing.T) {
	for _, m := range []*labels.Matcher{
		labels.MustNewMatcher(labels.MatchRegexp, "a", "b.*"),
		labels.MustNewMatcher(labels.MatchEqual, "a", ""),
		labels.MustNewMatcher(labels.MatchNotEqual, "a", "b"),
		labels.MustNewMatcher(labels.MatchEqual, "a", strings.Repeat("x", maxComplement+1)),
		labels.MustNewMatcher(labels.MatchEqual, "a", "\xff"),
	} {
		_, ok := unlessOther(m)
		require.False(t, ok, m.String())
	}
	long := strings.Repeat("ö]", maxComplement/3)
	turned, ok := unlessOther(labels.MustNewMatcher(labels.MatchEqual, "a", long))
	require.True(t, ok)
	require.True(t, turned.Matches(long))
	require.False(t, turned.Matches(long+"x"))
}

// What is turned around matches the same values.
func TestUnlessOtherMatchesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune(`ab.*\]^-[|("ö` + "\n")))
		values := rapid.SliceOfN(text.Filter(func(s string) bool { return s != "" }), 1, 5).Draw(t, "values")
		slices.Sort(values)
		values = slices.Compact(values)
		turned, err := labels.NewMatcher(labels.MatchNotRegexp, "a", complement(values))
		require.NoError(t, err)
		for _, value := range values {
			require.True(t, turned.Matches(value), value)
		}
		other := text.Draw(t, "other")
		require.Equal(t, slices.Contains(values, other), turned.Matches(other), "%q in %q", other, values)
	})
}
