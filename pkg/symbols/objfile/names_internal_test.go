package objfile

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWithoutArguments(t *testing.T) {
	for name, want := range map[string]string{
		"main": "main",
		"std::accumulate<int*, std::vector<int> >": "std::accumulate",
		"(anonymous namespace)::helper":            "(anonymous namespace)::helper",
		"a::Box<(char)40>::run<b::C>":              "a::Box::run",
		"lambdas(int)::<lambda(int, int)>":         "lambdas::<lambda>",
		"operator<<":                               "operator<<",
		"ns::operator<< <char>":                    "ns::operator<<",
		"S::operator()<int>":                       "S::operator()",
		"S::operator->":                            "S::operator->",
		"S<int>::operator<=>":                      "S::operator<=>",
		"operators::f<1>":                          "operators::f",
		"f<decltype(a->b)>":                        "f",
		"odd>":                                     "odd>",
		"<>":                                       "<>",
		"":                                         "",
	} {
		assert.Equal(t, want, withoutArguments(name), name)
	}
}
