package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/pyrofront/pyrofront/pkg/memory"
)

// Error is a call that had no answer: how long and how often it was tried, where last, and why that failed. Its gRPC
// code (status.Code) is that of the last failure, or DeadlineExceeded or Canceled.
type Error struct {
	Service  string
	Endpoint string // "" when there was none
	Attempts int
	After    time.Duration
	Reason   string
	code     codes.Code
	cause    error
}

// Error is one line, fit for a user; it holds no credentials.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Service)
	if e.Endpoint != "" {
		b.WriteString(" at " + e.Endpoint)
	}
	b.WriteString(": " + e.Reason)
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (%d attempts in %s)", e.Attempts, e.After.Round(time.Millisecond))
	}
	return b.String()
}

// Unwrap returns the cause: a gRPC status, or the context's error.
func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus makes status.Code and status.FromError work on the error.
func (e *Error) GRPCStatus() *status.Status { return status.New(e.code, e.Error()) }

// transient tells the errors after which another attempt may be answered: the connection was refused or lost, or the
// server is not there for now, or has too much to do.
func transient(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable:
		return true
	case codes.ResourceExhausted:
		return !TooLarge(err) && !errors.As(err, new(*memory.Refusal))
	}
	return false
}

// gaveUp tells whether the end of an attempt was its caller's.
func gaveUp(err error) bool {
	code := status.Code(err)
	return code == codes.Canceled || code == codes.DeadlineExceeded
}

// over tells whether the call is over, whatever the attempt's error. A server can notice the deadline, which it was
// sent, a moment before this side does.
func over(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	deadline, ok := ctx.Deadline()
	return ok && status.Code(err) == codes.DeadlineExceeded && time.Until(deadline) < deadlineSlack
}

const deadlineSlack = 50 * time.Millisecond

// TooLarge tells an answer or request beyond the limit on message sizes from a busy server: both are ResourceExhausted.
func TooLarge(err error) bool {
	return strings.Contains(status.Convert(err).Message(), "larger than max")
}

// final dresses an error that is not retried.
func (c *Client) final(err error) error {
	if isHTTPPort(err) {
		return &Error{Service: c.service, Reason: err.Error(), code: codes.FailedPrecondition, cause: err}
	}
	var large *largeError
	if status.Code(err) == codes.ResourceExhausted && TooLarge(err) && !errors.As(err, &large) {
		return &Error{
			Service: c.service,
			Reason: fmt.Sprintf("the message is larger than the limit of %d bytes (setting %s): raise the limit, or ask for less, such as a shorter time range or fewer nodes (%s)",
				c.maxMessage, SettingMaxMessageBytes, status.Convert(err).Message()),
			code:  codes.ResourceExhausted,
			cause: err,
		}
	}
	return err
}

// failed is the error of a call whose retries are over.
func (k *call) failed(note string) error {
	e := &Error{Service: k.client.service, Attempts: int(k.attempts.Load()), After: time.Since(k.started), code: status.Code(k.last.err), cause: k.last.err}
	fault := k.last.fault
	if k.last.endpoint != nil {
		e.Endpoint = k.last.endpoint.describe()
	} else if err := k.client.table.lookupError(); err != nil {
		fault = err
	}
	e.Reason = explain(k.last.err, fault)
	if note != "" {
		e.Reason += "; " + note
	}
	return e
}

// ended is the error of a call whose context ended, during an attempt or, with nil, between attempts.
func (k *call) ended(ctx context.Context, at *failure) *Error {
	e := &Error{Service: k.client.service, Attempts: int(k.attempts.Load()), After: time.Since(k.started), cause: context.DeadlineExceeded, code: codes.DeadlineExceeded}
	if errors.Is(ctx.Err(), context.Canceled) {
		e.cause, e.code, e.Reason = context.Canceled, codes.Canceled, "the query was cancelled"
		return e
	}
	e.Reason = fmt.Sprintf("no answer within %s", e.After.Round(time.Millisecond))
	var endpoint *Endpoint
	if at != nil {
		endpoint = at.endpoint
	}
	if endpoint == nil && k.last != nil {
		endpoint = k.last.endpoint
	}
	fault := k.client.table.faultOf(endpoint)
	if endpoint != nil {
		e.Endpoint = endpoint.describe()
	}
	switch {
	case fault != nil:
		e.Reason += ": " + explain(fault, fault)
	case at != nil && !at.sent && endpoint != nil && k.client.table.roomOf(endpoint) > 0:
		e.Reason += fmt.Sprintf(": it is busy, and takes no more than %d at once", k.client.table.roomOf(endpoint))
	case k.last != nil:
		e.Reason += "; the last attempt to fail before: " + explain(k.last.err, k.last.fault)
	}
	return e
}

// faultOf is why an endpoint, or with nil a name, cannot be reached at the moment; nil when it can.
func (t *table) faultOf(e *Endpoint) error {
	if e == nil {
		return t.lookupError()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return e.fault
}

// roomOf is how many calls at once an endpoint takes; 0 when it is not known to be limited.
func (t *table) roomOf(e *Endpoint) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return e.room.limit
}

// lookupError tells why there are no endpoints.
func (t *table) lookupError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Join(t.lookups...)
}
