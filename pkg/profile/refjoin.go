package profile

import (
	"fmt"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// A refJoiner numbers what the nodes of several trees stand for: the same name, or the same
// place, has one number. The first name is the root's. As long as it is not known how many
// names there are, places count down from -1.
type refJoiner struct {
	names    *nameTable
	binaries map[binaryKey]uint32
	places   map[placeKey]int32
	joined   *RefTree
}

type binaryKey struct{ buildID, name string }

type placeKey struct {
	binary  uint32
	address uint64
}

// read reads the nodes of a tree that was scanned.
func (j *refJoiner) read(tree WireTree, part *Tree) error {
	if tree.Refs == nil {
		readNodes(tree.Tree, byName, part, j.names)
		return nil
	}
	readNodes(tree.Tree, byReference, part, nil)
	refs := treeRefs{joiner: j, table: tree.Refs}
	refs.numbers = make([]int32, len(tree.Refs.GetNames())+len(tree.Refs.GetUnresolvedAddress()))
	refs.binaries = make([]uint32, len(tree.Refs.GetBuildIds()))
	for i, offset := range part.Name {
		if i == 0 { // has no name, whatever it refers to
			part.Name[i] = 0
			continue
		}
		ref, _ := readNumber(tree.Tree, int(offset))
		number, err := refs.number(ref)
		if err != nil {
			return nodeError(tree.Tree, i, int(offset), err)
		}
		part.Name[i] = number
	}
	return nil
}

// treeRefs are the references into one table, which was checked.
type treeRefs struct {
	joiner *refJoiner
	table  *queryv1.SymbolRefTable
	// numbers are, by reference, those that the joiner gave, if they are known: 0 is the
	// root's. So are binaries, counted from 1.
	numbers  []int32
	binaries []uint32
}

// number is that of what a reference stands for.
func (r *treeRefs) number(ref uint64) (int32, error) {
	if ref == otherRef {
		return r.joiner.names.string(otherName), nil
	}
	if ref >= uint64(len(r.numbers)) {
		return 0, beyondTable(ref, r.table)
	}
	if r.numbers[ref] == 0 {
		if names := len(r.table.GetNames()); int(ref) < names {
			r.numbers[ref] = r.joiner.names.string(r.table.Names[ref])
		} else {
			r.numbers[ref] = r.place(int(ref) - names)
		}
	}
	return r.numbers[ref], nil
}

// place is the number of an unresolved location.
func (r *treeRefs) place(i int) int32 {
	j, joined := r.joiner, r.joiner.joined
	row := r.table.UnresolvedBuildId[i]
	if r.binaries[row] == 0 {
		key := binaryKey{r.table.BuildIds[row], r.table.BinaryNames[row]}
		binary, known := j.binaries[key]
		if !known {
			joined.table.BuildIds, joined.table.BinaryNames = append(joined.table.BuildIds, key.buildID), append(joined.table.BinaryNames, key.name)
			binary = uint32(len(joined.table.BuildIds))
			j.binaries[key] = binary
		}
		r.binaries[row] = binary
	}
	key := placeKey{r.binaries[row] - 1, r.table.UnresolvedAddress[i]}
	number, known := j.places[key]
	if !known {
		number = int32(-1 - len(joined.table.UnresolvedAddress))
		j.places[key] = number
		joined.table.UnresolvedBuildId, joined.table.UnresolvedAddress = append(joined.table.UnresolvedBuildId, key.binary), append(joined.table.UnresolvedAddress, key.address)
	}
	return number
}

// What decoding trees with references takes: a node as it is decoded, gathered, named and
// gathered again; the places of a name, a place and a binary in the tables, and the name that
// is made of a binary's and an address.
const (
	refNodeBytes    = 112
	refNameBytes    = 288
	refPlaceBytes   = 416
	refBinaryBytes  = 288
	refAddressBytes = 32
)

// DecodedBytes is what UnmarshalRefTree and Named take for a tree, without inlined
// functions. It fails as UnmarshalRefTree does, but for references that lead nowhere.
func (w WireTree) DecodedBytes() (int64, error) {
	if err := checkSymbolRefs(w.Refs); err != nil {
		return 0, fmt.Errorf("symbol references: %w", err)
	}
	n, _, err := scanNodes(w.Tree, w.form())
	if err != nil {
		return 0, err
	}
	nodes := int64(n)
	if w.Refs == nil {
		return nodes * (refNodeBytes + refNameBytes), nil
	}
	names, places, binaries := int64(len(w.Refs.GetNames())), int64(len(w.Refs.GetUnresolvedAddress())), int64(len(w.Refs.GetBuildIds()))
	bytes := 4*(names+places+binaries) + nodes*refNodeBytes + min(nodes, names)*refNameBytes + min(nodes, places)*refPlaceBytes + min(nodes, binaries)*refBinaryBytes
	shown := int64(0) // of names of places
	for _, of := range w.Refs.GetUnresolvedBuildId() {
		shown += refAddressBytes + int64(min(len(w.Refs.BinaryNames[of]), maxBinaryName))
	}
	return bytes + min(shown, nodes*(refAddressBytes+maxBinaryName)), nil
}

// InlinedBytes is what Named takes for inlined functions.
func (t *RefTree) InlinedBytes(chains [][]string) int64 {
	deepest := 1
	for _, chain := range chains {
		deepest = max(deepest, len(chain))
	}
	return refNodeBytes * min(int64(t.Len())*int64(deepest-1), MaxInlinedNodes)
}
