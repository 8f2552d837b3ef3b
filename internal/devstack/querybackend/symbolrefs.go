package querybackend

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strconv"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// symbolRefs numbers what the nodes of a tree of references stand for: function
// names, and locations of native code without symbols. A node is known by a key,
// so that such a tree merges as every tree does.
type symbolRefs struct {
	names     []string       // the first is empty: the root refers to it
	numbers   map[string]int // of names
	locations []nativeLocation
	known     map[nativeLocation]int
}

// A nativeLocation is code that only a build id tells the symbols of.
type nativeLocation struct {
	buildID, binary string
	address         uint64
}

func newSymbolRefs() *symbolRefs {
	return &symbolRefs{names: []string{""}, numbers: map[string]int{"": 0}, known: map[nativeLocation]int{}}
}

// The first letter of a key. What follows is the number of a name or location.
const (
	keyOfName     = 'n'
	keyOfLocation = 'l'
	keyOfOther    = "o" // alone: what truncation left
)

func (s *symbolRefs) name(name string) string {
	if name == otherName {
		return keyOfOther
	}
	i, ok := s.numbers[name]
	if !ok {
		i = len(s.names)
		s.names = append(s.names, name)
		s.numbers[name] = i
	}
	return string(keyOfName) + strconv.Itoa(i)
}

func (s *symbolRefs) location(l nativeLocation) string {
	i, ok := s.known[l]
	if !ok {
		i = len(s.locations)
		s.locations = append(s.locations, l)
		s.known[l] = i
	}
	return string(keyOfLocation) + strconv.Itoa(i)
}

// stored is the key of a location without lines of a block. Without a build id
// nobody can find its symbols, so it gets the name that stands for none.
func (s *symbolRefs) stored(l *blockstore.Location) string {
	native := nativeLocation{buildID: l.Mapping.BuildID, address: l.Address}
	if l.Mapping != (blockstore.Mapping{}) {
		native.binary = path.Base(l.Mapping.File)
	}
	if native.buildID == "" {
		return s.name(fmt.Sprintf("%s!%#x", cmp.Or(native.binary, "unknown"), native.address))
	}
	return s.location(native)
}

// A symbolRefTable is query.v1.SymbolRefTable with the references of keys.
type symbolRefTable struct {
	*queryv1.SymbolRefTable
	ranks []int // of locations
}

// table writes all names, and all locations in order.
func (s *symbolRefs) table() symbolRefTable {
	t := symbolRefTable{&queryv1.SymbolRefTable{Names: slices.Clone(s.names)}, make([]int, len(s.locations))}
	order := make([]int, len(s.locations))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := s.locations[a], s.locations[b]
		return cmp.Or(cmp.Compare(x.buildID, y.buildID), cmp.Compare(x.binary, y.binary), cmp.Compare(x.address, y.address))
	})
	for rank, i := range order {
		l, last := s.locations[i], len(t.BuildIds)-1
		if last < 0 || t.BuildIds[last] != l.buildID || t.BinaryNames[last] != l.binary {
			t.BuildIds, t.BinaryNames = append(t.BuildIds, l.buildID), append(t.BinaryNames, l.binary)
			last++
		}
		t.UnresolvedBuildId = append(t.UnresolvedBuildId, uint32(last))
		t.UnresolvedAddress = append(t.UnresolvedAddress, l.address)
		t.ranks[i] = rank
	}
	return t
}

// ref is the reference of a key that symbolRefs gave out.
func (t symbolRefTable) ref(key string) (uint64, error) {
	if key == keyOfOther {
		return otherLocation, nil
	}
	i, err := strconv.Atoi(key[1:])
	if err != nil {
		return 0, fmt.Errorf("key %q: %w", key, err)
	}
	if key[0] == keyOfName {
		return uint64(i), nil
	}
	return uint64(len(t.Names) + t.ranks[i]), nil
}

// key enters what a reference of somebody else's table stands for.
func (s *symbolRefs) key(table *queryv1.SymbolRefTable, ref uint64) (string, error) {
	names := uint64(len(table.GetNames()))
	switch {
	case ref == otherLocation:
		return keyOfOther, nil
	case ref < names:
		return s.name(table.Names[ref]), nil
	case ref-names >= uint64(len(table.GetUnresolvedAddress())):
		return "", fmt.Errorf("symbol %d of %d: %w", ref, names+uint64(len(table.GetUnresolvedAddress())), errReference)
	}
	i := ref - names
	binary := uint64(math.MaxUint64)
	if i < uint64(len(table.UnresolvedBuildId)) {
		binary = uint64(table.UnresolvedBuildId[i])
	}
	if binary >= uint64(len(table.BuildIds)) || binary >= uint64(len(table.BinaryNames)) {
		return "", fmt.Errorf("binary %d of %d: %w", binary, len(table.BuildIds), errReference)
	}
	return s.location(nativeLocation{table.BuildIds[binary], table.BinaryNames[binary], table.UnresolvedAddress[i]}), nil
}

// errReference is wrapped with what refers to something that is not there.
var errReference = errors.New("it is not in the table")
