package transport

import (
	"context"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// httpAnswer is how gRPC words an answer that is of HTTP, and not of gRPC.
const httpAnswer = "unexpected HTTP status code received from server: "

// httpPort is the error of a call that an HTTP server answered. Pyroscope serves HTTP/2 on its HTTP port too, so the
// connection is fine, and the answer is that there is no such page.
type httpPort struct{ answer string }

func (h *httpPort) Error() string {
	return "this is an HTTP port: give the gRPC port, 9095 by default (it answered with HTTP status " + h.answer + ")"
}

// GRPCStatus is FailedPrecondition: the settings have to change. gRPC's own code for a page that does not exist is
// Unimplemented, which is also what a gRPC server says of a method that it lacks.
func (h *httpPort) GRPCStatus() *status.Status {
	return status.New(codes.FailedPrecondition, h.Error())
}

// httpPortOf tells whether an error, of a call or of watching the server's health, is an HTTP server's.
func httpPortOf(err error) (*httpPort, bool) {
	if err == nil {
		return nil, false
	}
	_, answer, ok := strings.Cut(err.Error(), httpAnswer)
	if !ok || alsoOfProxies(answer) {
		return nil, false
	}
	answer, _, _ = strings.Cut(answer, ";")
	return &httpPort{answer: answer}, true
}

// detectHTTPPort is a client interceptor: those who read an error's code, as health checks do, are not misled.
func detectHTTPPort(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	err := invoke(ctx, method, request, reply, conn, options...)
	if port, ok := httpPortOf(err); ok {
		return port
	}
	return err
}

// alsoOfProxies tells answers that a proxy gives in front of a gRPC port as well: that the caller may not pass, or that it
// has no server at the moment.
func alsoOfProxies(answer string) bool {
	return strings.HasPrefix(answer, "5") ||
		slices.ContainsFunc([]string{"401", "403", "407", "429"}, func(code string) bool { return strings.HasPrefix(answer, code) })
}

// isHTTPPort tells whether an error is httpPort's, wrapped or not.
func isHTTPPort(err error) bool { return errors.As(err, new(*httpPort)) }
