package symbols

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/pyrofront/pyrofront/pkg/symbols/objfile"
)

// An openFile is a debug file that is ready to be looked into.
type openFile struct {
	content    *content
	supplement *content
	file       *objfile.File
}

var (
	errOtherBuildID = errors.New("the file has another build id")
	errDamaged      = errors.New("the file is damaged")
)

// openContent reads a file, and takes its content over.
func openContent(ctx context.Context, c *content, buildID string, maxBytes int64) (f *openFile, err error) {
	defer func() {
		if err != nil {
			c.release()
		}
	}()
	defer recoverFault(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	file, err := objfile.Open(ctx, c.data, maxBytes)
	if err != nil {
		return nil, err
	}
	if id := file.BuildID(); id != "" && id != buildID {
		return nil, fmt.Errorf("%w: %s", errOtherBuildID, id)
	}
	return &openFile{content: c, file: file}, nil
}

// recoverFault makes an error of a fault: what is on disk may be cut by others
// while it is read.
func recoverFault(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", errDamaged, r)
	}
}

// lookup names addresses, which are sorted. What it found before the context ended
// comes with the error.
func (f *openFile) lookup(ctx context.Context, addresses []uint64) (answers []answer, err error) {
	defer recoverFault(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	err = f.file.Lookup(ctx, addresses, func(i int, frames []Frame) {
		answers = append(answers, answer{addresses[i], frames})
	})
	slices.SortFunc(answers, func(a, b answer) int {
		if a.address < b.address {
			return -1
		}
		return 1
	})
	return answers, err
}

// memory is how many bytes the file takes of the program's own memory.
func (f *openFile) memory() int64 {
	n := f.content.heap + f.file.Memory()
	if f.supplement != nil {
		n += f.supplement.heap
	}
	return n
}

// size is how many bytes the file has.
func (f *openFile) size() int64 {
	n := int64(len(f.content.data))
	if f.supplement != nil {
		n += int64(len(f.supplement.data))
	}
	return n
}

func (f *openFile) close() {
	f.content.release()
	if f.supplement != nil {
		f.supplement.release()
	}
}

// addSupplement gives the file the one that dwz moved parts of it to, and takes its
// content over if that went well.
func (f *openFile) addSupplement(c *content) (err error) {
	defer recoverFault(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if err := f.file.Supplement(c.data); err != nil {
		return err
	}
	f.supplement = c
	return nil
}
