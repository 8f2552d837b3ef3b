package queryfrontend_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/internal/corpus"
)

// recordedStore is what a real Pyroscope's index held while the cases were recorded.
func recordedStore(t testing.TB) corpus.Store {
	t.Helper()
	store, err := corpus.Recorded()
	require.NoError(t, err)
	return store
}

func recordedCases(t testing.TB) []corpus.Case {
	t.Helper()
	cases, err := corpus.Cases()
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	return cases
}

func unmarshal[T proto.Message](t testing.TB, raw []byte, message T) T {
	t.Helper()
	message, err := corpus.Decode(raw, message)
	require.NoError(t, err)
	return message
}
