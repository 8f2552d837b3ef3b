package slicecache

import "github.com/pyrofront/pyrofront/pkg/queryplan"

// Whole is the answer to a query over a range of its own, which the key holds too. It is
// nil where none was kept, or where it was made of other reads: that is what becomes of a
// step of the clock when blocks of it are compacted, or more are written.
func (c *Cache) Whole(key Key, of queryplan.ReadID) *Slice {
	s, _ := c.slices.GetIfPresent(wholeKey(key))
	if s == nil || s.Reads[0] != of || s.over(c.now()) {
		return nil
	}
	return s
}

// KeepWhole keeps the answer to a query over a range, in place of the one before. It has
// one read, which stands for all of them (see queryplan.Plan.ReadsID).
func (c *Cache) KeepWhole(key Key, s *Slice) {
	s.keepFrom(c.now())
	c.slices.Set(wholeKey(key), s)
}

// wholeKey has a number that no other slice has: they count from 1.
func wholeKey(key Key) sliceKey { return sliceKey{query: key} }
