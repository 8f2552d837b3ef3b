package metastoreclient

import (
	"unicode/utf8"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// raftNodeType is the type of the status detail by which a metastore node names the leader: message raft_node.RaftNode
// {string id = 1; string address = 2;} of Pyroscope's metastore. Its Go code is not part of the api module.
const raftNodeType = "raft_node.RaftNode"

// maxNodeName bounds the id and the address: a host name and a port fit well.
const maxNodeName = 512

// node is a raft_node.RaftNode.
type node struct {
	id, address string
}

// leaderNamed returns the leader that an error names, if it does.
func leaderNamed(err error) (node, bool) {
	s, ok := status.FromError(err)
	if !ok || s.Code() != codes.Unavailable {
		return node{}, false
	}
	for _, detail := range s.Proto().GetDetails() {
		// The type URL's prefix, up to the last slash, says nothing (google.protobuf.Any).
		if string(detail.MessageName()) != raftNodeType {
			continue
		}
		if n, ok := parseNode(detail.GetValue()); ok {
			return n, true
		}
	}
	return node{}, false
}

// parseNode reads the message; the bytes come from outside. Of a field that is there twice the last counts, and unknown
// fields are passed over, as protobuf has it.
func parseNode(b []byte) (node, bool) {
	var n node
	for len(b) > 0 {
		number, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			return node{}, false
		}
		b = b[size:]
		if kind != protowire.BytesType || (number != 1 && number != 2) {
			if size = protowire.ConsumeFieldValue(number, kind, b); size < 0 {
				return node{}, false
			}
			b = b[size:]
			continue
		}
		value, size := protowire.ConsumeBytes(b)
		if size < 0 || len(value) > maxNodeName || !utf8.Valid(value) {
			return node{}, false
		}
		b = b[size:]
		if number == 1 {
			n.id = string(value)
		} else {
			n.address = string(value)
		}
	}
	return n, n != node{}
}
