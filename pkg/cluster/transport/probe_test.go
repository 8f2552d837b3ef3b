package transport_test

import (
	"context"
	"net"
	"testing"
	"time"

	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/cluster/transport"
)

func check(ctx context.Context, p *transport.Client) (transport.Probe, error) {
	return p.Check(ctx, func(ctx context.Context, conn grpc.ClientConnInterface) (struct{}, error) {
		_, err := queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, &queryv1.InvokeRequest{})
		return struct{}{}, err
	})
}

func TestCheck(t *testing.T) {
	good, hung, bad := serve(t, nil), serve(t, hangs(nil)), serve(t, fails(status.Error(codes.Unavailable, "not now")))
	p := client(t, transport.Config{Address: at(bad.address + "," + hung.address + "," + good.address), Timeout: 600 * time.Millisecond})
	probe, err := check(t.Context(), p)
	require.NoError(t, err)
	require.Equal(t, 3, probe.Endpoints)
	require.Equal(t, good.address, probe.Endpoint)
	require.Positive(t, probe.Latency)
}

func TestCheckSaysWhatFailed(t *testing.T) {
	t.Parallel()
	nothing := unusedAddress(t)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, silent.Close()) })
	hung := serve(t, hangs(nil))
	refusing := serve(t, fails(status.Error(codes.Unauthenticated, "who are you")))
	for name, c := range map[string]struct {
		address string
		code    codes.Code
		want    string
		timeout time.Duration
	}{
		"name":    {"no-such-host:1", codes.Unavailable, "the name no-such-host does not resolve: no such host", 300 * time.Millisecond},
		"refused": {nothing, codes.Unavailable, "connection refused", 300 * time.Millisecond},
		"no gRPC": {silent.Addr().String(), codes.DeadlineExceeded, "no answer within", 300 * time.Millisecond},
		// As a process that is frozen, or has no time: the kernel connects.
		"silent":      {silent.Addr().String(), codes.Unavailable, "the server accepted the connection, and was silent for 5s", 14 * time.Second},
		"hung":        {hung.address, codes.DeadlineExceeded, "no answer within", 300 * time.Millisecond},
		"credentials": {refusing.address, codes.Unauthenticated, "who are you", 300 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := client(t, transport.Config{Address: at(c.address), Resolver: &names{}, Timeout: c.timeout})
			_, err := check(t.Context(), p)
			require.Equal(t, c.code, status.Code(err), "%v", err)
			require.ErrorContains(t, err, c.want)
		})
	}
}
