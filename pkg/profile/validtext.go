package profile

import (
	"slices"
	"strings"
	"unicode/utf8"

	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
)

// ValidTexts are texts with U+FFFD in the place of what is no UTF-8: names in real
// profiles are not always, and protobuf refuses messages with such. The texts
// themselves are not changed.
func ValidTexts(texts []string) []string {
	copied := false
	for i, text := range texts {
		if utf8.ValidString(text) {
			continue
		}
		if !copied {
			texts, copied = slices.Clone(texts), true
		}
		texts[i] = ValidText(text)
	}
	return texts
}

// ValidText does so for one text.
func ValidText(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }

// MakeTextsValid does so for a pprof profile, in place.
func MakeTextsValid(p *googlev1.Profile) { p.StringTable = ValidTexts(p.StringTable) }
