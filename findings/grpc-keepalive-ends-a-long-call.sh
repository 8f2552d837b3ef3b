#!/usr/bin/env bash
# gRPC-Go: keepalive, set so that a long query survives, is what ends it
#
# Guess:    a client that pings keeps a quiet connection alive, so a call of 50 seconds has better chances with keepalive than without. If the
#           server dislikes the pings it ignores them. A Time of 1 s means a ping each second.
# Really:   google.golang.org/grpc v1.85.0, seen on 2026-11-27: with a server of default settings the call without keepalive takes its 50 s and
#           succeeds. The same call with keepalive fails at about 40 s with UNAVAILABLE, ENHANCE_YOUR_CALM "too_many_pings". 40 s, because Time
#           is raised to 10 s without an error, and the server counts strikes against its enforcement policy (a ping each 5 minutes at most)
#           until it has too many. Bytes sent by the server forgive the strikes, so calls that answer soon never show it.
# Why care: only the longest queries of a profiling cluster die, always at the same age, with an error that looks like a restarted server and
#           that retry policies repeat, for another 40 s each. A keepalive Time must be agreed with the *server's* EnforcementPolicy (MinTime,
#           PermitWithoutStream), and those differ between the databases that Grafana talks to.
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
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

type slow struct {
	healthpb.UnimplementedHealthServer
}

func (slow) Check(ctx context.Context, _ *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	select {
	case <-time.After(50 * time.Second):
	case <-ctx.Done():
	}
	return &healthpb.HealthCheckResponse{}, nil
}

func call(opts ...grpc.DialOption) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, slow{})
	go server.Serve(listener)
	defer server.Stop()
	opts = append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()))
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), opts...)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	start := time.Now()
	_, err = healthpb.NewHealthClient(conn).Check(context.Background(), &healthpb.HealthCheckRequest{})
	took := time.Since(start)
	fmt.Fprintln(os.Stderr, "took", took, "error", err)
	verdict := "took about 50 s"
	if took < 49*time.Second {
		verdict = "ended between 30 and 49 s"
		if took < 30*time.Second {
			verdict = "ended before 30 s"
		}
	}
	return fmt.Sprintf("%v, %s, too_many_pings=%t", status.Code(err), verdict, err != nil && strings.Contains(err.Error(), "too_many_pings"))
}

func main() {
	plain, pinged := make(chan string, 1), make(chan string, 1)
	go func() { plain <- call() }()
	go func() {
		pinged <- call(grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Second, Timeout: 5 * time.Second}))
	}()
	fmt.Println("without keepalive:", <-plain)
	fmt.Println("keepalive of 1 s: ", <-pinged)
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
without keepalive: OK, took about 50 s, too_many_pings=false
keepalive of 1 s:  Unavailable, ended between 30 and 49 s, too_many_pings=true
WANT
