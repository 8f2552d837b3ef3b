package objfile

import "errors"

const (
	maxSections     = 1 << 16
	maxGoFunctions  = 2 << 20
	maxMiniDebug    = 64 << 20 // unpacked
	maxXZDictionary = 64 << 20
)

// ErrTooLarge says that a file has, or unpacks to, more than is allowed.
var ErrTooLarge = errors.New("more bytes than symbolMaxBytes allows")

// ErrNoSymbols says that a file has nothing that names addresses.
var ErrNoSymbols = errors.New("no DWARF, symbols or Go function table in it")
