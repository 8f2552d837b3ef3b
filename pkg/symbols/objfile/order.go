package objfile

import (
	"cmp"
	"slices"
)

// sortedBy is indexes in the order of the addresses that they stand for.
func sortedBy(indexes []int, addresses []uint64) []int {
	slices.SortFunc(indexes, func(a, b int) int { return cmp.Compare(addresses[a], addresses[b]) })
	return indexes
}

// all is 0 to n-1.
func all(n int) []int {
	indexes := make([]int, n)
	for i := range indexes {
		indexes[i] = i
	}
	return indexes
}
