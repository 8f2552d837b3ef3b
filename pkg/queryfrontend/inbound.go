package queryfrontend

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

const (
	// maxInboundRatio is how many times a compressed request may grow, from inboundRatioFrom bytes on.
	maxInboundRatio  = 100
	inboundRatioFrom = 64 << 10
	// inboundFactor is what a request becomes, times its bytes: an empty message in a list is three bytes of JSON.
	inboundFactor = 40
	// jsonFactor and protoFactor are what an answer's encoding takes, times its bytes as protobuf, with the buffers on the
	// way: a point of a series is 8 bytes of protobuf and 60 of JSON.
	jsonFactor  = 24
	protoFactor = 3
)

// inbound makes requests take memory before they are read. What they hold is given back when the scope of the HTTP
// request ends.
func (f *Frontend) inbound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, scope := memory.WithScope(r.Context())
		defer scope.Close()
		account := f.memory.Open()
		err := account.Take(ctx, inboundFactor*requestBytes(r))
		memory.Adopt(ctx, account)
		if err != nil {
			_ = connect.NewErrorWriter().Write(w, r, memoryError(err))
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// requestBytes is the most that a request's body may be once it is unpacked.
func requestBytes(r *http.Request) int64 {
	length := r.ContentLength
	if length < 0 {
		return maxRequestBytes
	}
	for _, header := range []string{"Content-Encoding", "Connect-Content-Encoding", "Grpc-Encoding"} {
		if encoding := r.Header.Get(header); encoding != "" && encoding != "identity" {
			length = max(maxInboundRatio*length, inboundRatioFrom)
		}
	}
	return min(length, maxRequestBytes)
}

// countAnswer takes memory for the encoding of answers.
func countAnswer(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		response, err := next(ctx, request)
		if err != nil {
			return nil, err
		}
		message, ok := response.Any().(proto.Message)
		if !ok {
			return response, nil
		}
		factor := int64(protoFactor)
		if strings.Contains(request.Header().Get("Content-Type"), "json") || request.HTTPMethod() == http.MethodGet {
			factor = jsonFactor
		}
		if err := memory.Take(ctx, factor*int64(proto.Size(message))); err != nil {
			return nil, memoryError(err)
		}
		return response, nil
	}
}

// A ratioReader unpacks gzip, and fails where there is far too much in too few bytes.
type ratioReader struct {
	unpacker gzip.Reader
	packed   countingReader
	unpacked int64
}

type countingReader struct {
	io.Reader
	read int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	return n, err
}

func newRatioReader() connect.Decompressor { return new(ratioReader) }

// Read implements connect.Decompressor.
func (r *ratioReader) Read(p []byte) (int, error) {
	n, err := r.unpacker.Read(p)
	r.unpacked += int64(n)
	if r.unpacked > inboundRatioFrom && r.unpacked > maxInboundRatio*r.packed.read {
		return n, fmt.Errorf("the request's %d compressed bytes become more than %d times as many, which is not allowed", r.packed.read, maxInboundRatio)
	}
	return n, err
}

// Close implements connect.Decompressor.
func (r *ratioReader) Close() error { return r.unpacker.Close() }

// Reset implements connect.Decompressor.
func (r *ratioReader) Reset(source io.Reader) error {
	r.packed, r.unpacked = countingReader{Reader: source}, 0
	return r.unpacker.Reset(&r.packed)
}
