package profile_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

func TestParseIDs(t *testing.T) {
	span, err := profile.ParseSpanID("0100000000000080")
	require.NoError(t, err)
	require.Equal(t, uint64(0x8000000000000001), span)
	require.Equal(t, "0100000000000080", profile.FormatSpanID(span))
	require.Empty(t, profile.FormatSpanID(0))

	trace, err := profile.ParseTraceID("0000000000000000000000000000DEF0")
	require.NoError(t, err)
	require.Equal(t, [16]byte{13: 0x00, 14: 0xde, 15: 0xf0}, trace)

	id, err := profile.ParseProfileID("a0aa7a36-fe7d-4262-b447-fcfd55ce4575")
	require.NoError(t, err)
	require.Equal(t, "a0aa7a36-fe7d-4262-b447-fcfd55ce4575", id.String())
}

func TestParseIDErrorsSayWhatIsAllowed(t *testing.T) {
	for _, s := range []string{"", "zz", "abc000000000000", "abc00000000000000", "abc000000000000g", strings.Repeat("0", 32)} {
		_, err := profile.ParseSpanID(s)
		require.EqualError(t, err, `span id "`+s+`": it must be 16 hexadecimal digits`)
	}
	for _, s := range []string{"", "def0", strings.Repeat("0", 16), strings.Repeat("x", 32)} {
		_, err := profile.ParseTraceID(s)
		require.EqualError(t, err, `trace id "`+s+`": it must be 32 hexadecimal digits`)
	}
	for _, s := range []string{"", "1", "a0aa7a36-fe7d-4262-b447-fcfd55ce457", "a0aa7a36-fe7d-4262-b447-fcfd55ce457x"} {
		_, err := profile.ParseProfileID(s)
		require.ErrorContains(t, err, "must be a UUID")
		require.ErrorContains(t, err, `"`+s+`"`)
	}
}
