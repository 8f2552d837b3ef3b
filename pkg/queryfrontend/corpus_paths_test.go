package queryfrontend_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// absolutePath is a path of some machine's file system, such as /srv/app.
var absolutePath = regexp.MustCompile(`(?:^|[^\w.)\]-])(/[a-z]+/[\w.-]+)`)

// neutralPaths are those that say nothing of the machine that recorded the
// corpus: Go's own sources, where its releases are unpacked to, and the names
// that stand for the recording program. checkout/0 and so on are spans.
var neutralPaths = []string{"/usr/local", "/usr/bin", "/src/example.com", "/checkout/"}

// The corpus names no path of the machine that recorded it, in compressed pprof
// answers neither.
func TestCorpusNamesNoMachinesPaths(t *testing.T) {
	require.NoError(t, filepath.WalkDir("../../internal/corpus/conformance", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		var document any
		require.NoError(t, json.Unmarshal(raw, &document))
		eachText(document, func(text string) {
			for _, found := range absolutePath.FindAllStringSubmatch(text, -1) {
				require.Condition(t, func() bool { return isNeutral(found[1]) }, "%s names %s", path, found[1])
			}
		})
		return nil
	}))
}

func isNeutral(path string) bool {
	for _, neutral := range neutralPaths {
		if strings.HasPrefix(path, neutral) {
			return true
		}
	}
	return false
}

// eachText visits all texts of a JSON document. What is bytes in base64 is
// visited decoded as well, and unpacked where it is compressed.
func eachText(document any, visit func(string)) {
	switch value := document.(type) {
	case map[string]any:
		for _, element := range value {
			eachText(element, visit)
		}
	case []any:
		for _, element := range value {
			eachText(element, visit)
		}
	case string:
		visit(value)
		if decoded, err := base64.StdEncoding.DecodeString(value); err == nil {
			visit(string(unpacked(decoded)))
		}
	}
}

func unpacked(b []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return b
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return b
	}
	return plain
}
