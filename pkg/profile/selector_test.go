package profile_test

import (
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestParseSelector(t *testing.T) {
	for text, want := range map[string]string{
		"":                      `{}`,
		"  ":                    `{}`,
		"{}":                    `{}`,
		`{a="b"}`:               `{a="b"}`,
		`{a="b",c=~"d.*",}`:     `{a="b",c=~"d.*"}`,
		`{a!="b", c!~"d|e"}`:    `{a!="b",c!~"d|e"}`,
		`{"my.label"="x"}`:      `{"my.label"="x"}`,
		`{"größe"="süß"}`:       `{"größe"="süß"}`,
		`cpu{a="b"}`:            `{a="b",__name__="cpu"}`,
		`{a="quote \" and \\"}`: `{a="quote \" and \\"}`,
	} {
		got, err := profile.ParseSelector(text)
		require.NoError(t, err, text)
		require.Equal(t, want, profile.FormatSelector(got), text)
	}
}

func TestParseSelectorErrors(t *testing.T) {
	for _, text := range []string{"{", `{a=}`, `{a="b"`, `{a=~"("}`, `{my.label="x"}`, `a b`, `sum(a)`} {
		_, err := profile.ParseSelector(text)
		require.ErrorContains(t, err, "label selector", text)
	}
}

func FuzzParseSelector(f *testing.F) {
	f.Add(`{service_name="checkout",region=~"eu-.*"}`)
	f.Add(`{"my.label"!="x"}`)
	f.Add(`up{a!~"\xff"}`)
	f.Fuzz(func(t *testing.T, text string) {
		matchers, err := profile.ParseSelector(text)
		if err != nil {
			return
		}
		formatted := profile.FormatSelector(matchers)
		again, err := profile.ParseSelector(formatted)
		require.NoError(t, err, formatted)
		require.Equal(t, describe(matchers), describe(again))
	})
}

func describe(matchers []*labels.Matcher) []string {
	var all []string
	for _, m := range matchers {
		all = append(all, m.String())
	}
	return all
}
