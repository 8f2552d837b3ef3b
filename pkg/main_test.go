package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test bench is for the demo and the tests. The plugin that users install must
// not carry it.
func TestPluginDoesNotLinkTheTestBench(t *testing.T) {
	output, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	linked := strings.Fields(string(output))
	require.Contains(t, linked, "github.com/pyrofront/pyrofront/pkg/plugin")
	for _, dependency := range linked {
		require.NotContains(t, dependency, "pyrofront/internal/")
	}
}
