package admission

import (
	"fmt"
	"runtime/debug"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Panic is the error of a run that panicked.
type Panic struct {
	Value any
	// Stack is for the log; it is not in the error's text.
	Stack []byte
}

// Error tells the value that the run panicked with.
func (p *Panic) Error() string { return fmt.Sprintf("the query panicked: %v", p.Value) }

// GRPCStatus is Internal.
func (p *Panic) GRPCStatus() *status.Status { return status.New(codes.Internal, p.Error()) }

// Contain turns a panic of run into a *Panic, so that one query's bad luck is not the end of all others.
func Contain(run func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = &Panic{Value: cause, Stack: debug.Stack()}
		}
	}()
	return run()
}
