package queryfrontend

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/admission"
	"github.com/pyrofront/pyrofront/pkg/panics"
)

// A Refusal is the cause of an error for a request that was not sent on, since
// its author asked for what cannot be had.
type Refusal struct {
	Field string
	// Err says what is wrong with the field, and what is allowed.
	Err error
}

// Error reads "<field>: <what is wrong and what is allowed>".
func (r *Refusal) Error() string { return r.Field + ": " + r.Err.Error() }

// Unwrap returns what is wrong with the field.
func (r *Refusal) Unwrap() error { return r.Err }

// Refuse is the error for a field that the caller got wrong.
func Refuse(field string, err error) error {
	return connect.NewError(connect.CodeInvalidArgument, &Refusal{Field: field, Err: err})
}

func invalid(field, format string, args ...any) error {
	return Refuse(field, fmt.Errorf(format, args...))
}

// unimplemented is the error for what the API names and this frontend does not
// offer.
func unimplemented(field, why string) error {
	return connect.NewError(connect.CodeUnimplemented, &Refusal{Field: field, Err: errors.New(why)})
}

// malformed is the error for an answer of the cluster that cannot be read.
func malformed(component string, err error) error {
	return connect.NewError(connect.CodeInternal, foreign(component+" sent a malformed answer: ", err))
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
func contain(run func() error) error {
	err := panics.Contain(run)
	if panicked := (*panics.Error)(nil); errors.As(err, &panicked) && connect.CodeOf(err) == connect.CodeUnknown {
		return connect.NewError(connect.CodeInternal, panicked)
	}
	return err
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
	var (
		panicked *panics.Error
		left     *admission.Left
	)
	switch {
	case errors.As(err, &left):
		return connect.NewError(connect.CodeDeadlineExceeded, left)
	case errors.As(err, &panicked):
		return connect.NewError(connect.CodeInternal, err)
	case errors.Is(err, context.Canceled):
		return connect.NewError(connect.CodeCanceled, foreign(component+": the query was cancelled: ", err))
	case errors.Is(err, context.DeadlineExceeded):
		return connect.NewError(connect.CodeDeadlineExceeded, foreign(component+" did not answer in time: ", err))
	}
	code, message := connect.CodeInternal, err.Error()
	if s, ok := status.FromError(err); ok && s.Code() != codes.OK {
		code, message = connect.Code(s.Code()), s.Message()
	}
	// The clients name themselves in most of their errors.
	if !strings.HasPrefix(message, component) {
		message = component + ": " + message
	}
	return connect.NewError(code, errors.New(ForeignMessage(message)))
}

// Interrupted is the error for a step of the plugin's own that nobody waits for any more.
func Interrupted(step string, err error) error {
	if errors.Is(err, context.Canceled) {
		return connect.NewError(connect.CodeCanceled, fmt.Errorf("%s: the query was cancelled: %w", step, err))
	}
	return connect.NewError(connect.CodeDeadlineExceeded, fmt.Errorf("%s did not end in time: %w", step, err))
}
