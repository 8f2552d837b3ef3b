package memory

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLimitOfContainerAndMachine(t *testing.T) {
	const gib = 1 << 30
	meminfo := "MemTotal:       16777216 kB\nMemFree: 1 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"nothing is known": {nil, unknownMachine / 2},
		"no container":     {map[string]string{"/proc/meminfo": meminfo}, 8 * gib},
		"version 2": {map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": "3221225472\n",
		}, 2 * gib},
		"version 2, a limit further up": {map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/pods/one\n",
			"/sys/fs/cgroup/pods/one/memory.max": "max\n", "/sys/fs/cgroup/pods/memory.max": "3221225472\n",
		}, 2 * gib},
		"version 2, the host's path": {map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/kubepods/pod1\n", "/sys/fs/cgroup/memory.max": "3221225472\n",
		}, 2 * gib},
		"version 1": {map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/x\n",
			"/sys/fs/cgroup/memory/x/memory.limit_in_bytes": "3221225472\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 2 * gib},
		"version 1 without a limit": {map[string]string{
			"/proc/meminfo": meminfo, "/proc/self/cgroup": "4:memory:/\n", "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
		}, 8 * gib},
		"not a number": {map[string]string{
			"/proc/meminfo": "MemTotal: many kB", "/proc/self/cgroup": "0::/\nbroken\n", "/sys/fs/cgroup/memory.max": "x\n",
		}, unknownMachine / 2},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, fileLimit(func(file string) ([]byte, error) {
				if text, ok := c.files[file]; ok {
					return []byte(text), nil
				}
				return nil, os.ErrNotExist
			}))
		})
	}
}
