package queryfrontend

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/admission"
)

// invalid is the error for a field that the caller got wrong. The message
// reads "<field>: <what is wrong and what is allowed>".
func invalid(field, format string, args ...any) error {
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%s: %w", field, fmt.Errorf(format, args...)))
}

// unimplemented is the error for what the API names and this frontend does not
// offer.
func unimplemented(field, why string) error {
	return connect.NewError(connect.CodeUnimplemented, fmt.Errorf("%s: %s", field, why))
}

// malformed is the error for an answer of the cluster that cannot be read.
func malformed(component string, err error) error {
	return connect.NewError(connect.CodeInternal, fmt.Errorf("%s sent a malformed answer: %w", component, err))
}

// admissionError is for a query that was not let run. Its message names the limit.
func admissionError(err error) error {
	return connect.NewError(connect.Code(status.Code(err)), err)
}

// memoryError is for an answer that there is no memory for. Its message names the
// limit.
func memoryError(err error) error {
	if err == nil {
		return nil
	}
	return connect.NewError(connect.Code(status.Code(err)), err)
}

// contain turns a panic into an error, so that one query's bad luck is not the end
// of all others.
func contain(run func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = connect.NewError(connect.CodeInternal, &admission.Panic{Value: cause, Stack: debug.Stack()})
		}
	}()
	return run()
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
	var panicked *admission.Panic
	switch {
	case errors.As(err, &panicked):
		return connect.NewError(connect.CodeInternal, err)
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, fmt.Errorf("%s: the query was cancelled: %w", component, err))
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, fmt.Errorf("%s did not answer in time: %w", component, err))
	}
	code, message := connect.CodeInternal, err.Error()
	if s, ok := status.FromError(err); ok && s.Code() != codes.OK {
		code, message = connect.Code(s.Code()), s.Message()
	}
	// The clients name themselves in most of their errors.
	if !strings.HasPrefix(message, component) {
		message = component + ": " + message
	}
	return connect.NewError(code, errors.New(message))
}
