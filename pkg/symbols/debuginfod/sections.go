package debuginfod

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// Section fetches a section of the debug file of a build id, or of its program, from
// the first server that has it. It comes as it lies in the file: if it is compressed
// there, with its header, and nothing tells.
//
// A server that does not know sections says the same as one that has no such file.
// ErrNotFound says so of all that are asked; a server that SectionsMissing was
// called for is not.
func (c *Client) Section(ctx context.Context, buildID, name string, to Sink) error {
	id, err := BuildID(buildID)
	if err != nil {
		return err
	}
	var failure error
	for _, s := range c.servers {
		if time.Now().Unix() < s.noSections.Load() {
			continue
		}
		err := c.try(ctx, s.url+"/buildid/"+id+"/section/"+url.PathEscape(name), to)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrTooLarge):
			return err
		case !errors.Is(err, ErrNotFound) && failure == nil:
			failure = &ServerError{s.url, err}
		}
	}
	if failure != nil {
		return failure
	}
	return ErrNotFound
}

// SectionsMissing notes that no server had a section of a file that one has whole.
func (c *Client) SectionsMissing() {
	until := time.Now().Add(sectionsAgain).Unix()
	for _, s := range c.servers {
		s.noSections.Store(until)
	}
}
