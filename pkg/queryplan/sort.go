package queryplan

import (
	"math/bits"
	"slices"
)

// A placed thing has a key to be sorted by, and its place before.
type placed struct {
	key uint64
	at  int32
}

// digitBits is what one pass of sortPlaced sorts by at the most: its counters fit
// the processor's first cache.
const digitBits = 12

// sortPlaced sorts by key, and what has the same key by compare, which is given
// places. It is a radix sort, one pass a digit from the last one on, because a
// plan may have a million units: comparing them took a quarter of the time that
// planning takes. Digits that all keys share are passed over.
func sortPlaced(things []placed, compare func(a, b int32) int) []placed {
	var varying uint64
	for i := range things {
		varying |= things[i].key ^ things[0].key
	}
	spare := make([]placed, len(things))
	for shift := bits.TrailingZeros64(varying); shift < bits.Len64(varying); shift += digitBits {
		if varying>>shift&(1<<digitBits-1) == 0 {
			continue
		}
		sortByDigit(spare, things, shift)
		things, spare = spare, things
	}
	for first := 0; first < len(things); {
		end := first + 1
		for end < len(things) && things[end].key == things[first].key {
			end++
		}
		if end-first > 1 {
			slices.SortFunc(things[first:end], func(a, b placed) int { return compare(a.at, b.at) })
		}
		first = end
	}
	return things
}

// sortByDigit writes things in the order of a digit of their keys; what has the
// same digit stays in order.
func sortByDigit(sorted, things []placed, shift int) {
	const mask = 1<<digitBits - 1
	var ends [1 << digitBits]int32
	for i := range things {
		ends[things[i].key>>shift&mask]++
	}
	var sum int32
	for digit, count := range &ends {
		ends[digit] = sum
		sum += count
	}
	for i := range things {
		next := &ends[things[i].key>>shift&mask]
		sorted[*next] = things[i]
		*next++
	}
}
