package queryfrontend

import (
	"compress/gzip"
	"io"
	"net/http"

	"connectrpc.com/connect"
	"github.com/grafana/pyroscope/api/gen/proto/go/querier/v1/querierv1connect"
)

// maxRequestBytes bounds what an HTTP caller may send. Requests are a few hundred
// bytes, or some thousand ids.
const maxRequestBytes = 4 << 20

// NewHandler serves the Query API over HTTP, in the Connect protocol (JSON and
// binary protobuf, gzip), gRPC and gRPC-Web. The path it serves is
// /querier.v1.QuerierService/<Method>. Headers are not looked at for a tenant:
// tenants come from the Frontend's config.
func NewHandler(f *Frontend) http.Handler {
	_, api := querierv1connect.NewQuerierServiceHandler(f,
		connect.WithReadMaxBytes(maxRequestBytes),
		connect.WithInterceptors(connect.UnaryInterceptorFunc(countAnswer)),
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
