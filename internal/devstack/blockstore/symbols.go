package blockstore

import "encoding/binary"

// A symbolWriter encodes a dataset's symbols. Strings, lines,
// locations and stacks are written once each; stacks share their callers as a
// tree of (parent, location).
type symbolWriter struct {
	w         sectionWriter
	strings   map[string]uint64
	mappings  map[Mapping]uint64
	lines     map[Line]uint64
	locations map[string]uint64
	nodes     map[[2]uint64]uint64
	stacks    map[*Location]uint64 // by where a shared stack begins in memory
}

func newSymbolWriter() *symbolWriter {
	return &symbolWriter{
		strings:   make(map[string]uint64),
		mappings:  make(map[Mapping]uint64),
		lines:     make(map[Line]uint64),
		locations: make(map[string]uint64),
		nodes:     make(map[[2]uint64]uint64),
		stacks:    make(map[*Location]uint64),
	}
}

// stack returns the number of the stack's node in the tree. 0 is the root.
func (s *symbolWriter) stack(leafFirst []Location) uint64 {
	if len(leafFirst) == 0 {
		return 0
	}
	// Sample types share stacks, so most are met more than once.
	if node, ok := s.stacks[&leafFirst[0]]; ok {
		return node
	}
	var node uint64
	for i := len(leafFirst) - 1; i >= 0; i-- {
		edge := [2]uint64{node, s.location(&leafFirst[i])}
		child, ok := s.nodes[edge]
		if !ok {
			child = uint64(len(s.nodes)) + 1
			s.nodes[edge] = child
			s.w.uvarint(child - node)
			s.w.uvarint(edge[1])
		}
		node = child
	}
	s.stacks[&leafFirst[0]] = node
	return node
}

func (s *symbolWriter) location(l *Location) uint64 {
	key := binary.AppendUvarint(nil, s.mapping(l.Mapping))
	key = binary.AppendUvarint(key, l.Address)
	for _, line := range l.Lines {
		key = binary.AppendUvarint(key, s.line(line))
	}
	n, ok := s.locations[string(key)]
	if !ok {
		n = uint64(len(s.locations))
		s.locations[string(key)] = n
		s.w.bytes(key)
	}
	return n
}

func (s *symbolWriter) line(l Line) uint64 {
	n, ok := s.lines[l]
	if !ok {
		n = uint64(len(s.lines))
		s.lines[l] = n
		s.w.uvarint(s.string(l.Function))
		s.w.uvarint(s.string(l.SystemName))
		s.w.uvarint(s.string(l.File))
		s.w.varint(l.StartLine)
		s.w.varint(l.Line - l.StartLine)
	}
	return n
}

func (s *symbolWriter) mapping(m Mapping) uint64 {
	n, ok := s.mappings[m]
	if !ok {
		n = uint64(len(s.mappings))
		s.mappings[m] = n
		s.w.uvarint(s.string(m.File))
		s.w.uvarint(s.string(m.BuildID))
		s.w.uvarint(m.Start)
		s.w.uvarint(m.Limit - m.Start)
		s.w.uvarint(m.Offset)
	}
	return n
}

func (s *symbolWriter) string(v string) uint64 {
	n, ok := s.strings[v]
	if !ok {
		n = uint64(len(s.strings))
		s.strings[v] = n
		s.w.string(v)
	}
	return n
}
