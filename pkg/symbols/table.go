package symbols

import (
	"slices"

	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

// A Frame is one function at an address.
type Frame = objfile.Frame

// A table is what is known of a binary's addresses, packed: names and frames once
// each, and chains as numbers of frames.
type table struct {
	addresses []uint64 // sorted
	chains    []uint32 // by address: where its chain starts in links
	links     []uint32 // a chain's length, then its frames, the outer ones first
	frames    []packedFrame
	frameID   map[packedFrame]uint32
	texts     []string
	textID    map[string]uint32
	textBytes int64
}

type packedFrame struct {
	function, file  uint32
	line, startLine int32
}

func newTable() *table {
	return &table{frameID: map[packedFrame]uint32{}, textID: map[string]uint32{}, links: []uint32{0}}
}

// An answer is an address and what is at it, nil for nothing.
type answer struct {
	address uint64
	frames  []Frame
}

// find is where the chain of an address starts in links; known tells whether it was
// looked up before.
func (t *table) find(address uint64) (start uint32, known bool) {
	i, known := slices.BinarySearch(t.addresses, address)
	if !known {
		return 0, false
	}
	return t.chains[i], true
}

// fill fills in the names that there are, and returns the addresses that were never
// looked up.
func (t *table) fill(addresses []uint64, names [][]Frame) (missing []uint64) {
	starts := make([]uint32, len(addresses))
	total := 0
	for i, address := range addresses {
		start, known := t.find(address)
		if !known {
			missing = append(missing, address)
		}
		starts[i] = start
		total += int(t.links[start])
	}
	all := make([]Frame, 0, total) // one piece of memory for all of them
	for i, start := range starts {
		n := t.links[start]
		if n == 0 || names[i] != nil {
			continue
		}
		first := len(all)
		for _, link := range t.links[start+1 : start+1+n] {
			f := t.frames[link]
			all = append(all, Frame{Function: t.texts[f.function], File: t.texts[f.file], Line: int(f.line), StartLine: int(f.startLine)})
		}
		names[i] = all[first:len(all):len(all)]
	}
	return missing
}

// add takes answers, sorted by address, of addresses that are not there yet.
func (t *table) add(answers []answer) {
	addresses := make([]uint64, 0, len(t.addresses)+len(answers))
	chains := make([]uint32, 0, cap(addresses))
	i := 0
	for _, a := range answers {
		for ; i < len(t.addresses) && t.addresses[i] < a.address; i++ {
			addresses, chains = append(addresses, t.addresses[i]), append(chains, t.chains[i])
		}
		if i < len(t.addresses) && t.addresses[i] == a.address {
			continue // somebody else was faster
		}
		addresses, chains = append(addresses, a.address), append(chains, t.pack(a.frames))
	}
	t.addresses = append(addresses, t.addresses[i:]...)
	t.chains = append(chains, t.chains[i:]...)
}

// pack stores a chain, and returns where.
func (t *table) pack(frames []Frame) uint32 {
	if len(frames) == 0 {
		return 0
	}
	start := uint32(len(t.links))
	t.links = append(t.links, uint32(len(frames)))
	for _, f := range frames {
		p := packedFrame{t.text(f.Function), t.text(f.File), int32(f.Line), int32(f.StartLine)}
		id, ok := t.frameID[p]
		if !ok {
			id = uint32(len(t.frames))
			t.frames, t.frameID[p] = append(t.frames, p), id
		}
		t.links = append(t.links, id)
	}
	return start
}

func (t *table) text(s string) uint32 {
	id, ok := t.textID[s]
	if !ok {
		id = uint32(len(t.texts))
		t.texts, t.textID[s] = append(t.texts, s), id
		t.textBytes += int64(len(s))
	}
	return id
}

// bytes is how much memory the table takes: about.
func (t *table) bytes() int64 {
	const perAddress, perLink, perFrame, perText = 12, 4, 16 + 40, 16 + 40
	return int64(len(t.addresses))*perAddress + int64(len(t.links))*perLink + int64(len(t.frames))*perFrame +
		int64(len(t.texts))*perText + t.textBytes + 512
}
