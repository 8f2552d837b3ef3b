package profile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"":                                      "",
		"main.main":                             "main.main",
		"encoding/json.(*decodeState).value":    "json.(*decodeState).value",
		"github.com/x-y/z.v1/pkg.Do.func1":      "pkg.Do.func1",
		"github.com/x/mod/v3/pkg.Do":            "pkg.Do",
		"github.com/x/mod/v3.Do":                "mod.Do",
		"github.com/x/mod/v1.Do":                "v1.Do",
		"github.com/x/mod/v02.Do":               "v02.Do",
		"github.com/x/mod/v10.Do":               "mod.Do",
		"github.com/x/very/v3y.Do":              "v3y.Do",
		"a/b":                                   "a/b",
		"a/b.":                                  "a/b.",
		"a/.b":                                  "a/.b",
		"/a.b":                                  "/a.b",
		"com.example.Class.method(int)":         "Class.method",
		"com.example.Class.<init>":              "Class.<init>",
		"com.example.Outer$Inner.run$1":         "Outer$Inner.run$1",
		"com.example.Class.Method":              "com.example.Class.Method",
		"com.example.Class.method[]":            "com.example.Class.method[]",
		"java":                                  "java",
		"Class":                                 "Class",
		"a::b::Class::method(int)":              "Class::method",
		"a::Class::~Class()":                    "Class::~Class",
		"a::Class::get<std::pair<int, int>>(x)": "Class::get<std::pair<int, int>>",
		"(anonymous namespace)::a::_Class::run": "_Class::run",
		"a::b::function":                        "a::b::function",
		"a::Outer::Inner::":                     "Outer::Inner",
		"a::Class::x<":                          "Class::x",
		"Class::method":                         "Class::method",
		"9::Class::method":                      "9::Class::method",
	} {
		require.Equal(t, want, shortName(name), name)
	}
}

func TestUnits(t *testing.T) {
	for unit, want := range map[string]string{
		"nanoseconds": "1.50s", "microseconds": "1500s", "ms": "1500000s", "bytes": "1500000000B", "KB": "1536000000000B", "count": "1500000000", "": "1500000000", "s": "1500000000s",
	} {
		require.Equal(t, want, dotUnit(unit).format(1_500_000_000), unit)
	}
	require.Equal(t, "0", dotUnit("nanoseconds").format(-1000))
}
