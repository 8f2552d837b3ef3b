package profile

import (
	"fmt"
	"regexp/syntax"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/util/strutil"
)

// Limits of what a selector may be. They are far above what dashboards write, a
// list of thousands of pods among it, and keep the work for a query bounded: every
// matcher is tried on every value.
const (
	// MaxSelectorBytes is the length of a selector's text.
	MaxSelectorBytes = 64 << 10
	// MaxMatchers is how many matchers a selector has.
	MaxMatchers = 256
	// MaxExpressionSize is the size of a regular expression once its repetitions
	// are written out: a{1000} is a thousand. What is longer as it stands, such as a
	// list of names, may be as large as that.
	MaxExpressionSize = 10_000
)

// checkSelector refuses what is beyond the limits before any expression is
// compiled. What is no selector at all is left to the parser.
func checkSelector(s string) error {
	if len(s) > MaxSelectorBytes {
		return fmt.Errorf("a label selector of %d bytes: at most %d are allowed", len(s), MaxSelectorBytes)
	}
	var item parser.Item
	matchers, expression := 0, false
	for lexer := parser.Lex(s); ; {
		lexer.NextItem(&item)
		switch item.Typ {
		case parser.EOF, parser.ERROR:
			return nil
		case parser.EQL, parser.NEQ:
			matchers++
		case parser.EQL_REGEX, parser.NEQ_REGEX:
			matchers++
			expression = true
			continue
		case parser.STRING:
			if text, err := strutil.Unquote(item.Val); expression && err == nil {
				if err := CheckExpression(text); err != nil {
					return err
				}
			}
		}
		expression = false
		if matchers > MaxMatchers {
			return fmt.Errorf("a label selector of more than %d matchers", MaxMatchers)
		}
	}
}

// CheckExpression refuses a regular expression that is too large with its
// repetitions written out. What is no expression at all is left to who compiles it.
func CheckExpression(expression string) error {
	if len(expression) > MaxSelectorBytes {
		return fmt.Errorf("a regular expression of %d bytes: at most %d are allowed", len(expression), MaxSelectorBytes)
	}
	parsed, err := syntax.Parse(expression, syntax.Perl|syntax.DotNL)
	if err != nil {
		return nil
	}
	if size, limit := expressionSize(parsed), max(MaxExpressionSize, 2*len(expression)); size > limit {
		return fmt.Errorf("the regular expression %s is of size %d with its repetitions written out: at most %d are allowed", shortQuote(expression), size, limit)
	}
	return nil
}

// expressionSize is about how many instructions a compiled expression has. The
// parser bounds repetitions and depth, so that it fits an int.
func expressionSize(e *syntax.Regexp) int {
	size := 1
	if e.Op == syntax.OpLiteral {
		size = len(e.Rune)
	}
	for _, part := range e.Sub {
		size += expressionSize(part)
	}
	if e.Op == syntax.OpRepeat {
		size *= max(e.Min, e.Max, 1)
	}
	return size
}

// shortQuote quotes a text, cut where it is long.
func shortQuote(text string) string {
	const long = 100
	if len(text) <= long {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q…", text[:long])
}
