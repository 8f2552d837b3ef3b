package symbols

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	tempPattern = "pyrofront-*.part"
	fileSuffix  = ".debug"
	leftOver    = time.Hour // after which a file that was never finished is removed
)

// A folder keeps debug files on disk, one a build id, for all that share it. A file
// appears in it whole or not at all, and may vanish at any time.
type folder struct {
	dir string // empty: none
	max int64
}

func newFolder(dir string, maxBytes int64) (*folder, error) {
	f := &folder{dir, maxBytes}
	if dir == "" {
		return f, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	probe, err := os.CreateTemp(dir, tempPattern)
	if err != nil {
		return nil, err
	}
	_ = probe.Close()
	return f, errors.Join(os.Remove(probe.Name()), f.trim(""))
}

func (f *folder) path(buildID string) string { return filepath.Join(f.dir, buildID+fileSuffix) }

// open is the file of a build id, nil if it is not there.
func (f *folder) open(buildID string) *content {
	if f.dir == "" {
		return nil
	}
	path := f.path(buildID)
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	c, err := mapFile(file)
	if err != nil {
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // what was used last is removed last
	return c
}

// add takes a file over, which stays in the spool where it cannot be kept.
func (f *folder) add(buildID string, s *spool) {
	if f.dir == "" || s.size > f.max {
		return
	}
	if s.keep(f.path(buildID)) == nil {
		_ = f.trim(buildID)
	}
}

// remove removes a file that turned out to be of no use.
func (f *folder) remove(buildID string) {
	if f.dir != "" {
		_ = os.Remove(f.path(buildID))
	}
}

// trim removes what was not used for longest, until the rest fits, and what was
// never finished. The file that was just added stays.
func (f *folder) trim(added string) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	var total int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		switch name := e.Name(); {
		case strings.HasSuffix(name, fileSuffix):
			total += info.Size()
			files = append(files, info)
		case strings.HasPrefix(name, "pyrofront-") && strings.HasSuffix(name, ".part") && time.Since(info.ModTime()) > leftOver:
			_ = os.Remove(filepath.Join(f.dir, name))
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, info := range files {
		if total <= f.max {
			break
		}
		if info.Name() == added+fileSuffix {
			continue
		}
		if os.Remove(filepath.Join(f.dir, info.Name())) == nil {
			total -= info.Size()
		}
	}
	return nil
}
