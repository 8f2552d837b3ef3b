// Package wiresize tells what a protobuf message will take in memory once it is decoded, from its bytes, in one pass and
// without decoding it. Two bytes on the wire can be a message of a hundred bytes: whoever takes messages from others has
// to count before making room for them.
package wiresize

import (
	"errors"
	"fmt"
	"math/bits"
	"reflect"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// maxDepth is how deep messages may be nested: protobuf's own limit on decoding.
const maxDepth = protowire.DefaultRecursionLimit

// Costs of what a decoder allocates beside the values themselves.
const (
	pointerBytes = 8
	// growth is by how much appending to a slice, element by element, takes more than the elements: the last array is up
	// to twice too large, and those before it are garbage for a while.
	growth = 3
	// mapEntryBytes is what an entry of a map takes beside its key and value: its place, and the free ones.
	mapEntryBytes = 64
)

// A Sizer measures messages of any type. The zero value is ready to use, by many at once.
type Sizer struct {
	types sync.Map // of protoreflect.FullName to *message
}

// A message is what there is to know of a message type.
type message struct {
	bytes  int64      // of the struct
	low    [32]*field // by number, which is faster than a map; most numbers are low
	fields map[protowire.Number]*field
}

func (t *message) field(n protowire.Number) *field {
	if n >= 0 && int(n) < len(t.low) {
		return t.low[n]
	}
	return t.fields[n]
}

// A field is what one occurrence of a field costs.
type field struct {
	kind     protoreflect.Kind
	repeated bool
	isMap    bool
	element  int64 // bytes of a number, of a string's head, of a pointer
	message  *message
}

// Decoded is how many bytes a message of the type of m takes once b is decoded into it: an upper bound, but for the
// bookkeeping of the allocator. It fails on bytes that no message of protobuf has, and on messages nested too deep.
func (s *Sizer) Decoded(b []byte, m proto.Message) (int64, error) {
	t := s.message(m.ProtoReflect().Descriptor(), m.ProtoReflect().Type())
	return t.decoded(b, maxDepth)
}

var (
	errMalformed = errors.New("it is not a protobuf message")
	errDepth     = fmt.Errorf("messages are nested deeper than %d: it exceeds the maximum recursion depth", maxDepth)
)

func (t *message) decoded(b []byte, depth int) (int64, error) {
	if depth == 0 {
		return 0, errDepth
	}
	size := t.bytes
	for len(b) > 0 {
		number, wire, n := tag(b)
		if n < 0 {
			return 0, errMalformed
		}
		value := b[n:]
		length := 0
		f := t.field(number)
		if wire == protowire.BytesType {
			content, m := content(value)
			if m < 0 {
				return 0, errMalformed
			}
			length = m
			cost, err := f.bytes(content, depth)
			if err != nil {
				return 0, err
			}
			size += cost
		} else {
			if length = protowire.ConsumeFieldValue(number, wire, value); length < 0 {
				return 0, errMalformed
			}
			switch {
			case f == nil: // kept as unknown
				size += growth * int64(n+length)
			case f.repeated:
				size += growth * f.element
			}
		}
		b = value[length:]
	}
	return size, nil
}

// bytes is the cost of a field with a length. A field that is not known, or is of another type, is kept as it is.
func (f *field) bytes(content []byte, depth int) (int64, error) {
	length := int64(len(content))
	switch {
	case f == nil:
		return growth * (length + 10), nil
	case f.isMap:
		inner, err := f.message.decoded(content, depth-1)
		return mapEntryBytes + inner, err
	case f.message != nil:
		inner, err := f.message.decoded(content, depth-1)
		if f.repeated {
			inner += growth * pointerBytes
		}
		return inner, err
	case f.kind == protoreflect.StringKind || f.kind == protoreflect.BytesKind:
		cost := allocated(length)
		if f.repeated {
			cost += growth * f.element
		}
		return cost, nil
	case f.repeated: // packed numbers
		return growth * f.element * packed(content, f.kind), nil
	default:
		return growth * (length + 10), nil
	}
}

// packed is how many numbers there are.
func packed(content []byte, kind protoreflect.Kind) int64 {
	switch kind {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return int64(len(content)) / 4
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return int64(len(content)) / 8
	}
	n := int64(0)
	for _, c := range content {
		if c < 0x80 {
			n++
		}
	}
	return n
}

// allocated is what the Go runtime makes of a size: the next of its size classes, about.
func allocated(n int64) int64 {
	if n == 0 {
		return 0
	}
	if n <= 128 {
		return (n + 15) &^ 15
	}
	// Between two powers of two there are four classes or more.
	step := int64(1) << (bits.Len64(uint64(n)) - 3)
	return (n + step - 1) &^ (step - 1)
}

func tag(b []byte) (protowire.Number, protowire.Type, int) {
	if b[0] < 0x80 && b[0] >= 1<<3 {
		return protowire.Number(b[0] >> 3), protowire.Type(b[0] & 7), 1
	}
	return protowire.ConsumeTag(b)
}

func content(b []byte) ([]byte, int) {
	if len(b) > 0 && b[0] < 0x80 {
		end := 1 + int(b[0])
		if end > len(b) {
			return nil, -1
		}
		return b[1:end], end
	}
	return protowire.ConsumeBytes(b)
}

// message finds or makes what there is to know of a type.
func (s *Sizer) message(d protoreflect.MessageDescriptor, t protoreflect.MessageType) *message {
	if known, ok := s.types.Load(d.FullName()); ok {
		return known.(*message)
	}
	made := make(map[protoreflect.FullName]*message)
	m := s.learn(d, t, made)
	for name, other := range made {
		s.types.Store(name, other)
	}
	return m
}

// learn makes a type and those that it leads to. Types can lead back to themselves.
func (s *Sizer) learn(d protoreflect.MessageDescriptor, t protoreflect.MessageType, made map[protoreflect.FullName]*message) *message {
	if m := made[d.FullName()]; m != nil {
		return m
	}
	m := &message{bytes: structBytes(t), fields: make(map[protowire.Number]*field)}
	made[d.FullName()] = m
	for i := range d.Fields().Len() {
		fd := d.Fields().Get(i)
		f := &field{kind: fd.Kind(), repeated: fd.IsList(), isMap: fd.IsMap(), element: elementBytes(fd.Kind())}
		if fd.Message() != nil {
			f.message = s.learn(fd.Message(), typeOf(fd.Message()), made)
		}
		if fd.HasOptionalKeyword() || fd.ContainingOneof() != nil {
			m.bytes += 16 // a value of its own, behind a pointer
		}
		if n := int(fd.Number()); n < len(m.low) {
			m.low[n] = f
		} else {
			m.fields[fd.Number()] = f
		}
	}
	return m
}

// typeOf is the Go type of a message, nil for the entries of maps, which have none.
func typeOf(d protoreflect.MessageDescriptor) protoreflect.MessageType {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil
	}
	return t
}

func structBytes(t protoreflect.MessageType) int64 {
	const entry = 2 * 16 // of a map: two strings at most
	if t == nil {
		return entry
	}
	of := reflect.TypeOf(t.Zero().Interface())
	if of.Kind() != reflect.Pointer {
		return entry
	}
	return allocated(int64(of.Elem().Size()))
}

func elementBytes(kind protoreflect.Kind) int64 {
	switch kind {
	case protoreflect.BoolKind:
		return 1
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Uint32Kind, protoreflect.Fixed32Kind,
		protoreflect.Sfixed32Kind, protoreflect.FloatKind, protoreflect.EnumKind:
		return 4
	case protoreflect.StringKind:
		return 16
	case protoreflect.BytesKind:
		return 24
	default:
		return 8
	}
}
