package objfile

import (
	"strings"

	"github.com/ianlancetaylor/demangle"
)

// maxDemangled bounds the length of a demangled name to 2^16 bytes: those of a
// few bytes can be made to unfold to many.
const maxDemangled = 16

// ShortName is how people read a function's name: demangled where it is C++'s or
// Rust's, without parameters and what templates are made for, as pprof has it.
func ShortName(name string) string {
	if mangled(name) {
		if short := demangled(name); short != "" {
			return short
		}
		// A version or a suffix of a compiler that the demangler does not know.
		if plain, _, ok := strings.Cut(name, "@"); ok {
			if short := demangled(plain); short != "" {
				return short
			}
		}
	}
	if i := strings.IndexByte(name, '@'); i > 0 { // a symbol's version, as in step@GLIBC_2.2.5
		name = name[:i]
	}
	return withoutSuffixes(name)
}

// mangled tells the linker's names of C++ and Rust.
func mangled(name string) bool {
	return strings.HasPrefix(name, "_Z") || strings.HasPrefix(name, "_R") || strings.HasPrefix(name, "__Z")
}

func demangled(name string) string {
	short, err := demangle.ToString(name, demangle.NoParams, demangle.NoEnclosingParams, demangle.NoTemplateParams,
		demangle.NoClones, demangle.MaxLength(maxDemangled))
	if err != nil {
		return ""
	}
	return short
}

// withoutSuffixes cuts what compilers append to the names of a function's parts and
// copies, so that it is one function.
func withoutSuffixes(name string) string {
	for {
		i := strings.LastIndexByte(name, '.')
		if i <= 0 {
			return name
		}
		last, rest := name[i+1:], name[:i]
		switch {
		case last == "cold" || last == "constprop" || last == "isra" || last == "part" || last == "lto_priv":
			name = rest
		case last == "abi0" || last == "abiinternal": // Go's calling conventions
			name = rest
		case isNumber(last):
			word := rest[strings.LastIndexByte(rest, '.')+1:]
			switch word {
			case "cold", "constprop", "isra", "part", "lto_priv", "llvm":
				name = rest[:max(len(rest)-len(word)-1, 0)]
			default:
				return name
			}
		default:
			return name
		}
		if name == "" {
			return last
		}
	}
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// operators are the ones with brackets in their names, longer ones first.
var operators = []string{"<=>", "<<=", ">>=", "->*", "()", "<<", ">>", "<=", ">=", "->", "<", ">"}

// withoutArguments cuts parameters and what templates are made for out of a name
// that is not mangled, as in std::accumulate<int*, int>. One that does not add up
// stays as it is.
func withoutArguments(name string) string {
	const anonymous, lambda, operator = "(anonymous namespace)", "<lambda", "operator"
	var out strings.Builder
	depth := 0
	for i := 0; i < len(name); i++ {
		rest := name[i:]
		switch c := name[i]; {
		case depth == 0 && strings.HasPrefix(rest, anonymous):
			out.WriteString(anonymous)
			i += len(anonymous) - 1
		case depth == 0 && strings.HasPrefix(rest, operator) && (i == 0 || name[i-1] == ':'):
			out.WriteString(operator)
			i += len(operator) - 1
			for _, o := range operators {
				if strings.HasPrefix(rest[len(operator):], o) {
					out.WriteString(o)
					i += len(o)
					break
				}
			}
		case c == '<' || c == '(':
			if depth == 0 && strings.HasPrefix(rest, lambda) {
				out.WriteString(lambda + ">")
			}
			depth++
		case c == '>' && i > 0 && name[i-1] == '-': // an arrow
		case c == '>' || c == ')':
			if depth--; depth < 0 {
				return name
			}
		case depth == 0:
			out.WriteByte(c)
		}
	}
	if depth != 0 || out.Len() == 0 {
		return name
	}
	return strings.TrimRight(out.String(), " ")
}
