package queryfrontend

import (
	"strings"
	"unicode"
	"unicode/utf8"
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
