package querybackend

import (
	"encoding/binary"
	googlev1 "github.com/grafana/pyroscope/api/gen/proto/go/google/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"

	"github.com/pyrofront/pyrofront/internal/devstack/blockstore"
)

// symbols numbers locations, and with them their mappings, functions and
// strings, as query.v1.TreeSymbols has them: each table begins with an empty
// entry at 0, ids are indexes, and references to 0 are to none.
//
// The tables' hashes are left out: they only make merging faster among the
// real ones.
type symbols struct {
	table     *queryv1.TreeSymbols
	strings   map[string]int64
	mappings  map[mappingKey]uint64
	functions map[functionKey]uint64
	locations map[string]int
}

type mappingKey struct {
	start, limit, offset                               uint64
	file, buildID                                      int64
	functions, fileNames, lineNumbers, inlinedIncluded bool
}

type functionKey struct{ name, systemName, file, startLine int64 }

func newSymbols() *symbols {
	return &symbols{
		table: &queryv1.TreeSymbols{
			Strings:   []string{""},
			Mappings:  []*googlev1.Mapping{{}},
			Functions: []*googlev1.Function{{}},
			Locations: []*googlev1.Location{{}},
		},
		strings:   map[string]int64{"": 0},
		mappings:  map[mappingKey]uint64{{}: 0},
		functions: map[functionKey]uint64{{}: 0},
		locations: map[string]int{},
	}
}

func (s *symbols) string(v string) int64 {
	i, ok := s.strings[v]
	if !ok {
		i = int64(len(s.table.Strings))
		s.table.Strings = append(s.table.Strings, v)
		s.strings[v] = i
	}
	return i
}

func (s *symbols) mapping(k mappingKey) uint64 {
	i, ok := s.mappings[k]
	if !ok {
		i = uint64(len(s.table.Mappings))
		s.table.Mappings = append(s.table.Mappings, &googlev1.Mapping{
			Id: i, MemoryStart: k.start, MemoryLimit: k.limit, FileOffset: k.offset, Filename: k.file, BuildId: k.buildID,
			HasFunctions: k.functions, HasFilenames: k.fileNames, HasLineNumbers: k.lineNumbers, HasInlineFrames: k.inlinedIncluded,
		})
		s.mappings[k] = i
	}
	return i
}

func (s *symbols) function(k functionKey) uint64 {
	i, ok := s.functions[k]
	if !ok {
		i = uint64(len(s.table.Functions))
		s.table.Functions = append(s.table.Functions, &googlev1.Function{
			Id: i, Name: k.name, SystemName: k.systemName, Filename: k.file, StartLine: k.startLine,
		})
		s.functions[k] = i
	}
	return i
}

// location enters a location of which all references are to this table.
func (s *symbols) location(l *googlev1.Location) int {
	var folded uint64
	if l.IsFolded {
		folded = 1
	}
	key := appendNumbers(make([]byte, 0, 64), l.Address, l.MappingId, folded)
	for _, line := range l.Line {
		key = appendNumbers(key, line.FunctionId, uint64(line.Line))
	}
	i, ok := s.locations[string(key)]
	if !ok {
		i = len(s.table.Locations)
		l.Id = uint64(i)
		s.table.Locations = append(s.table.Locations, l)
		s.locations[string(key)] = i
	}
	return i
}

// appendNumbers makes keys: each number takes 8 bytes.
func appendNumbers(key []byte, numbers ...uint64) []byte {
	for _, n := range numbers {
		key = binary.LittleEndian.AppendUint64(key, n)
	}
	return key
}

// stored enters a location of a block.
func (s *symbols) stored(l *blockstore.Location) int {
	m := l.Mapping
	location := &googlev1.Location{Address: l.Address, MappingId: s.mapping(mappingKey{
		start: m.Start, limit: m.Limit, offset: m.Offset, file: s.string(m.File), buildID: s.string(m.BuildID),
		functions: m.HasFunctions, fileNames: m.HasFilenames, lineNumbers: m.HasLineNumbers, inlinedIncluded: m.HasInlineFrames,
	})}
	for _, line := range l.Lines {
		location.Line = append(location.Line, &googlev1.Line{Line: line.Line, FunctionId: s.function(functionKey{
			name: s.string(line.Function), systemName: s.string(line.SystemName), file: s.string(line.File), startLine: line.StartLine,
		})})
	}
	return s.location(location)
}
