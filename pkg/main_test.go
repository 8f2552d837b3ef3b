package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The embedded stack is for the demo and the tests. The plugin that users install
// must not carry it.
func TestPluginDoesNotLinkTheEmbeddedStack(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	linked := strings.Fields(string(output))
	require.Contains(t, linked, "github.com/pyrofront/pyrofront/pkg/plugin")
	for _, dependency := range linked {
		require.NotContains(t, dependency, "pyrofront/pkg/devstack")
	}
}
