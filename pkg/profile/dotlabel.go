package profile

import (
	"path"
	"strings"
)

// escapeDOT makes text fit for a quoted string in DOT. Lines end on the left.
func escapeDOT(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\l`).Replace(s)
}

// dotLabel is a place on several lines: the parts of a short function name, and
// the file without its folders.
func dotLabel(p place) string {
	if p.file != "" {
		p.file = path.Base(p.file)
	}
	p.file = escapeDOT(p.file)
	p.binary = escapeDOT(p.binary)
	// Go shows type parameters as "[...]": those dots do not separate lines.
	p.name = strings.NewReplacer("::", `\n`, "[...]", "[…]", ".", `\n`).Replace(escapeDOT(shortName(p.name)))
	return strings.Join(p.parts(), `\n`) + `\n`
}

// shortName is a function's name without the path of its Go package, its Java
// package or its C++ namespaces.
func shortName(name string) string {
	name = strings.TrimPrefix(name, "(anonymous namespace)::")
	name = withoutGoMajor(name)
	for _, short := range []func(string) (string, bool){shortGo, shortJava, shortCPP} {
		if s, ok := short(name); ok {
			return s
		}
	}
	return name
}

// withoutGoMajor removes the first "/v2" or later from a Go package path.
func withoutGoMajor(name string) string {
	for at := 0; ; {
		i := strings.Index(name[at:], "/v")
		if i < 0 {
			return name
		}
		at += i + len("/v")
		end := at
		for end < len(name) && isDigit(name[end]) {
			end++
		}
		digits := name[at:end]
		major := len(digits) > 1 && digits[0] != '0' || len(digits) == 1 && digits[0] >= '2'
		if major && end < len(name) && (name[end] == '.' || name[end] == '/') {
			return name[:at-len("/v")] + name[end:]
		}
	}
}

// shortGo cuts the folders off "host/path/package.Function".
func shortGo(name string) (string, bool) {
	var cuts []int // after each folder
	start := 0
	for i := range len(name) {
		if c := name[i]; c == '/' && i > start {
			start = i + 1
			cuts = append(cuts, start)
		} else if !isWord(c) && c != '-' && c != '.' {
			break
		}
	}
	for i := len(cuts) - 1; i >= 0; i-- {
		rest := name[cuts[i]:]
		if dot := strings.IndexByte(rest, '.'); dot > 0 && dot+1 < len(rest) {
			return rest, true
		}
	}
	return "", false
}

// shortJava cuts the packages and arguments off "com.example.Class.method(int)".
func shortJava(name string) (string, bool) {
	for name != "" && isLower(name[0]) {
		end := wordEnd(name, "")
		if end == len(name) || name[end] != '.' {
			return "", false
		}
		name = name[end+1:]
	}
	if name == "" || !isUpper(name[0]) {
		return "", false
	}
	end := wordEnd(name, "$")
	method := strings.TrimPrefix(name[end:], ".")
	if len(method) == len(name)-end {
		return "", false
	}
	after, constructor := strings.CutPrefix(method, "<init>")
	if !constructor {
		if method == "" || !isLower(method[0]) {
			return "", false
		}
		after = method[wordEnd(method, "$"):]
	}
	if after != "" && after[0] != '(' {
		return "", false
	}
	return name[:len(name)-len(after)], true
}

// shortCPP cuts the namespaces and arguments off "space::Class::method(int)".
func shortCPP(name string) (string, bool) {
	var cuts []int // after each name that "::" follows
	for at := 0; at < len(name) && !isDigit(name[at]); {
		end := at + wordEnd(name[at:], "")
		if end == at || !strings.HasPrefix(name[end:], "::") {
			break
		}
		at = end + len("::")
		cuts = append(cuts, at)
	}
	for i := len(cuts) - 1; i >= 0; i-- {
		if s, ok := classMethod(name[cuts[i]:]); ok {
			return s, true
		}
	}
	return "", false
}

// classMethod finds "Class::method" or "Class::~method<T>" at the start of s.
func classMethod(s string) (string, bool) {
	end := wordEnd(s, "")
	if class := strings.TrimLeft(s[:end], "_"); class == "" || !isUpper(class[0]) {
		return "", false
	}
	method, ok := strings.CutPrefix(s[end:], "::")
	if !ok {
		return "", false
	}
	method = strings.TrimPrefix(method, "~")
	length := wordEnd(method, "")
	if length == 0 || isDigit(method[0]) {
		return "", false
	}
	after := method[length:]
	if strings.HasPrefix(after, "<") {
		after = after[strings.LastIndexByte(after, '>')+1:]
	}
	return s[:len(s)-len(after)], true
}

// wordEnd is how many letters, digits, underscores and others s starts with.
func wordEnd(s, others string) int {
	for i := range len(s) {
		if !isWord(s[i]) && !strings.Contains(others, s[i:i+1]) {
			return i
		}
	}
	return len(s)
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isWord(c byte) bool  { return isLower(c) || isUpper(c) || isDigit(c) || c == '_' }
