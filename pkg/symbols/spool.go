package symbols

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// A spool takes a file as it is fetched: on disk, or in memory where there is none
// to write to.
type spool struct {
	file   *os.File
	memory []byte
	size   int64
}

// newSpool makes a file in a folder; that of temporary files where dir is empty.
func newSpool(dir string) *spool {
	file, err := os.CreateTemp(dir, tempPattern)
	if err != nil {
		return &spool{}
	}
	return &spool{file: file}
}

func (s *spool) Write(b []byte) (int, error) {
	s.size += int64(len(b))
	if s.file != nil {
		return s.file.Write(b)
	}
	s.memory = append(s.memory, b...)
	return len(b), nil
}

func (s *spool) Reset() error { return s.cut(0) }

// cut drops what comes after size bytes.
func (s *spool) cut(size int64) error {
	if s.size == size {
		return nil
	}
	s.size = size
	if s.file == nil {
		s.memory = s.memory[:size]
		return nil
	}
	if _, err := s.file.Seek(size, io.SeekStart); err != nil {
		return err
	}
	return s.file.Truncate(size)
}

// patch writes over the first bytes.
func (s *spool) patch(b []byte) error {
	if s.file == nil {
		copy(s.memory, b)
		return nil
	}
	_, err := s.file.WriteAt(b, 0)
	return err
}

// discard removes what was spooled.
func (s *spool) discard() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
	s.file, s.memory = nil, nil
}

// content is what was spooled. It takes the spool over.
func (s *spool) content() (*content, error) {
	if s.file == nil {
		return &content{data: s.memory, heap: int64(len(s.memory))}, nil
	}
	defer s.discard() // the pages stay
	return mapFile(s.file)
}

// keep moves what was spooled to a path in the same folder. Others see either
// nothing or all of it, whatever happens meanwhile.
func (s *spool) keep(path string) error {
	if s.file == nil {
		return errors.ErrUnsupported
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(s.file.Name(), path); err != nil {
		return err
	}
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync() // a crash may undo the rename, which loses nothing but time
		_ = dir.Close()
	}
	return nil
}

// A content is the bytes of a file.
type content struct {
	data  []byte
	heap  int64 // how many of them are in the program's own memory
	close func()
}

func (c *content) release() {
	if c.close != nil {
		c.close()
	}
	c.data, c.close = nil, nil
}
