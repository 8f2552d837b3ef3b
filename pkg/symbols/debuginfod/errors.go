package debuginfod

import (
	"errors"
	"fmt"
	"net/http"
)

// ErrNotFound says that no server has what was asked for.
var ErrNotFound = errors.New("no debuginfod server has it")

// ErrTooLarge says that a file has more bytes than is allowed.
var ErrTooLarge = errors.New("more bytes than symbolMaxBytes allows")

// A StatusError is a server's answer that is neither the file nor that there is none.
type StatusError struct{ Code int }

func (e *StatusError) Error() string {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Sprintf("HTTP %d %s: the server wants other credentials", e.Code, http.StatusText(e.Code))
	}
	return fmt.Sprintf("HTTP %d %s", e.Code, http.StatusText(e.Code))
}

// A ServerError is an error with the server that it is of.
type ServerError struct {
	Server string
	Err    error
}

func (e *ServerError) Error() string { return e.Server + ": " + e.Err.Error() }

func (e *ServerError) Unwrap() error { return e.Err }

// transient tells errors that another try may not have.
func transient(err error) bool {
	if status := (*StatusError)(nil); errors.As(err, &status) {
		return status.Code == http.StatusTooManyRequests || status.Code >= 500
	}
	return !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrTooLarge) && !errors.Is(err, errRedirect) && !errors.Is(err, errSink)
}
