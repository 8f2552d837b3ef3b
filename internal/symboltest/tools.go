package symboltest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Tool skips the test where the machine lacks one of the tools, and fails it in CI,
// which installs them: see .ci/run.
func Tool(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err == nil {
			continue
		}
		const message = "%s is missing: on Debian, install binutils, debuginfod, elfutils, g++, gcc, libc6-dbg, llvm and xz-utils"
		if os.Getenv("CI") != "" {
			t.Fatalf(message, name)
		}
		t.Skipf(message, name)
	}
}

// Run runs a command in a folder, and returns what it prints.
func Run(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "DEBUGINFOD_URLS=")
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, failure.String())
	}
	return string(out)
}
