// Package grpctest serves gRPC for the length of a test.
package grpctest

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
)

// Serve serves on an address of loopback until the test ends, and returns the address.
// Port 0 is any free one.
func Serve(t testing.TB, server *grpc.Server, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when it is stopped, here or by the test
	}()
	t.Cleanup(func() {
		server.Stop()
		<-done
	})
	return listener.Addr().String()
}
