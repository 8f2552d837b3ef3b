package objfile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

func TestShortName(t *testing.T) {
	for name, want := range map[string]string{
		"main":                                   "main",
		"":                                       "",
		"runtime.mallocgc":                       "runtime.mallocgc",
		"main.(*T[...]).do.func1":                "main.(*T[...]).do.func1",
		"runtime.memmove.abi0":                   "runtime.memmove",
		"_ZN8geometry6SquareC2Ed":                "geometry::Square::Square",
		"_ZNSt6vectorIiSaIiEE9push_backEOi":      "std::vector::push_back",
		"_ZNSt6vectorIiSaIiEE9push_backEOi.cold": "std::vector::push_back",
		"_ZNSt6vectorIiSaIiEE9push_backEOi.isra.0.constprop.1": "std::vector::push_back",
		"_ZN4core3ptr13drop_in_place17h0123456789abcdefE":      "core::ptr::drop_in_place",
		"_RNvCs1234_7mycrate3foo":                              "mycrate::foo",
		"clone_me.constprop.0":                                 "clone_me",
		"walk.cold":                                            "walk",
		"walk.part.0.cold":                                     "walk",
		"f.isra.0":                                             "f",
		"f.llvm.1234567890":                                    "f",
		"counter.0":                                            "counter.0",
		"step@GLIBC_2.2.5":                                     "step",
		"memcpy@@GLIBC_2.14":                                   "memcpy",
		".cold":                                                ".cold",
		"_Zzz":                                                 "_Zzz",
	} {
		assert.Equal(t, want, objfile.ShortName(name), name)
	}
}

// Names are made by others: one of a few bytes may stand for one of gigabytes.
func TestShortNameIsBounded(t *testing.T) {
	bomb := "_Z1fI" + strings.Repeat("St4pairI", 40) + "iiE" + strings.Repeat("S_S_E", 40) + "EvT_"
	assert.LessOrEqual(t, len(objfile.ShortName(bomb)), 1<<17)
}
