package metastoreclient

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
)

func field(number protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

func join(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestParseNode(t *testing.T) {
	for name, c := range map[string]struct {
		bytes []byte
		want  node
		ok    bool
	}{
		"both":           {join(field(1, "a"), field(2, "b:1")), node{"a", "b:1"}, true},
		"other order":    {join(field(2, "b:1"), field(1, "a")), node{"a", "b:1"}, true},
		"id alone":       {field(1, "a"), node{id: "a"}, true},
		"last one wins":  {join(field(1, "a"), field(1, "b")), node{id: "b"}, true},
		"unknown fields": {join(field(9, "x"), protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 7), field(1, "a")), node{id: "a"}, true},
		"nothing":        {nil, node{}, false},
		"empty strings":  {join(field(1, ""), field(2, "")), node{}, false},
		"truncated":      {field(1, "abc")[:3], node{}, false},
		"long length":    {[]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f}, node{}, false},
		"field zero":     {[]byte{0x02, 0x00}, node{}, false},
		"open group":     {[]byte{0x1b}, node{}, false},
		"not UTF-8":      {field(1, "\xff"), node{}, false},
		"too long":       {field(1, strings.Repeat("a", 513)), node{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := parseNode(c.bytes)
			require.Equal(t, c.ok, ok)
			if ok {
				require.Equal(t, c.want, got)
			}
		})
	}
}

func TestLeaderNamed(t *testing.T) {
	with := func(code codes.Code, details ...*anypb.Any) error {
		p := status.New(code, "x").Proto()
		p.Details = details
		return status.FromProto(p).Err()
	}
	good := &anypb.Any{TypeUrl: "type.googleapis.com/raft_node.RaftNode", Value: field(1, "a")}
	other := &anypb.Any{TypeUrl: "type.googleapis.com/google.protobuf.Duration", Value: field(1, "b")}
	broken := &anypb.Any{TypeUrl: "type.googleapis.com/raft_node.RaftNode", Value: []byte{0x0a}}
	for name, c := range map[string]struct {
		err error
		ok  bool
	}{
		"named":          {with(codes.Unavailable, good), true},
		"wrapped":        {fmt.Errorf("asking: %w", with(codes.Unavailable, good)), true},
		"among others":   {with(codes.Unavailable, other, broken, good), true},
		"another prefix": {with(codes.Unavailable, &anypb.Any{TypeUrl: "/raft_node.RaftNode", Value: good.Value}), true},
		"another type":   {with(codes.Unavailable, other), false},
		"another code":   {with(codes.Internal, good), false},
		"broken":         {with(codes.Unavailable, broken), false},
		"no details":     {with(codes.Unavailable), false},
		"no status":      {errors.New("x"), false},
	} {
		t.Run(name, func(t *testing.T) {
			n, ok := leaderNamed(c.err)
			require.Equal(t, c.ok, ok)
			if ok {
				require.Equal(t, node{id: "a"}, n)
			}
		})
	}
}

func FuzzParseNode(f *testing.F) {
	f.Add(join(field(1, "metastore-0:9095"), field(2, "10.0.0.1:9099")))
	f.Add(field(1, "a")[:2])
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0x1b, 0x1b, 0x1c})
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := parseNode(b)
		if !ok {
			return
		}
		if n == (node{}) || len(n.id) > maxNodeName || len(n.address) > maxNodeName {
			t.Fatalf("%x: %+v", b, n)
		}
		again, ok := parseNode(join(field(1, n.id), field(2, n.address)))
		if !ok || again != n {
			t.Fatalf("%x: %+v becomes %+v", b, n, again)
		}
	})
}
