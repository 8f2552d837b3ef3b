package profile

import (
	"fmt"
	"math"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// otherRef is the reference of a node that stands for truncated siblings: -1 on
// the wire.
const otherRef = math.MaxUint64

// UnmarshalSymbolRefTree decodes the call tree of a query.v1.TreeReport that has
// symbol_refs, and truncates it to about maxNodes: see Truncate. Its nodes are as
// in other trees, but with a reference into the table in place of a name. Native
// code without symbols is named after its binary and the address in it, as in
// libc.so.6!0x1a2b, or unknown!0x1a2b where the binary has no name.
//
// It fails on bytes that are no such tree, on references that lead nowhere, and on
// a table that contradicts itself or has more than MaxUnresolvedLocations.
func UnmarshalSymbolRefTree(b []byte, table *queryv1.SymbolRefTable, maxNodes int64) (*Tree, error) {
	return UnmarshalNamedSymbolRefTree(b, table, nil, maxNodes)
}

// UnmarshalNamedSymbolRefTree is UnmarshalSymbolRefTree with names for what the
// table has none for: of each of its unresolved locations, in the same order, the
// function there and those that are inlined into it, outer ones first. Each is a
// node of its own. What has no names, or is beyond the end, is named as there.
func UnmarshalNamedSymbolRefTree(b []byte, table *queryv1.SymbolRefTable, names [][]string, maxNodes int64) (*Tree, error) {
	if err := checkSymbolRefs(table); err != nil {
		return nil, fmt.Errorf("symbol references: %w", err)
	}
	nodes, _, err := scanNodes(b, byReference)
	if err != nil {
		return nil, err
	}
	if nodes == 0 {
		return &Tree{}, nil
	}
	t := newTree(nodes)
	readNodes(b, byReference, t, nil)
	r := refNamer{table: table, names: newNameTable(0, ""), chains: names, room: MaxInlinedNodes}
	r.named = make([]int32, len(table.GetNames())+len(table.GetUnresolvedAddress()))
	rows, err := r.rows(b, t)
	if err != nil {
		return nil, err
	}
	// Nodes come in the order of references, and two references may have one name.
	whole := rows.gather(rows.Len())
	if whole.Len() == 1 && whole.Self[0] == 0 {
		return &Tree{}, nil
	}
	return Truncate(whole, maxNodes), nil
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

// A refNamer gives nodes names in the place of references.
type refNamer struct {
	table *queryv1.SymbolRefTable
	names *nameTable
	// chains are names of unresolved locations, and room is how many more nodes
	// inlined functions may be.
	chains [][]string
	room   int
	// named is, by reference, the number of its name, if that is known: 0 is the
	// root's.
	named []int32
}

// rows names the nodes of a tree that has the offsets of its references. Where
// inlined functions make several nodes of one, what is below it goes deeper. The
// rows are as gather takes them.
func (r *refNamer) rows(b []byte, t *Tree) (*Tree, error) {
	rows := &Tree{Name: make([]int32, 0, t.Len()), Level: make([]int32, 0, t.Len()), Self: make([]int64, 0, t.Len())}
	deeper := make([]int32, t.levels()+1) // by level of the tree: that of the rows
	for i, offset := range t.Name {
		level := t.Level[i]
		if i == 0 { // has no name, whatever it refers to
			rows.append(0, 0, t.Self[0])
			deeper[1] = 1
			continue
		}
		ref, _ := readNumber(b, int(offset))
		at := deeper[level]
		if chain := r.chain(ref); len(chain) > 0 {
			for _, name := range chain {
				rows.append(r.names.string(name), at, 0)
				at++
			}
		} else {
			name, err := r.name(ref)
			if err != nil {
				return nil, nodeError(b, i, int(offset), err)
			}
			rows.append(name, at, 0)
			at++
		}
		rows.Self[rows.Len()-1] = t.Self[i]
		deeper[level+1] = at
	}
	rows.Names = r.names.list
	return rows, nil
}

// chain is the functions that a reference stands for, where it is known which.
func (r *refNamer) chain(ref uint64) []string {
	first := uint64(len(r.table.GetNames()))
	if ref < first || ref-first >= uint64(len(r.chains)) || ref >= uint64(len(r.named)) || len(r.chains[ref-first]) == 0 {
		return nil
	}
	chain := r.chains[ref-first]
	if len(chain)-1 > r.room {
		chain = chain[:1]
	}
	r.room -= len(chain) - 1
	return chain
}

// name is the number of the name that a reference has.
func (r *refNamer) name(ref uint64) (int32, error) {
	if ref == otherRef {
		return r.names.string(otherName), nil
	}
	if ref >= uint64(len(r.named)) {
		return 0, fmt.Errorf("reference %d into a table of %d names and %d unresolved locations",
			ref, len(r.table.GetNames()), len(r.table.GetUnresolvedAddress()))
	}
	if r.named[ref] == 0 {
		r.named[ref] = r.names.string(r.resolve(int(ref)))
	}
	return r.named[ref], nil
}

// resolve is the name of a reference into a table that was checked.
func (r *refNamer) resolve(ref int) string {
	if ref < len(r.table.GetNames()) {
		return r.table.Names[ref]
	}
	i := ref - len(r.table.GetNames())
	return unresolvedName(r.table.BinaryNames[r.table.UnresolvedBuildId[i]], r.table.UnresolvedAddress[i])
}
