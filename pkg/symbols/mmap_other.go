//go:build !unix

package symbols

import (
	"io"
	"os"
)

// mapFile is a file's bytes, read into memory.
func mapFile(file *os.File) (*content, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(file)
	return &content{data: data, heap: int64(len(data))}, err
}
