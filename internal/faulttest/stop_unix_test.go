//go:build unix

package faulttest

import (
	"os"
	"syscall"
)

// stop freezes a process.
var stop = func(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
