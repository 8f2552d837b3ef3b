package queryfrontend

import (
	"strings"
	"unicode"
	"unicode/utf8"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// maxForeignRunes is how much of a message of others is shown.
const maxForeignRunes = 500

// ForeignMessage is a message that somebody else wrote, a server of the cluster or
// what lies in between, fit for being shown and logged: one line, cut where it is
// long, of valid UTF-8, and without control characters.
func ForeignMessage(message string) string {
	var b strings.Builder
	runes := 0
	for _, r := range message {
		if runes == maxForeignRunes {
			b.WriteString("…")
			break
		}
		runes++
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			r = utf8.RuneError
		}
		b.WriteRune(r)
	}
	return strings.TrimSpace(b.String())
}

// A foreignError has the causes of another, and a message that can be shown.
type foreignError struct {
	cause   error
	message string
}

func (e *foreignError) Error() string { return e.message }
func (e *foreignError) Unwrap() error { return e.cause }

// foreign is an error with a prefix and the other's message, cleaned.
func foreign(prefix string, err error) error {
	return &foreignError{cause: err, message: prefix + ForeignMessage(err.Error())}
}

// cleanExecution does so for what query-backends tell of an execution. The tree is
// as deep as they make it, so it is not walked by recursion.
func cleanExecution(root *queryv1.ExecutionNode) {
	for ahead := []*queryv1.ExecutionNode{root}; len(ahead) > 0; {
		node := ahead[len(ahead)-1]
		ahead = ahead[:len(ahead)-1]
		if node == nil {
			continue
		}
		node.Executor, node.Error = ForeignMessage(node.Executor), ForeignMessage(node.Error)
		ahead = append(ahead, node.Children...)
	}
}
