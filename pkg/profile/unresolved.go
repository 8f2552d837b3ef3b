package profile

import (
	"strconv"
	"strings"
)

// MaxUnresolvedLocations is how many different places in native code without
// symbols one answer may have. Each gets a name of its own. Pyroscope's
// query-frontend has the same limit by default
// (query.v1.TreeQuery.max_unresolved_locations).
const MaxUnresolvedLocations = 1_000_000

// maxBinaryName is the longest name that file systems give a file. What is longer
// is cut: a name is repeated for each address in the binary.
const maxBinaryName = 255

// unresolvedName stands for a function that nobody has a name for, as Pyroscope
// shows it: the binary, and the address in it.
func unresolvedName(binary string, address uint64) string {
	if binary == "" {
		binary = "unknown"
	}
	if len(binary) > maxBinaryName {
		binary = strings.ToValidUTF8(binary[:maxBinaryName], "")
	}
	return binary + "!0x" + strconv.FormatUint(address, 16)
}
