package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestSelectorLimits(t *testing.T) {
	pods := make([]string, 3000)
	for i := range pods {
		pods[i] = fmt.Sprintf("checkout-%d", i)
	}
	// 280 bytes, and 40,000 states of an automaton.
	repetitions := strings.Repeat("x{1000}", 40)
	many := strings.Join(pods, "|")
	for name, test := range map[string]struct{ selector, message string }{
		"a list of pods":         {`{pod=~"` + many + `"}`, ""},
		"a list of pods to drop": {`{pod!~"(` + many + `)-[a-z]+"}`, ""},
		"a small repetition":     {`{pod=~"[0-9a-f]{1,64}"}`, ""},
		"the most matchers":      {`{` + strings.Repeat(`a="b",`, profile.MaxMatchers) + `}`, ""},
		"braces in a value":      {`{pod="a{1000}{1000}"}`, ""},
		"too many matchers":      {`{` + strings.Repeat(`a="b",`, profile.MaxMatchers+1) + `}`, "of more than 256 matchers"},
		"too long":               {`{a="` + strings.Repeat("b", profile.MaxSelectorBytes) + `"}`, "at most 65536 are allowed"},
		"repetitions":            {`{pod=~"` + repetitions + `"}`, "is of size"},
		"of a group":             {`{pod=~"(a|bb|[c-f]x|.*y|z+|(?i)kk|\\d\\d)` + "{1000}" + `"}`, "is of size"},
		"negated":                {`{pod!~"` + repetitions + `"}`, "is of size"},
		"in backquotes":          {"{pod=~`" + repetitions + "`}", "is of size"},
		"in single quotes":       {`{pod=~'` + repetitions + `'}`, "is of size"},
		"with an open end":       {`{pod=~"` + strings.ReplaceAll(repetitions, "}", ",}") + `"}`, "is of size"},
		"after a good one":       {`{b=~"a",pod=~"` + repetitions + `"}`, "is of size"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := profile.ParseSelector(test.selector)
			if test.message == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.message)
			require.Less(t, len(err.Error()), 500, "what is refused for being long is not repeated")
		})
	}
}

// A large expression is refused for less than compiling it takes: a thousandth of
// what its instructions would be.
func TestALargeExpressionIsNotCompiled(t *testing.T) {
	allocated := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = profile.ParseSelector(`{pod=~"` + strings.Repeat(".{1000}", 40) + `"}`)
		}
	}).AllocedBytesPerOp()
	require.Less(t, allocated, int64(64<<10))
}

func FuzzCheckExpression(f *testing.F) {
	f.Add(`((a{30}){30}){30}`)
	f.Add(`a|b|[c-f]+?`)
	f.Add(`(?i)x{1000}`)
	f.Fuzz(func(_ *testing.T, expression string) {
		_ = profile.CheckExpression(expression)
	})
}

func TestValidTexts(t *testing.T) {
	texts := []string{"main", "bad\xff\xfename", "größe"}
	got := profile.ValidTexts(texts)
	require.Equal(t, []string{"main", "bad\uFFFDname", "größe"}, got)
	require.Equal(t, "bad\xff\xfename", texts[1], "the texts themselves are not changed")
}
