package transport_test

import (
	"context"
	"testing"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// An answer nested to a depth that nothing real has must not overflow the stack: that would end the process.
func TestDeepAnswerIsAnError(t *testing.T) {
	encoded := deepAnswer(200_000)
	s := serve(t, func(context.Context, *queryv1.InvokeRequest) (*queryv1.InvokeResponse, error) {
		response := new(queryv1.InvokeResponse)
		response.ProtoReflect().SetUnknown(encoded)
		return response, nil
	})
	_, err := invoke(t.Context(), client(t, transport.Config{Address: at(s.address)}))
	require.ErrorContains(t, err, "recursion depth")
}

// deepAnswer encodes an InvokeResponse with execution nodes one in the other.
func deepAnswer(depth int) []byte {
	// Written from the innermost message outwards, from the end of the buffer to its front.
	buffer := make([]byte, depth*8)
	at := len(buffer)
	wrap := func(field protowire.Number) {
		head := protowire.AppendTag(nil, field, protowire.BytesType)
		head = protowire.AppendVarint(head, uint64(len(buffer)-at))
		at -= copy(buffer[at-len(head):], head)
	}
	fields := (&queryv1.ExecutionNode{}).ProtoReflect().Descriptor().Fields()
	for range depth {
		wrap(fields.ByName("children").Number())
	}
	wrap((&queryv1.Diagnostics{}).ProtoReflect().Descriptor().Fields().ByName("execution_node").Number())
	wrap((&queryv1.InvokeResponse{}).ProtoReflect().Descriptor().Fields().ByName("diagnostics").Number())
	return buffer[at:]
}
