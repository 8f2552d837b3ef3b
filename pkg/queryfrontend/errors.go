package queryfrontend

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// invalid is the error for a field that the caller got wrong. The message
// reads "<field>: <what is wrong and what is allowed>".
func invalid(field, format string, args ...any) error {
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

// unimplemented is the error for what the API names and this frontend does not
// offer.
func unimplemented(field, format string, args ...any) error {
	return connect.NewError(connect.CodeUnimplemented, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

// malformed is the error for an answer of the cluster that cannot be read.
func malformed(component string, err error) error {
	return connect.NewError(connect.CodeInternal, fmt.Errorf("%s sent a malformed answer: %w", component, err))
}

// clusterError gives an error of a call to the cluster the code that it had
// there. A component is "metastore" or "query-backend". A connect error passes
// unchanged: it has its code already.
func clusterError(component string, err error) error {
	if err == nil {
		return nil
	}
	var connectErr *connect.Error
	if errors.As(err, &connectErr) {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, fmt.Errorf("%s: the query was cancelled: %w", component, err))
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, fmt.Errorf("%s did not answer in time: %w", component, err))
	}
	if s, ok := status.FromError(err); ok && s.Code() != codes.OK {
		return connect.NewError(connect.Code(s.Code()), fmt.Errorf("%s: %s", component, s.Message()))
	}
	return connect.NewError(connect.CodeInternal, fmt.Errorf("%s: %w", component, err))
}
