package metastore

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
)

// raftNodeType is the message that names a leader in a status. Its proto
// belongs to Pyroscope's server and is in no API module:
//
//	message raft_node.RaftNode { string id = 1; string address = 2; }
const raftNodeType = "type.googleapis.com/raft_node.RaftNode"

// errNotLeader is how a node answers that does not lead. The details name the
// leader, if the node knows one.
func errNotLeader(leader *node) error {
	s := status.New(codes.Unavailable, "node is not the leader")
	if leader == nil {
		return s.Err()
	}
	p := s.Proto()
	p.Details = []*anypb.Any{{TypeUrl: raftNodeType, Value: marshalRaftNode(leader.id, leader.address)}}
	return status.FromProto(p).Err()
}

func marshalRaftNode(id, address string) []byte {
	b := protowire.AppendTag(nil, 1, protowire.BytesType)
	b = protowire.AppendString(b, id)
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	return protowire.AppendString(b, address)
}
