package symbols

import (
	"context"
	"errors"

	"github.com/pyrofront/pyrofront/pkg/symbols/debuginfod"
)

// A Source hands out debug files by build id: a debuginfod.Client.
type Source interface {
	Debuginfo(ctx context.Context, buildID string, to debuginfod.Sink) error
	Executable(ctx context.Context, buildID string, to debuginfod.Sink) error
}

// fetch gets the best file that there is of a build id into a spool.
func fetch(ctx context.Context, from Source, buildID, dir string) (*spool, error) {
	s := newSpool(dir)
	err := from.Debuginfo(ctx, buildID, s)
	if errors.Is(err, debuginfod.ErrNotFound) {
		// A stripped program has symbols for the dynamic linker, or Go's table.
		err = from.Executable(ctx, buildID, s)
	}
	if err != nil {
		s.discard()
		return nil, err
	}
	return s, nil
}
