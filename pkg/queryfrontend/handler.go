package queryfrontend

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"

	"connectrpc.com/connect"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"

	"github.com/pyrofront/pyrofront/pkg/panics"
)

// maxRequestBytes bounds what an HTTP caller may send. Requests are a few hundred
// bytes, or some thousand ids.
const maxRequestBytes = 4 << 20

// NewHandler serves the Query API over HTTP, in the Connect protocol (JSON and
// binary protobuf, gzip), gRPC and gRPC-Web. The path it serves is
// /querier.v1.QuerierService/<Method>. Headers are not looked at for a tenant:
// tenants come from the Frontend's config.
//
// Panics are contained; report is told of each, those that were contained further
// below included.
func NewHandler(f *Frontend, report func(context.Context, *panics.Error)) http.Handler {
	_, api := querierv1connect.NewQuerierServiceHandler(f,
		connect.WithReadMaxBytes(maxRequestBytes),
		connect.WithInterceptors(containPanics(report), connect.UnaryInterceptorFunc(countAnswer)),
		connect.WithCompression("gzip", newRatioReader, func() connect.Compressor { return gzip.NewWriter(io.Discard) }))
	api = f.inbound(api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Grafana's SDK passes an empty request on without a body, which an HTTP
		// server never does: Connect does not expect it.
		if r.Body == nil {
			r.Body = http.NoBody
		}
		api.ServeHTTP(w, r)
	})
}

// containPanics makes errors of the panics of all RPCs, wherever they happen.
func containPanics(report func(context.Context, *panics.Error)) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (response connect.AnyResponse, err error) {
			err = contain(func() (err error) {
				response, err = next(ctx, request)
				return err
			})
			if panicked := (*panics.Error)(nil); errors.As(err, &panicked) {
				report(ctx, panicked)
			}
			return response, err
		}
	})
}
