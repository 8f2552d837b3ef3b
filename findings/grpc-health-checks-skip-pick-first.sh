#!/usr/bin/env bash
# gRPC-Go: client-side health checking does nothing with the default policy, and "unknown" is down where "no such server" is up
#
# Guess:    healthCheckConfig in the service config makes a client keep away from servers that say NOT_SERVING, whatever the load-balancing
#           policy. A server that has no health service at all cannot be called healthy; one that has it, but never heard of the named
#           service, is treated as one without.
# Really:   google.golang.org/grpc v1.85.0, seen on 2026-11-27: with pick_first, which is the default, the call goes to the NOT_SERVING server
#           and is answered. With round_robin it is refused. A server that runs the health service but did not register the *name* asked for
#           (SERVICE_UNKNOWN) is out of rotation as if it were down; one without any health service is in rotation.
# Why care: a cluster's part that drains by saying NOT_SERVING goes on receiving calls from every client left at the default policy, and a
#           part whose health service is turned on in an upgrade, under another name, vanishes for the clients that balance. Test a client's health
#           settings with a server that says no, and name the service that the server really registers.
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
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

type answering struct {
	testpb.UnimplementedTestServiceServer
}

func (answering) EmptyCall(context.Context, *testpb.Empty) (*testpb.Empty, error) {
	return &testpb.Empty{}, nil
}

func call(policy string, register func(*grpc.Server)) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := grpc.NewServer()
	testpb.RegisterTestServiceServer(server, answering{})
	register(server)
	go server.Serve(listener)
	defer server.Stop()
	config := `{"loadBalancingConfig": [{"` + policy + `": {}}], "healthCheckConfig": {"serviceName": "query"}}`
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultServiceConfig(config))
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err = testpb.NewTestServiceClient(conn).EmptyCall(ctx, &testpb.Empty{})
	return status.Code(err).String()
}

func with(service string, state healthpb.HealthCheckResponse_ServingStatus) func(*grpc.Server) {
	return func(server *grpc.Server) {
		h := health.NewServer()
		h.SetServingStatus(service, state)
		healthpb.RegisterHealthServer(server, h)
	}
}

func main() {
	servers := []struct {
		name     string
		register func(*grpc.Server)
	}{
		{"query is SERVING", with("query", healthpb.HealthCheckResponse_SERVING)},
		{"query is NOT_SERVING", with("query", healthpb.HealthCheckResponse_NOT_SERVING)},
		{"another name is SERVING", with("other", healthpb.HealthCheckResponse_SERVING)},
		{"no health service", func(*grpc.Server) {}},
	}
	for _, s := range servers {
		fmt.Printf("%-24s pick_first=%s round_robin=%s\n", s.name, call("pick_first", s.register), call("round_robin", s.register))
	}
}
GO
GOFLAGS=-mod=mod go run . > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
query is SERVING         pick_first=OK round_robin=OK
query is NOT_SERVING     pick_first=OK round_robin=Unavailable
another name is SERVING  pick_first=OK round_robin=Unavailable
no health service        pick_first=OK round_robin=OK
WANT
