package metastore

import (
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// encodedAnswer is the codec of calls whose answer is not decoded: a *[]byte. Requests are messages, as ever.
type encodedAnswer struct{}

// Name implements encoding.CodecV2. On the wire there is no difference to what all others send.
func (encodedAnswer) Name() string { return proto.Name }

// Marshal implements encoding.CodecV2.
func (encodedAnswer) Marshal(message any) (mem.BufferSlice, error) {
	return encoding.GetCodecV2(proto.Name).Marshal(message)
}

// Unmarshal implements encoding.CodecV2. The buffers are the connection's, and used again.
func (encodedAnswer) Unmarshal(data mem.BufferSlice, message any) error {
	answer, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("metastore: an encoded answer is a *[]byte, not a %T", message)
	}
	*answer = data.Materialize()
	return nil
}
