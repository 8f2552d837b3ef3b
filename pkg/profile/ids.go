package profile

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ParseSpanID parses a span id of 16 hexadecimal digits. The number is the one
// that stores and query.v1.HeatmapPoint.span_id have: the bytes little end first.
func ParseSpanID(s string) (uint64, error) {
	var id [8]byte
	if err := parseHex(id[:], "span", s); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(id[:]), nil
}

// FormatSpanID is the text that ParseSpanID reads; no text for 0, which is no span.
func FormatSpanID(id uint64) string {
	if id == 0 {
		return ""
	}
	return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, id))
}

// ParseTraceID parses a trace id of 32 hexadecimal digits.
func ParseTraceID(s string) ([16]byte, error) {
	var id [16]byte
	err := parseHex(id[:], "trace", s)
	return id, err
}

// ParseProfileID parses the id of one profile, a UUID.
func ParseProfileID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.UUID{}, fmt.Errorf("profile id %q: it must be a UUID, such as 7c9e6679-7425-40de-944b-e07fc1f90ae7", s)
	}
	return id, nil
}

func parseHex(id []byte, what, s string) error {
	digits := hex.EncodedLen(len(id))
	if len(s) == digits {
		if _, err := hex.Decode(id, []byte(s)); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s id %q: it must be %d hexadecimal digits", what, s, digits)
}
