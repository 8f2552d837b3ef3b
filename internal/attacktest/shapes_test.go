package attacktest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// nested is a message that holds itself in a field, so many levels deep. Lengths are written from the inside out.
func nested(number protowire.Number, levels int) []byte {
	backwards := make([]byte, 0, 6*levels)
	for range levels {
		head := protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.BytesType), uint64(len(backwards)))
		for i := len(head) - 1; i >= 0; i-- {
			backwards = append(backwards, head[i])
		}
	}
	for i, j := 0, len(backwards)-1; i < j; i, j = i+1, j-1 {
		backwards[i], backwards[j] = backwards[j], backwards[i]
	}
	return backwards
}

// strange is a block of a day around now, with more datasets, labels and texts.
func strange(fields ...[]byte) []byte {
	whole := oneBlock(false)
	_, _, tag := protowire.ConsumeField(whole)
	content, _ := protowire.ConsumeBytes(whole[1:tag])
	return field(1, append([][]byte{content}, fields...)...)
}

var shapes = []attack{
	{name: "a table of 10 million texts", says: func() answers { return answers{metadata: strange(times(10_000_000, text(11, "")))} }, failure: "memory"},
	{name: "a dataset of 10 million labels", says: func() answers {
		return answers{metadata: strange(field(10, varint(1, 1), varint(2, 2), varint(3, ago(time.Hour)), varint(4, ago(0)), packed(5, 0, 1, 2), varint(6, 1), field(8, []byte{1}, make([]byte, 10_000_000))))}
	}, failure: "memory"},
	{name: "100,000 datasets of one long name", says: func() answers {
		long := strange(text(11, strings.Repeat("n", 1_000_000)), times(100_000, field(10, varint(1, 1), varint(2, 8), varint(3, ago(time.Hour)), varint(4, ago(0)),
			packed(5, 0, 1, 2), varint(6, 1), packed(8, 2, 3, 8, 4, 5))))
		return answers{metadata: long}
	}, query: map[string]any{"queryType": "plan"}, failure: "at most 65536 are taken"},
	{name: "execution nested 5 million deep", says: reports(func() []byte {
		return field(2, field(2, nested(5, 5_000_000)))
	}), query: map[string]any{"queryType": "plan"}, failure: "malformed"},
	{name: "execution nested 5,000 deep", says: reports(func() []byte {
		return field(2, field(2, nested(5, 5_000)))
	}), query: map[string]any{"queryType": "plan"}},
	{name: "pprof of locations and functions that are each other", method: "SelectMergeStacktraces", request: map[string]any{"format": "PROFILE_FORMAT_PPROF"},
		says: reports(func() []byte {
			return report(typePprof, 7, field(2, field(1, varint(1, 1), varint(2, 1)), field(2, packed(1, 1, 1, 1), packed(2, 1)),
				times(3, field(4, varint(1, 1), varint(2, 1), field(4, varint(1, 1)))), times(3, field(5, varint(1, 1), varint(2, 1))), text(6, ""), text(6, "cpu")))
		}), failure: "malformed"},
	{name: "pprof of a sample of 10 million locations", method: "SelectMergeStacktraces", request: map[string]any{"format": "PROFILE_FORMAT_DOT"},
		says: reports(func() []byte {
			return report(typePprof, 7, field(2, field(1, varint(1, 1), varint(2, 1)), field(2, field(1, times(10_000_000, []byte{1})), packed(2, 1)),
				field(4, varint(1, 1), field(4, varint(1, 1))), field(5, varint(1, 1), varint(2, 1)), text(6, ""), text(6, "cpu")))
		}), failure: "at most 2000000 entries"},
	{name: "a point of 100,000 exemplars", query: map[string]any{"queryType": "metrics", "exemplars": "individual"},
		says: reports(func() []byte {
			at := ago(5 * time.Minute)
			return report(typeCompact, 9, field(2, field(2, pointValue(1), varint(2, at), each(100_000, func(i int) []byte {
				return field(4, varint(1, at), text(2, fmt.Sprint("p", i)), varint(4, 1), packed(5, 0))
			}))), field(3, text(1, "pod"), text(2, "v")))
		}), notice: "95000 of 100000 exemplars are left out"},
	{name: "2 million siblings of one name", says: func() answers {
		tree := append([]byte{0, 0}, protowire.AppendVarint(nil, 2_000_000)...)
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, append(tree, times(2_000_000, []byte{1, 'm', 1, 0})...)))}
	}, notice: "more than it was asked for"},
	{name: "a tree of a million nodes without end", says: func() answers {
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, []byte{0, 0}, protowire.AppendVarint(nil, 1<<62), times(1_000_000, []byte{1, 'm', 1, 0})))}
	}, failure: "malformed"},
	{name: "a chain of 4,000 for a flame graph", says: func() answers {
		chain := append([]byte{0, 0, 1}, times(4_000, []byte{1, 'm', 1, 1})...)
		chain[len(chain)-1] = 0
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, chain))}
	}},
	{name: "a chain of a million for a flame graph", query: map[string]any{"maxNodes": 300_000}, says: func() answers {
		chain := append([]byte{0, 0, 1}, times(1_000_000, []byte{1, 'm', 1, 1})...)
		chain[len(chain)-1] = 0
		return answers{metadata: oneBlock(false), reports: report(typeTree, 6, field(2, chain))}
	}},
}

func TestHostileShapes(t *testing.T) {
	hostile, honest := startCluster(t), startCluster(t)
	v := startVictim(t)
	for _, a := range shapes {
		t.Run(a.name, func(t *testing.T) {
			hostile.say(a.says())
			m := v.attacked(t, a, hostile)
			t.Logf("%s, %d MiB: %s", m.took, m.peak>>20, m.outcome)
			if m.died {
				v.restart(t)
				t.Fatal("the process died")
			}
			requireInTime(t, m.took)
			require.Less(t, m.peak, int64(hardLimit))
			require.Contains(t, m.outcome, a.failure+a.notice)
			v.requireHonest(t, honest)
		})
	}
}
