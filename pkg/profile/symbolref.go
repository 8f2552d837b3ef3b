package profile

import (
	"fmt"
	"math"
	"slices"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// otherRef is the reference of a node that stands for truncated siblings: -1 on
// the wire.
const otherRef = math.MaxUint64

// A WireTree is a call tree as a query.v1.TreeReport carries it.
type WireTree struct {
	Tree []byte
	// Refs is the table that the nodes of a tree with references refer to: they have a
	// reference in place of a name. It is nil for a tree of names.
	Refs *queryv1.SymbolRefTable
}

func (w WireTree) form() nodeForm { return nodeForm(w.Refs != nil) }

// A RefTree is a call tree of which some nodes stand for places in native code without
// symbols, which may get their names later.
type RefTree struct {
	// rows have numbers of names, and from named on those of places.
	rows  *Tree
	named int32
	names *nameTable
	table *queryv1.SymbolRefTable
}

// UnmarshalRefTree decodes call trees, each with references or with names, and adds them
// up: to what a query-backend makes of them. The same place (address, build id and binary)
// in several trees is one.
//
// It fails on bytes that are no such tree, on references that lead nowhere, on a table that
// contradicts itself or has more than MaxUnresolvedLocations, and when the values of all
// add up to more than an int64 holds. All trees together may have more places.
func UnmarshalRefTree(trees ...WireTree) (*RefTree, error) {
	var sizes treeSizes
	for _, tree := range trees {
		if err := checkSymbolRefs(tree.Refs); err != nil {
			return nil, fmt.Errorf("symbol references: %w", err)
		}
		if err := sizes.add(tree.Tree, tree.form()); err != nil {
			return nil, err
		}
	}
	j := refJoiner{
		names:    newNameTable(sizes.named/usualUses, ""),
		binaries: make(map[binaryKey]uint32), places: make(map[placeKey]int32),
		joined: &RefTree{table: new(queryv1.SymbolRefTable)},
	}
	all := newTree(sizes.nodes)
	from := 0
	for i, tree := range trees {
		to := from + sizes.counts[i]
		if err := j.read(tree, &Tree{Name: all.Name[from:to], Level: all.Level[from:to], Self: all.Self[from:to]}); err != nil {
			return nil, err
		}
		from = to
	}
	joined := j.joined
	joined.names, joined.named = j.names, int32(len(j.names.list))
	for i, number := range all.Name {
		if number < 0 {
			all.Name[i] = joined.named - 1 - number
		}
	}
	joined.rows = all
	if sizes.trees > 1 {
		// Siblings are told apart by number, so that places need no name yet.
		all.Names = append(slices.Clip(j.names.list), make([]string, len(joined.table.UnresolvedAddress))...)
		joined.rows = all.gather(sizes.largest)
	}
	return joined, nil
}

// Unresolved are the places without a name that nodes refer to, each once.
func (t *RefTree) Unresolved() *queryv1.SymbolRefTable { return t.table }

// Len is how many nodes there are, the root included.
func (t *RefTree) Len() int { return t.rows.Len() }

// Named is the tree with names for what has none: of each unresolved location, in the same
// order, the function there and those that are inlined into it, outer ones first. Each is
// a node of its own. What has no names, or is beyond the end, is named after its binary and
// the address in it, as in libc.so.6!0x1a2b, or unknown!0x1a2b where the binary has no name.
//
// The tree is truncated to about maxNodes: see Truncate.
func (t *RefTree) Named(chains [][]string, maxNodes int64) *Tree {
	if t.rows.Len() == 0 {
		return &Tree{}
	}
	rows := t.expand(chains)
	// Nodes come in the order of references, and two references may have one name.
	whole := rows.gather(rows.Len())
	if whole.Len() == 1 && whole.Self[0] == 0 {
		return &Tree{}
	}
	return Truncate(whole, maxNodes)
}

func checkSymbolRefs(table *queryv1.SymbolRefTable) error {
	binaries := len(table.GetBuildIds())
	if n := len(table.GetBinaryNames()); n != binaries {
		return fmt.Errorf("%d binary_names for %d build_ids: there must be as many", n, binaries)
	}
	locations := len(table.GetUnresolvedAddress())
	if n := len(table.GetUnresolvedBuildId()); n != locations {
		return fmt.Errorf("%d unresolved_build_id for %d unresolved_address: there must be as many", n, locations)
	}
	if locations > MaxUnresolvedLocations {
		return fmt.Errorf("%d unresolved locations: at most %d are allowed", locations, MaxUnresolvedLocations)
	}
	for i, binary := range table.GetUnresolvedBuildId() {
		if int64(binary) >= int64(binaries) {
			return fmt.Errorf("unresolved_build_id[%d] is %d: there are %d build_ids", i, binary, binaries)
		}
	}
	return nil
}

// MaxInlinedNodes is how many nodes inlined functions add to a tree. Beyond that,
// only the functions that they are inlined into are shown.
const MaxInlinedNodes = 1 << 20

// expand gives nodes the names of functions in the place of references. Where inlined
// functions make several nodes of one, what is below it goes deeper. The rows are as
// gather takes them.
func (t *RefTree) expand(chains [][]string) *Tree {
	shown := make([]int32, len(t.table.UnresolvedAddress)) // by place: the number of its name, if that is known
	room := MaxInlinedNodes
	rows := &Tree{Name: make([]int32, 0, t.Len()), Level: make([]int32, 0, t.Len()), Self: make([]int64, 0, t.Len())}
	deeper := make([]int32, t.rows.levels()+1) // by level of the tree: that of the rows
	for i, number := range t.rows.Name {
		level := t.rows.Level[i]
		at := deeper[level]
		place := number - t.named
		switch {
		case place < 0:
			rows.append(number, at, 0)
			at++
		case int(place) < len(chains) && len(chains[place]) > 0:
			chain := chains[place]
			if len(chain)-1 > room {
				chain = chain[:1]
			}
			room -= len(chain) - 1
			for _, name := range chain {
				rows.append(t.names.string(name), at, 0)
				at++
			}
		default:
			if shown[place] == 0 {
				shown[place] = t.names.string(t.unresolvedName(place))
			}
			rows.append(shown[place], at, 0)
			at++
		}
		rows.Self[rows.Len()-1] = t.rows.Self[i]
		deeper[level+1] = at
	}
	rows.Names = t.names.list
	return rows
}

func (t *RefTree) unresolvedName(place int32) string {
	return unresolvedName(t.table.BinaryNames[t.table.UnresolvedBuildId[place]], t.table.UnresolvedAddress[place])
}
