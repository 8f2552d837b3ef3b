#!/usr/bin/env bash
# gRPC-Go: a retry policy for "busy" also repeats "too large", and maxAttempts above 5 is 5
#
# Guess:    RESOURCE_EXHAUSTED in retryableStatusCodes means that a server which asks for patience is asked again. A request over the
#           server's size limit can never succeed, so the library refuses it once and for all. And maxAttempts: 500 means up to 500.
# Really:   google.golang.org/grpc v1.85.0, seen on 2026-11-27: "received message larger than max" has the same code, and a policy knows codes
#           alone. The 100 KiB request to a server that takes 50 KiB is uploaded 5 times. 5, not 500: a larger maxAttempts is cut to 5 without
#           a word, unless the client is made with WithMaxCallAttempts, and then all 20 of its attempts go out.
# Why care: Pyroscope's and other databases' clients ship policies with RESOURCE_EXHAUSTED and hundreds of attempts. An owner who reads
#           the file believes in minutes of patience and has five tries; one who raises the cap multiplies every oversized query by it.
#           Tell the two apart by the message, in code, before a retry.
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
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/tap"
)

const policy = `{"methodConfig": [{"name": [{}], "retryPolicy": {
	"maxAttempts": 500, "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1,
	"retryableStatusCodes": ["RESOURCE_EXHAUSTED"]}}]}`

func call(opts ...grpc.DialOption) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	var streams atomic.Int64
	count := func(ctx context.Context, _ *tap.Info) (context.Context, error) {
		streams.Add(1)
		return ctx, nil
	}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(50<<10), grpc.InTapHandle(count))
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(listener)
	defer server.Stop()
	opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(policy))
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), opts...)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err = healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: strings.Repeat("x", 100<<10)})
	return fmt.Sprintf("uploads=%d %v", streams.Load(), err)
}

func main() {
	fmt.Println("maxAttempts 500:                        ", call())
	fmt.Println("maxAttempts 500, WithMaxCallAttempts(20):", call(grpc.WithMaxCallAttempts(20)))
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
maxAttempts 500:                         uploads=5 max retries exhausted: failed after 5 attempts: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (102404 vs. 51200)
maxAttempts 500, WithMaxCallAttempts(20): uploads=20 max retries exhausted: failed after 20 attempts: rpc error: code = ResourceExhausted desc = grpc: received message larger than max (102404 vs. 51200)
WANT
