package memory

import (
	"math"
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// unknownMachine stands for the memory of a machine that does not tell it.
const unknownMachine = 4 << 30

// Limit finds out how much memory the process is meant to take, and tells the Go runtime, unless GOMEMLIMIT has done so.
// It is GOMEMLIMIT; else two thirds of the container's limit, as Grafana itself is in the same container; else half of
// the machine's memory.
func Limit() int64 {
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64 {
		return limit
	}
	limit := fileLimit(os.ReadFile)
	debug.SetMemoryLimit(limit)
	return limit
}

// ForQueries is the budget for a process of that limit: half of it. The rest is for what is not counted: garbage that is
// not collected yet, Arrow and gRPC buffers of answers on their way to Grafana, and the process itself.
func ForQueries(limit int64) *Budget { return NewBudget(limit / 2) }

// fileLimit reads what the kernel says of the container, or of the machine.
func fileLimit(read func(string) ([]byte, error)) int64 {
	if limit := containerLimit(read); limit > 0 {
		return limit / 3 * 2
	}
	return machineMemory(read) / 2
}

// containerLimit is the least limit of the process's control group and those above it, in either version of the
// interface; 0 where there is none.
func containerLimit(read func(string) ([]byte, error)) int64 {
	own, err := read("/proc/self/cgroup")
	if err != nil {
		return 0
	}
	least := int64(0)
	for line := range strings.Lines(string(own)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		root, file := "", ""
		switch {
		case parts[0] == "0" && parts[1] == "":
			root, file = "/sys/fs/cgroup", "memory.max"
		case hasController(parts[1], "memory"):
			root, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		default:
			continue
		}
		// Inside a container the path can be the host's, and the mount the container's own: the root is looked at too.
		for group := path.Clean("/" + parts[2]); ; group = path.Dir(group) {
			if n := number(read, path.Join(root, group, file)); n > 0 && (least == 0 || n < least) {
				least = n
			}
			if group == "/" {
				break
			}
		}
	}
	if least >= machineMemory(read) { // version 1 says "no limit" by a number that no machine has
		return 0
	}
	return least
}

func hasController(list, name string) bool {
	for controller := range strings.SplitSeq(list, ",") {
		if controller == name {
			return true
		}
	}
	return false
}

// number reads a file with one number; 0 where there is none, as with the word "max".
func number(read func(string) ([]byte, error), file string) int64 {
	text, err := read(file)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || n <= 0 {
		return 0
	}
	return n
}

func machineMemory(read func(string) ([]byte, error)) int64 {
	text, err := read("/proc/meminfo")
	if err != nil {
		return unknownMachine
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			if kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64); err == nil && kib > 0 {
				return kib << 10
			}
		}
	}
	return unknownMachine
}
