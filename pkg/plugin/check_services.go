package plugin

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	metastorev1 "github.com/grafana/pyroscope/api/gen/proto/go/metastore/v1"
	queryv1 "github.com/grafana/pyroscope/api/gen/proto/go/query/v1"
)

// An asker asks a question of the servers behind one of the two addresses.
type asker func(context.Context, func(context.Context, grpc.ClientConnInterface) error) error

// isQueryBackend asks for the execution of a plan that is none: whoever refuses it
// has the service. A server's health says nothing of it, since all servers of a
// cluster answer that, and its HTTP port too.
func isQueryBackend(ctx context.Context, conn grpc.ClientConnInterface) error {
	_, err := queryv1.NewQueryBackendServiceClient(conn).Invoke(ctx, &queryv1.InvokeRequest{
		Tenant:    []string{defaultTenant},
		QueryPlan: &queryv1.QueryPlan{Root: &queryv1.QueryNode{Type: queryv1.QueryNode_UNKNOWN}},
	})
	return served(err)
}

// isMetastore asks for the labels of the last second.
func isMetastore(ctx context.Context, conn grpc.ClientConnInterface) error {
	now := time.Now()
	_, err := metastorev1.NewMetadataQueryServiceClient(conn).QueryMetadataLabels(ctx, &metastorev1.QueryMetadataLabelsRequest{
		TenantId:  []string{defaultTenant},
		StartTime: now.Add(-time.Second).UnixMilli(),
		EndTime:   now.UnixMilli(),
		Query:     "{}",
		Labels:    []string{"service_name"},
	})
	return served(err)
}

// served keeps the errors that come from somewhere else than the service itself.
func served(err error) error {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.Unknown, codes.Internal:
		if strings.Contains(status.Convert(err).Message(), "unexpected HTTP status") {
			return err
		}
		return nil
	}
	return err
}

// checkKind says what is wrong where the servers of an address answer, but not as
// what they are meant to be. The other question tells whether the two addresses are
// swapped.
func checkKind(ctx context.Context, ask asker, is, other func(context.Context, grpc.ClientConnInterface) error, name, otherName string) (wrong string, err error) {
	err = ask(ctx, is)
	if status.Code(err) != codes.Unimplemented {
		return "", err
	}
	if ask(ctx, other) == nil {
		return "it is a " + otherName + ": is the address swapped with that of the " + otherName + "?", nil
	}
	return "it is no " + name + ": is the address that of another service?", nil
}
