package objfile_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func byteReader(b []byte) io.ReaderAt { return bytes.NewReader(b) }

// hostileXZ makes the first block of a stream ask for the largest dictionary.
func hostileXZ(t testing.TB, stream []byte) {
	t.Helper()
	block := stream[12:]
	header := block[:(int(block[0])+1)*4]
	i := bytes.Index(header, []byte{0x21, 1})
	require.Positive(t, i)
	header[i+2] = 40
	binary.LittleEndian.PutUint32(header[len(header)-4:], crc32.ChecksumIEEE(header[:len(header)-4]))
}
