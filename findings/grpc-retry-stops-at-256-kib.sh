#!/usr/bin/env bash
# gRPC-Go: a retry policy stops working for requests of 256 KiB and more
#
# Guess:    a retryPolicy in the service config applies to every unary call of the method. A larger request is more expensive to repeat,
#           but UNAVAILABLE is repeated up to maxAttempts all the same; if the library had a limit, it would say so in the error.
# Really:   google.golang.org/grpc v1.85.0, seen on 2026-11-27: a server that is "busy" (UNAVAILABLE) is asked 5 times while the request is
#           below 256 KiB. From 256 KiB on it is asked once; the only sign is what the error does *not* say ("max retries exhausted"). The
#           call is "committed" as soon as its bytes do not fit into the retry buffer (256 KiB a call); the call option
#           MaxRetryRPCBufferSize(2 MiB) brings the five attempts back for the same request.
# Why care: in clusters that send large requests between their parts (query plans that list thousands of blocks, batches of profiles), the
#           calls that fail for load are the large ones, and exactly those are not retried, whatever the configuration claims. Small
#           trials never show it. Set MaxRetryRPCBufferSize beside every retry policy, or retry in code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module finding
go 1.26.0
require google.golang.org/grpc v1.85.0
MOD
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

const policy = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 5, "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1,
	"retryableStatusCodes": ["UNAVAILABLE"]}}]}`

// busy counts the calls that reach it and turns every one away.
type busy struct {
	healthpb.UnimplementedHealthServer
	calls atomic.Int64
}

func (b *busy) Check(context.Context, *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	b.calls.Add(1)
	return nil, status.Error(codes.Unavailable, "busy")
}

func attempts(kib int, opts ...grpc.CallOption) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server, handler := grpc.NewServer(), &busy{}
	healthpb.RegisterHealthServer(server, handler)
	go server.Serve(listener)
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(policy))
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	request := &healthpb.HealthCheckRequest{Service: strings.Repeat("x", kib<<10)}
	_, err = healthpb.NewHealthClient(conn).Check(ctx, request, opts...)
	return fmt.Sprintf("attempts=%d error=%v", handler.calls.Load(), err)
}

func main() {
	for _, kib := range []int{1, 255, 256, 1024} {
		fmt.Printf("%4d KiB: %s\n", kib, attempts(kib))
	}
	fmt.Printf("%4d KiB, MaxRetryRPCBufferSize(2 MiB): %s\n", 1024, attempts(1024, grpc.MaxRetryRPCBufferSize(2<<20)))
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
   1 KiB: attempts=5 error=max retries exhausted: failed after 5 attempts: rpc error: code = Unavailable desc = busy
 255 KiB: attempts=5 error=max retries exhausted: failed after 5 attempts: rpc error: code = Unavailable desc = busy
 256 KiB: attempts=1 error=rpc error: code = Unavailable desc = busy
1024 KiB: attempts=1 error=rpc error: code = Unavailable desc = busy
1024 KiB, MaxRetryRPCBufferSize(2 MiB): attempts=5 error=max retries exhausted: failed after 5 attempts: rpc error: code = Unavailable desc = busy
WANT
