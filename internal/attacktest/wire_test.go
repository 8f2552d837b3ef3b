package attacktest_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Messages are written field by field: most of what is sent here no library would write, or only with gigabytes.

// field is a field with a length: a message, a text, bytes or packed numbers.
func field(number protowire.Number, content ...[]byte) []byte {
	b := protowire.AppendTag(nil, number, protowire.BytesType)
	return protowire.AppendBytes(b, bytes.Join(content, nil))
}

func text(number protowire.Number, s string) []byte { return field(number, []byte(s)) }

func varint(number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
}

// pointValue is the value of a point.
func pointValue(v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(nil, 1, protowire.Fixed64Type), math.Float64bits(v))
}

func packed(number protowire.Number, values ...uint64) []byte {
	var content []byte
	for _, v := range values {
		content = protowire.AppendVarint(content, v)
	}
	return field(number, content)
}

func times(n int, b []byte) []byte { return bytes.Repeat(b, n) }

// each joins what is made of 0 to n-1.
func each(n int, of func(i int) []byte) []byte {
	var b []byte
	for i := range n {
		b = append(b, of(i)...)
	}
	return b
}

func compressed(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// report is an InvokeResponse of one report: its type and number in query.proto.
func report(kind uint64, number protowire.Number, content ...[]byte) []byte {
	return field(1, varint(1, kind), field(number, content...))
}

// flatTree is a call tree of n nodes below the root, each with its own name of at least that length, or with references.
func flatTree(n, nameLength int, refs bool) []byte {
	b := []byte{0, 0}
	b = binary.AppendUvarint(b, uint64(n))
	for i := n; i > 0; i-- {
		if refs {
			b = binary.AppendUvarint(b, 1)
		} else {
			name := binary.BigEndian.AppendUint32(nil, uint32(i))
			for len(name) < nameLength {
				name = append(name, 'x')
			}
			b = binary.AppendUvarint(b, uint64(len(name)))
			b = append(b, name...)
		}
		b = append(b, 1, 0)
	}
	return b
}

// deepTree is a chain of n nodes that have references to one name and another in turn.
func deepTree(n int) []byte {
	b := []byte{0, 0, 1}
	for i := range n {
		b = append(b, byte(1+i%2), 1, 1)
	}
	b[len(b)-1] = 0
	return b
}
