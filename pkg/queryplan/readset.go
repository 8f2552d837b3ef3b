package queryplan

import (
	"bytes"
	"crypto/sha256"
	"slices"
)

// ReadsID names all that the plan reads, in any order: two plans with the same one read the
// same datasets of the same blocks.
func (p *Plan) ReadsID() ReadID {
	reads := p.Reads()
	slices.SortFunc(reads, func(a, b Read) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	names := make([]byte, 0, len(reads)*len(ReadID{}))
	for i := range reads {
		names = append(names, reads[i].ID[:]...)
	}
	sum := sha256.Sum256(names)
	return ReadID(sum[:])
}
