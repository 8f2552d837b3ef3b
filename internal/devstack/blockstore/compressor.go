package blockstore

import "compress/flate"

// A compressor tells how many bytes sections take in a block. It is kept for
// the life of a store, since it is large. It is not safe for concurrent use.
type compressor struct {
	writer *flate.Writer
	count  byteCounter
}

func newCompressor() *compressor {
	c := new(compressor)
	// Fails only for a level out of range.
	c.writer, _ = flate.NewWriter(&c.count, flate.BestSpeed)
	return c
}

// size returns the compressed size of a section.
func (c *compressor) size(section []byte) uint64 {
	c.count = 0
	c.writer.Reset(&c.count)
	// The counter takes every write, so the compressor cannot fail.
	_, _ = c.writer.Write(section)
	_ = c.writer.Close()
	return uint64(c.count)
}

type byteCounter uint64

func (c *byteCounter) Write(p []byte) (int, error) {
	*c += byteCounter(len(p))
	return len(p), nil
}
