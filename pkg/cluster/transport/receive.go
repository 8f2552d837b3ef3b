package transport

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dustin/go-humanize"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	grpcproto "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/memory"
	"github.com/pyrofront/pyrofront/pkg/wiresize"
)

// Bounds on answers that are received.
const (
	// receiveShare is which part of a budget one message may take on the wire. It is what an answer is given before its
	// length is known, so that as many can be received at once.
	receiveShare = 8
	// maxRatio is how many times a compressed answer may grow. Profiles grow about 10 times; a run of one byte, 1000.
	maxRatio = 100
	// ratioFrom is the size below which the ratio says nothing.
	ratioFrom = 1 << 20
	// streamWindow is how much of an answer a server may send before it is received: before there is memory for it. An
	// answer comes at no more than this a round trip: 20 MB/s to a cluster that is 50 ms away.
	streamWindow = 1 << 20
	// connectionWindow is the same for all answers of a connection.
	connectionWindow = 8 << 20
	// maxHeaderBytes bounds headers and trailers, which have the texts of errors.
	maxHeaderBytes = 1 << 20
)

// A receiver takes answers off the wire: it waits for memory before the answer is read, counts what the answer will
// become before it is decoded, and only then decodes it.
type receiver struct {
	budget     *memory.Budget
	maxMessage int
	sizer      wiresize.Sizer
}

// options are how a connection receives.
func (r *receiver) options() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithStatsHandler(compressionWatch{}),
		grpc.WithStaticStreamWindowSize(streamWindow),
		grpc.WithStaticConnWindowSize(connectionWindow),
		grpc.WithMaxHeaderListSize(maxHeaderBytes),
		grpc.WithChainUnaryInterceptor(r.intercept),
	}
}

// intercept makes a unary call. It is the last interceptor, in the place of gRPC's own way.
func (r *receiver) intercept(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, _ grpc.UnaryInvoker, options ...grpc.CallOption) error {
	account := memory.From(ctx)
	if account == nil {
		account = r.budget.Open()
		defer account.Close()
	}
	limit := int(min(int64(r.maxMessage), account.Limit()/receiveShare))
	received := new(compression)
	ctx, cancel := context.WithCancel(context.WithValue(ctx, compressionKey{}, received))
	defer cancel()
	options = append(options, grpc.ForceCodecV2(rawCodec{encoding.GetCodecV2(grpcproto.Name)}), grpc.MaxCallRecvMsgSize(limit))
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{}, method, options...)
	if err != nil {
		return err
	}
	if err := stream.SendMsg(request); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	// A server sends headers when it has an answer. Until then, nothing is held for it; from then on its answer waits for
	// memory, most of it still on the other side. What it says without headers is an error, which RecvMsg returns.
	reserved := int64(0)
	if header, err := stream.Header(); err == nil && header != nil {
		if err := account.Take(ctx, int64(limit)); err != nil {
			return err
		}
		reserved = int64(limit)
	}
	defer func() { account.Give(reserved) }()
	var raw rawMessage
	err = stream.RecvMsg(&raw)
	defer raw.free()
	if rest := reserved - int64(raw.data.Len()); rest > 0 { // its length is known now
		account.Give(rest)
		reserved -= rest
	}
	switch {
	case status.Code(err) == codes.ResourceExhausted && TooLarge(err) && limit < r.maxMessage:
		return &largeError{limit: limit, status: status.Convert(err)}
	case err != nil:
		return err
	}
	if err := received.check(); err != nil {
		return err
	}
	switch reply := reply.(type) {
	case *[]byte:
		return r.keep(ctx, account, &raw, reply)
	case proto.Message:
		return r.decode(ctx, account, &raw, reply)
	}
	return status.Errorf(codes.Internal, "an answer of type %T is neither a protobuf message nor bytes", reply)
}

// keep takes memory for an answer that is not decoded here.
func (r *receiver) keep(ctx context.Context, account *memory.Account, raw *rawMessage, answer *[]byte) error {
	if err := account.Take(ctx, int64(raw.data.Len())); err != nil {
		return err
	}
	*answer = raw.data.Materialize()
	return nil
}

// decode takes memory for a message, and decodes it. Of the raw bytes nothing is kept.
func (r *receiver) decode(ctx context.Context, account *memory.Account, raw *rawMessage, message proto.Message) error {
	length := int64(raw.data.Len())
	if err := account.Take(ctx, length); err != nil { // the buffers are joined
		return err
	}
	defer account.Give(length)
	b := raw.data.Materialize()
	raw.free()
	size, err := r.sizer.Decoded(b, message)
	if err != nil {
		return status.Errorf(codes.Internal, "the server sent a malformed answer of %d bytes: %v", len(b), err)
	}
	if err := account.Take(ctx, size); err != nil {
		return err
	}
	if err := proto.Unmarshal(b, message); err != nil {
		return status.Errorf(codes.Internal, "the server sent a malformed answer of %d bytes: %v", len(b), err)
	}
	return nil
}

// A largeError is an answer that is within maxMessageBytes, and larger than the memory of queries allows.
type largeError struct {
	limit  int
	status *status.Status
}

func (e *largeError) Error() string {
	return fmt.Sprintf("the answer is larger than %s, which is the most that one may have with the memory that queries may take here (setting %s, and the memory limit of the process): ask for less, such as a shorter range or fewer nodes (%s)",
		humanize.IBytes(uint64(e.limit)), memory.Setting, e.status.Message())
}

// GRPCStatus is ResourceExhausted.
func (e *largeError) GRPCStatus() *status.Status {
	return status.New(codes.ResourceExhausted, e.Error())
}

// rawMessage is an answer that is not decoded yet.
type rawMessage struct{ data mem.BufferSlice }

// free gives the buffers back to gRPC, once.
func (m *rawMessage) free() {
	m.data.Free()
	m.data = nil
}

// rawCodec encodes messages, and leaves answers as they are.
type rawCodec struct{ encoding.CodecV2 }

// Unmarshal implements encoding.CodecV2.
func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	raw, ok := v.(*rawMessage)
	if !ok {
		return fmt.Errorf("%T is not a raw message", v)
	}
	data.Ref()
	raw.data = data
	return nil
}

// compression is what an answer was on the wire, and unpacked.
type compression struct{ wire, unpacked int }

func (c *compression) check() error {
	if c.unpacked > ratioFrom && c.unpacked > maxRatio*c.wire {
		return status.Errorf(codes.Internal, "the server sent a malformed answer: %d compressed bytes become %d, more than %d times as many", c.wire, c.unpacked, maxRatio)
	}
	return nil
}

type compressionKey struct{}

// compressionWatch tells a call what its answer was on the wire, as gRPC unpacks it before anybody else sees it. It has
// at most as many bytes then as the call may receive.
type compressionWatch struct{}

// HandleRPC implements stats.Handler.
func (compressionWatch) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if in, ok := s.(*stats.InPayload); ok {
		if c, ok := ctx.Value(compressionKey{}).(*compression); ok {
			c.wire, c.unpacked = in.CompressedLength, in.Length
		}
	}
}

// TagRPC implements stats.Handler.
func (compressionWatch) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (compressionWatch) HandleConn(context.Context, stats.ConnStats) {}

// TagConn implements stats.Handler.
func (compressionWatch) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return ctx
}
