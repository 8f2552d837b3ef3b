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

// outcomeOf tells what an attempt's error says about the endpoint, and whether another attempt may help.
func outcomeOf(ctx context.Context, err error) outcome {
	if err == nil {
		return answered
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return abandoned
	}
	if ranOut(ctx, err) {
		return overtaken
	}
	switch status.Code(err) {
	case codes.Unavailable:
		return transient
	case codes.ResourceExhausted:
		var refused *memory.Refusal
		if TooLarge(err) || errors.As(err, &refused) {
			return answered
		}
		return transient
	}
	return answered
}

// ranOut tells whether the call is over, whatever the attempt's error. A server can notice the deadline, which it was
// sent, a moment before this side does.
func ranOut(ctx context.Context, err error) bool {
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
func (p *Pool) final(err error) error {
	if isHTTPPort(err) {
		return &Error{Service: p.service, Reason: err.Error(), code: codes.FailedPrecondition, cause: err}
	}
	var large *largeError
	if status.Code(err) == codes.ResourceExhausted && TooLarge(err) && !errors.As(err, &large) {
		return &Error{
			Service: p.service,
			Reason: fmt.Sprintf("the message is larger than the limit of %d bytes (setting %s): raise the limit, or ask for less, such as a shorter time range or fewer nodes (%s)",
				p.maxMessage, SettingMaxMessageBytes, status.Convert(err).Message()),
			code:  codes.ResourceExhausted,
			cause: err,
		}
	}
	return err
}

// failed is the error of a call whose retries are over.
func (c *call) failed(note string) error {
	e := &Error{Service: c.pool.service, Attempts: c.attempts, After: time.Since(c.started), code: status.Code(c.last.err), cause: c.last.err}
	e.Reason = explain(c.last.err, nil)
	if c.last.endpoint != nil {
		e.Endpoint = c.last.endpoint.describe()
		e.Reason = explain(c.last.err, c.last.endpoint.lastFault())
	}
	if note != "" {
		e.Reason += "; " + note
	}
	return e
}

// ended is the error of a call whose context ended, during an attempt at an endpoint or, with nil, between attempts.
func (c *call) ended(ctx context.Context, at *Endpoint) *Error {
	e := &Error{Service: c.pool.service, Attempts: c.attempts, After: time.Since(c.started), cause: context.DeadlineExceeded, code: codes.DeadlineExceeded}
	if errors.Is(ctx.Err(), context.Canceled) {
		e.cause, e.code, e.Reason = context.Canceled, codes.Canceled, "the query was cancelled"
		return e
	}
	e.Reason = fmt.Sprintf("no answer within %s", e.After.Round(time.Millisecond))
	if at == nil && c.last != nil {
		at = c.last.endpoint
	}
	var fault error
	if at != nil {
		e.Endpoint = at.describe()
		fault = at.lastFault()
	}
	switch {
	case fault != nil:
		e.Reason += ": " + explain(fault, fault)
	case c.last != nil:
		e.Reason += "; the last attempt to fail before: " + explain(c.last.err, nil)
	}
	return e
}

// describe names an endpoint: the configured name, and the address where that says more.
func (e *Endpoint) describe() string {
	if e.unix || e.authority == e.dial {
		return e.dial
	}
	return e.authority + " (" + e.dial + ")"
}

// lastFault is why the endpoint cannot be connected to; nil when it is connected.
func (e *Endpoint) lastFault() error {
	if e.ready() {
		return nil
	}
	return e.fault.get()
}
