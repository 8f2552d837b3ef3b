package profile

import (
	"bytes"
	"compress/gzip"
	"testing"

	"github.com/stretchr/testify/require"
)

// DecodePprof's own limit would take a test of many hundred megabytes.
func TestGunzipLimitsWhatItUnpacks(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write(make([]byte, 1000))
	require.NoError(t, err)
	require.NoError(t, w.Close())

	unpacked, err := gunzip(packed.Bytes(), 1000, func(int64) error { return nil })
	require.NoError(t, err)
	require.Len(t, unpacked, 1000)
	_, err = gunzip(packed.Bytes(), 999, func(int64) error { return nil })
	require.ErrorContains(t, err, "unpacks to more than the 999 bytes allowed")
}
