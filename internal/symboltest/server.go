package symboltest

import (
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Debuginfod runs elfutils' own server over a folder, until the test ends, and
// returns its URL once it has a file of the build id.
func Debuginfod(t testing.TB, dir, buildID string) string {
	t.Helper()
	Tool(t, "debuginfod")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	cmd := exec.Command("debuginfod", "-p", fmt.Sprint(port), "-d", filepath.Join(t.TempDir(), "index.sqlite"), "-F", dir)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + t.TempDir(), "DEBUGINFOD_URLS="}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, what := range []string{"debuginfo", "executable"} {
			response, err := http.Get(url + "/buildid/" + buildID + "/" + what)
			if err != nil {
				continue
			}
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return url
			}
		}
	}
	t.Fatal("debuginfod has not got the file within a minute")
	return ""
}
