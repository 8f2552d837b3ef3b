// Package stringtable makes the string tables of block metadata.
package stringtable

// A Table numbers strings in the order they are first seen. Number 0 is the empty
// string.
type Table struct {
	// Strings are the strings by their number.
	Strings []string
	numbers map[string]int32
}

// New is a table of the empty string.
func New() *Table {
	return &Table{Strings: []string{""}, numbers: map[string]int32{"": 0}}
}

// Put is the number of a string.
func (t *Table) Put(s string) int32 {
	n, ok := t.numbers[s]
	if !ok {
		n = int32(len(t.Strings))
		t.numbers[s] = n
		t.Strings = append(t.Strings, s)
	}
	return n
}
