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
	if len(b) > math.MaxInt32 {
		return nil, fmt.Errorf("call tree of %d bytes: %w", len(b), errTreeLength)
	}
	// Nodes come in the order of references, and two references may have one name:
	// the builder sorts and merges.
	r := refTreeReader{bytes: b, table: table, builder: NewTreeBuilder(), chains: names, room: MaxInlinedNodes}
	r.named = make([]int32, len(table.GetNames())+len(table.GetUnresolvedAddress()))
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("call tree of %d bytes, node %d at byte %d: %w", len(b), r.nodes, r.offset, err)
	}
	return r.builder.Tree(maxNodes), nil
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

// A refTreeReader reads a tree's nodes, in the order of the wire, into a builder.
type refTreeReader struct {
	bytes   []byte
	offset  int // of the node being read
	nodes   int // how many were read
	table   *queryv1.SymbolRefTable
	builder *TreeBuilder
	// chains are names of unresolved locations, and room is how many more nodes
	// inlined functions may be.
	chains [][]string
	room   int
	// named is, by reference, the builder's number of its name, if that is known:
	// 0 is the root's.
	named []int32
}

func (r *refTreeReader) read() error {
	if len(r.bytes) == 0 {
		return nil
	}
	var sum uint64
	remaining := []uint64{1} // by level: how many more nodes come there
	path := []int32{0}       // by level: the builder's node there
	for announced := uint64(1); announced > 0; announced-- {
		fields, next, err := r.fields()
		if err != nil {
			return err
		}
		ref, self, children := fields[0], fields[1], fields[2]
		sum += self // both are below 2^63: no wrap
		if self > math.MaxInt64 || sum > math.MaxInt64 {
			return errTreeValue
		}
		// Every node announced must still fit into what is left.
		if room := uint64(len(r.bytes)-next) / minNodeBytes; children > room || announced-1+children > room {
			return errTreeChildren
		}
		level := len(remaining) - 1
		if level > 0 { // the root has no name, whatever it refers to
			node, err := r.descend(path[level-1], ref)
			if err != nil {
				return err
			}
			path = append(path[:level], node)
		}
		r.builder.add(path[level], int64(self))
		r.nodes++
		r.offset = next
		announced += children
		remaining[level]--
		if children > 0 {
			remaining = append(remaining, children)
		}
		for len(remaining) > 0 && remaining[len(remaining)-1] == 0 {
			remaining = remaining[:len(remaining)-1]
		}
	}
	if r.offset != len(r.bytes) {
		return errTreeTrailing
	}
	return nil
}

// fields reads a node's three numbers.
func (r *refTreeReader) fields() (fields [3]uint64, next int, err error) {
	next = r.offset
	for i := range fields {
		if fields[i], next, err = uvarint(r.bytes, next); err != nil {
			return fields, next, err
		}
	}
	return fields, next, nil
}

// MaxInlinedNodes is how many nodes inlined functions add to a tree. Beyond that,
// only the functions that they are inlined into are shown.
const MaxInlinedNodes = 1 << 20

// descend goes from a node to its child that a reference stands for: to the last of
// a chain, where it is one.
func (r *refTreeReader) descend(parent int32, ref uint64) (int32, error) {
	first := uint64(len(r.table.GetNames()))
	if ref < first || ref-first >= uint64(len(r.chains)) || ref >= uint64(len(r.named)) || len(r.chains[ref-first]) == 0 {
		name, err := r.name(ref)
		if err != nil {
			return 0, err
		}
		return r.builder.descend(parent, name), nil
	}
	chain := r.chains[ref-first]
	if len(chain)-1 > r.room {
		chain = chain[:1]
	}
	r.room -= len(chain) - 1
	for _, name := range chain {
		parent = r.builder.descend(parent, r.builder.table.string(name))
	}
	return parent, nil
}

// name is the builder's number of the name that a reference has.
func (r *refTreeReader) name(ref uint64) (int32, error) {
	if ref == otherRef {
		return r.builder.table.string(otherName), nil
	}
	if ref >= uint64(len(r.named)) {
		return 0, fmt.Errorf("reference %d into a table of %d names and %d unresolved locations",
			ref, len(r.table.GetNames()), len(r.table.GetUnresolvedAddress()))
	}
	if r.named[ref] == 0 {
		r.named[ref] = r.builder.table.string(r.resolve(int(ref)))
	}
	return r.named[ref], nil
}

// resolve is the name of a reference into a table that was checked.
func (r *refTreeReader) resolve(ref int) string {
	if ref < len(r.table.GetNames()) {
		return r.table.Names[ref]
	}
	i := ref - len(r.table.GetNames())
	return unresolvedName(r.table.BinaryNames[r.table.UnresolvedBuildId[i]], r.table.UnresolvedAddress[i])
}
