package debuginfod

import (
	"context"
	"errors"
	"io"
	"time"
)

// A Status is how a server answered.
type Status struct {
	URL  string
	Took time.Duration
	Err  error // nil: it is a debuginfod server
}

// nobody is a build id that no file has.
const nobody = "0000000000000000000000000000000000000000"

// Check asks each server, once, for a file that there is not: one that answers so
// works.
func (c *Client) Check(ctx context.Context) []Status {
	statuses := make([]Status, len(c.servers))
	done := make(chan struct{})
	for i, s := range c.servers {
		go func() {
			defer func() { done <- struct{}{} }()
			start := time.Now()
			err := c.get(ctx, s.url+"/buildid/"+nobody+"/debuginfo", discard{})
			switch {
			case errors.Is(err, ErrNotFound):
				err = nil
			case err == nil, errors.Is(err, errSink):
				err = errors.New("it has a file for a build id that nothing has: this is no debuginfod server")
			}
			statuses[i] = Status{URL: s.url, Took: time.Since(start), Err: err}
		}()
	}
	for range c.servers {
		<-done
	}
	return statuses
}

type discard struct{}

func (discard) Write(b []byte) (int, error) {
	if len(b) > 0 {
		return 0, io.ErrShortWrite // enough was seen
	}
	return 0, nil
}

func (discard) Reset() error { return nil }
