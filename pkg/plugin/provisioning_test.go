package plugin_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every variable of the provisioning files has a default, and every default a use:
// Grafana makes nothing of a variable that is not set, and says nothing.
func TestProvisioningVariablesHaveDefaults(t *testing.T) {
	root := os.DirFS("../../provisioning")
	raw, err := fs.ReadFile(root, "pyrofront.env")
	require.NoError(t, err)
	defaults := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		require.Regexp(t, `^\$\{`+name+`:-[^}]*\}$`, value, "the environment goes before the default")
		defaults[name] = true
	}
	used := map[string]bool{}
	variable := regexp.MustCompile(`\$\{?(PYROFRONT_[A-Z_]+)`)
	require.NoError(t, fs.WalkDir(root, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		raw, err := fs.ReadFile(root, path)
		for _, match := range variable.FindAllStringSubmatch(string(raw), -1) {
			used[match[1]] = true
		}
		return err
	}))
	require.Equal(t, defaults, used)
}
