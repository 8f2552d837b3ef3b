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
	// Section fetches one section of either, as it lies in the file.
	Section(ctx context.Context, buildID, name string, to debuginfod.Sink) error
	// SectionsMissing tells that a file has sections that were not found.
	SectionsMissing()
}

// fetch gets what there is of a build id into a spool: the sections that are of use,
// or else the debug file, or else the program. It tells whether it is sections.
func fetch(ctx context.Context, from Source, buildID, dir string) (s *spool, sections bool, err error) {
	if s, err = fetchSections(ctx, from, buildID, dir); err == nil {
		return s, true, nil
	}
	if ctx.Err() != nil {
		return nil, false, ctx.Err()
	}
	s = newSpool(dir)
	err = from.Debuginfo(ctx, buildID, s)
	if errors.Is(err, debuginfod.ErrNotFound) {
		// A stripped program has symbols for the dynamic linker, or Go's table.
		err = from.Executable(ctx, buildID, s)
	}
	if err != nil {
		s.discard()
		return nil, false, err
	}
	return s, false, nil
}
