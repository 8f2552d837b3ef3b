//go:build unix

package symbols

import (
	"os"
	"syscall"
)

// mapFile is a file's bytes: pages that are read when they are looked at.
func mapFile(file *os.File) (*content, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return &content{}, nil
	}
	data, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &content{data: data, close: func() { _ = syscall.Munmap(data) }}, nil
}
