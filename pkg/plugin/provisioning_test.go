package plugin_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"strconv"
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

// Each provisioned rule is linked to a panel that there is, by the annotations that Grafana
// reads: that on a function to functions over time.
func TestRulesAreLinkedToPanels(t *testing.T) {
	root := os.DirFS("../../provisioning")
	rules, err := fs.ReadFile(root, "alerting/rules.yaml")
	require.NoError(t, err)
	raw, err := fs.ReadFile(root, "dashboards/pyrofront/service.json")
	require.NoError(t, err)
	var dashboard struct {
		UID    string
		Panels []struct {
			ID      int
			Targets []struct{ QueryType string }
		}
	}
	require.NoError(t, json.Unmarshal(raw, &dashboard))
	types := make(map[int]string)
	for _, p := range dashboard.Panels {
		if len(p.Targets) > 0 {
			types[p.ID] = p.Targets[0].QueryType
		}
	}
	links := regexp.MustCompile(`__dashboardUid__: (\S+)\n +__panelId__: "(\d+)"`).FindAllStringSubmatch(string(rules), -1)
	require.Len(t, links, strings.Count(string(rules), "- uid:"))
	var shown []string
	for _, link := range links {
		require.Equal(t, dashboard.UID, link[1])
		id, err := strconv.Atoi(link[2])
		require.NoError(t, err)
		shown = append(shown, types[id])
	}
	require.Equal(t, []string{"functionSeries", "metrics", "metrics"}, shown)
	require.NotRegexp(t, `(?m)^ +(dashboardUid|panelId):`, string(rules), "Grafana makes nothing of the fields")
}
