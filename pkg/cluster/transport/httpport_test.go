package transport_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

// httpServer speaks HTTP/2 without TLS, as Pyroscope's HTTP port does, and answers every request the same.
func httpServer(t *testing.T, code int) (address string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

func TestHTTPPort(t *testing.T) {
	const httpPort = "this is an HTTP port: give the gRPC port, 9095 by default (it answered with HTTP status "
	for name, test := range map[string]struct {
		answer int
		code   codes.Code
		want   string
	}{
		"no such page":   {http.StatusNotFound, codes.FailedPrecondition, "query-backend: " + httpPort + "404 (Not Found))"},
		"a page":         {http.StatusOK, codes.FailedPrecondition, "query-backend: " + httpPort + "200 (OK))"},
		"not understood": {http.StatusUnsupportedMediaType, codes.FailedPrecondition, "query-backend: " + httpPort + "415 (Unsupported Media Type))"},
		// Proxies before a gRPC port give these as well.
		"a login":   {http.StatusUnauthorized, codes.Unavailable, "401 (Unauthorized)"},
		"forbidden": {http.StatusForbidden, codes.Unavailable, "403 (Forbidden)"},
		"no server": {http.StatusServiceUnavailable, codes.Unavailable, "503 (Service Unavailable)"},
	} {
		t.Run(name, func(t *testing.T) {
			p := client(t, transport.Config{Address: at(httpServer(t, test.answer)), Timeout: 10 * time.Second})
			p.SetRetryWindow(300 * time.Millisecond)
			_, err := check(t.Context(), p)
			require.Equal(t, test.code.String(), status.Code(err).String(), "%v", err)
			require.ErrorContains(t, err, test.want)
			_, err = transport.Call(t.Context(), p, func(ctx context.Context, conn grpc.ClientConnInterface) (*queryv1.InvokeResponse, error) {
				return queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, &queryv1.InvokeRequest{})
			})
			require.Equal(t, test.code.String(), status.Code(err).String(), "%v", err)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// A gRPC server's own words are its own.
func TestUnimplementedIsNoHTTPPort(t *testing.T) {
	s := serve(t, fails(status.Error(codes.Unimplemented, "unknown service")))
	_, err := check(t.Context(), client(t, transport.Config{Address: at(s.address)}))
	require.Equal(t, codes.Unimplemented, status.Code(err))
	require.NotContains(t, err.Error(), "HTTP port")
}
