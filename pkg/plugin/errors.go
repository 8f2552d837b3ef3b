package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"connectrpc.com/connect"
	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/pyrofront/pyrofront/pkg/panics"
	"github.com/pyrofront/pyrofront/pkg/queryfrontend"
)

// settingsError is for a request to a data source whose settings cannot be used.
func settingsError(err error) error {
	return connect.NewError(connect.CodeFailedPrecondition, fmt.Errorf("the data source is not set up: %w", err))
}

// invalidQuery is for a field of a query that its author got wrong.
func invalidQuery(field string, err error) error { return queryfrontend.Refuse(field, err) }

// malformedTree is for a call tree of the cluster that cannot be read.
func malformedTree(err error) error {
	return connect.NewError(connect.CodeInternal, fmt.Errorf("query-backend sent a malformed answer: %w", err))
}

// errorResponse is a failed target: what failed, its HTTP status, and whether
// the plugin or what lies behind it is at fault. A user's mistake and the
// cluster's trouble are both downstream of the plugin; a panic is its own.
func errorResponse(err error) backend.DataResponse {
	status, source := backend.StatusInternal, backend.ErrorSourcePlugin
	var panicked *panics.Error
	errors.As(err, &panicked)
	var coded *connect.Error
	message := err.Error()
	if errors.As(err, &coded) {
		status = backend.Status(httpStatus(coded.Code()))
		message = coded.Message()
		if panicked == nil {
			source = backend.ErrorSourceDownstream
		}
	} else if errors.Is(err, context.Canceled) {
		status, source = backend.Status(httpStatus(connect.CodeCanceled)), backend.ErrorSourceDownstream
	}
	return backend.DataResponse{Error: errors.New(message), Status: status, ErrorSource: source}
}

// httpStatus is Connect's own mapping of codes
// (https://connectrpc.com/docs/protocol/#error-codes).
func httpStatus(code connect.Code) int {
	switch code {
	case connect.CodeCanceled:
		return 499
	case connect.CodeInvalidArgument, connect.CodeFailedPrecondition, connect.CodeOutOfRange:
		return http.StatusBadRequest
	case connect.CodeDeadlineExceeded:
		return http.StatusGatewayTimeout
	case connect.CodeNotFound:
		return http.StatusNotFound
	case connect.CodeAlreadyExists, connect.CodeAborted:
		return http.StatusConflict
	case connect.CodePermissionDenied:
		return http.StatusForbidden
	case connect.CodeUnauthenticated:
		return http.StatusUnauthorized
	case connect.CodeResourceExhausted:
		return http.StatusTooManyRequests
	case connect.CodeUnimplemented:
		return http.StatusNotImplemented
	case connect.CodeUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// messageOf is an error's message without its code.
func messageOf(err error) string {
	var coded *connect.Error
	if errors.As(err, &coded) {
		return coded.Message()
	}
	return err.Error()
}

// writeError answers a resource call with the same form of error that the Query
// API has.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	logIfPanic(r.Context(), err)
	code, message := connect.CodeInternal, err.Error()
	var coded *connect.Error
	if errors.As(err, &coded) {
		code, message = coded.Code(), coded.Message()
	}
	writeJSON(w, httpStatus(code), map[string]string{"code": code.String(), "message": message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The header is out: there is nobody left to tell about a failed write.
	_ = json.NewEncoder(w).Encode(body)
}
