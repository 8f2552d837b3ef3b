package profile_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pyrofront/pyrofront/pkg/profile"
)

// benchMaxNodes is the plugin's default limit of a flame graph.
const benchMaxNodes = 8192

var benchSizes = []int{100_000, 1_000_000}

// syntheticTree is a tree of n nodes below the root, about as real ones are:
// some 20,000 functions with names of 20 to 60 bytes, in stacks of up to 60
// frames that mostly share their first ones.
func syntheticTree(n int, seed uint64) *profile.Tree {
	random := rand.New(rand.NewPCG(seed, 1))
	names := make([]string, 20_000)
	for i := range names {
		names[i] = fmt.Sprintf("example.org/team/project%d/pkg%d.(*Type%d).Method%d", i%7, i%97, i%1009, i)
	}
	b := profile.NewTreeBuilder()
	var stack []string
	for added := 0; added < n; {
		keep := 0
		if len(stack) > 0 {
			keep = max(random.IntN(len(stack)+1), len(stack)-12)
		}
		stack = stack[:keep]
		for grow := 1 + random.IntN(12); grow > 0 && len(stack) < 60 && added < n; grow-- {
			// A callee is one of a few of its caller: siblings repeat.
			stack = append(stack, names[(len(stack)*389+random.IntN(1+len(stack)*60)+int(random.ExpFloat64()*40))%len(names)])
			added++
		}
		b.AddStack(1+random.Int64N(1_000_000), stack)
	}
	return b.Tree(0)
}

// perNode runs f and reports its time and allocations for each of n nodes.
func perNode(b *testing.B, n int, f func()) {
	b.Helper()
	b.ReportAllocs()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		f()
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/node")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(b.N)/float64(n), "allocs/node")
}

// BenchmarkFlameGraph decodes a tree and lays it out.
func BenchmarkFlameGraph(b *testing.B) {
	for _, size := range benchSizes {
		tree := syntheticTree(size, 1)
		wire := tree.Marshal()
		for _, maxNodes := range []int64{benchMaxNodes, 0} {
			b.Run(fmt.Sprintf("nodes=%d/limit=%d", size, maxNodes), func(b *testing.B) {
				perNode(b, tree.Len(), func() {
					decoded, err := profile.UnmarshalTree(wire)
					require.NoError(b, err)
					profile.FlameGraph(decoded, maxNodes)
				})
			})
		}
	}
}

func BenchmarkUnmarshalTree(b *testing.B) {
	for _, size := range benchSizes {
		tree := syntheticTree(size, 1)
		wire := tree.Marshal()
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(wire)))
			perNode(b, tree.Len(), func() {
				_, err := profile.UnmarshalTree(wire)
				require.NoError(b, err)
			})
		})
	}
}

// BenchmarkDiff decodes two trees and lays out their difference.
func BenchmarkDiff(b *testing.B) {
	for _, size := range benchSizes {
		left, right := syntheticTree(size, 1), syntheticTree(size, 2)
		leftWire, rightWire := left.Marshal(), right.Marshal()
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			perNode(b, left.Len()+right.Len(), func() {
				l, err := profile.UnmarshalTree(leftWire)
				require.NoError(b, err)
				r, err := profile.UnmarshalTree(rightWire)
				require.NoError(b, err)
				_, err = profile.Diff(l, r, benchMaxNodes)
				require.NoError(b, err)
			})
		})
	}
}

func BenchmarkTopFunctions(b *testing.B) {
	for _, size := range benchSizes {
		tree := syntheticTree(size, 1)
		b.Run(fmt.Sprintf("nodes=%d", size), func(b *testing.B) {
			perNode(b, tree.Len(), func() { profile.TopFunctions(tree) })
		})
	}
}

func BenchmarkTreeBuilder(b *testing.B) {
	left, right := syntheticTree(benchSizes[0], 1), syntheticTree(benchSizes[0], 2)
	b.Run(fmt.Sprintf("nodes=%d", benchSizes[0]), func(b *testing.B) {
		perNode(b, left.Len()+right.Len(), func() {
			builder := profile.NewTreeBuilder()
			builder.AddTree(left)
			builder.AddTree(right)
			builder.Tree(benchMaxNodes)
		})
	})
}
