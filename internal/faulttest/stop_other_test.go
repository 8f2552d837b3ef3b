//go:build !unix

package faulttest

import "os"

// stop cannot be had here.
var stop func(*os.Process) error
