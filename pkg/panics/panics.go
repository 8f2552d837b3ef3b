// Package panics turns panics into errors.
package panics

import (
	"fmt"
	"runtime/debug"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is the error of a run that panicked.
type Error struct {
	Value any
	// Stack is for the log; it is not in the error's text.
	Stack []byte
}

// Error tells the value that the run panicked with.
func (p *Error) Error() string { return fmt.Sprintf("the query panicked: %v", p.Value) }

// GRPCStatus is Internal.
func (p *Error) GRPCStatus() *status.Status { return status.New(codes.Internal, p.Error()) }

// Contain turns a panic of run into a *Error, so that one query's bad luck is not the end of all others.
func Contain(run func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &Error{Value: cause, Stack: debug.Stack()}
		}
	}()
	return run()
}
