//go:build mage

// The project's targets. `go tool mage -l` lists them.
package main

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/build"
	"github.com/magefile/mage/mg"
	"github.com/magefile/mage/sh"
	"github.com/magefile/mage/target"

	"github.com/pyrofront/pyrofront/internal/progress"
)

// Default lists the targets.
var Default = List

const pluginID = "pyrofront-pyroscope-datasource"

const golangciLint = "github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.14.0"

// List prints the targets.
func List() error { return sh.RunV("go", "tool", "mage", "-l") }

// Demo runs the plugin binary against an embedded Pyroscope stack with real profiles.
//
// It builds the binary, starts a metastore and query-backends, loads recorded
// profiles, profiles itself, starts the plugin as Grafana does, and prints what
// a dashboard would show.
func Demo(backends, metastores *int, self *time.Duration, serve *bool, port *int, logs *bool) error {
	steps := progress.New(os.Stdout)
	fmt.Println("Building")
	if err := steps.Step("build the plugin binary", Build); err != nil {
		return err
	}
	binary, err := filepath.Abs(pluginBinary())
	if err != nil {
		return err
	}
	if serve != nil && *serve {
		if err := steps.Step("build the editors and the workbench", buildPages); err != nil {
			return err
		}
	}
	demo := filepath.Join("bin", "demo"+executableSuffix())
	if err := steps.Step("build the demo", func() error { return run("go", "build", "-o", demo, "./cmd/demo") }); err != nil {
		return err
	}
	args := []string{"-plugin=" + binary}
	args = appendFlag(args, "backends", backends)
	args = appendFlag(args, "metastores", metastores)
	args = appendFlag(args, "self", self)
	args = appendFlag(args, "serve", serve)
	args = appendFlag(args, "port", port)
	args = appendFlag(args, "logs", logs)
	return sh.RunV(demo, args...)
}

// buildPages builds the plugin's front end and the workbench that shows it.
func buildPages() error {
	for _, dir := range []string{".", "workbench"} {
		if err := npmPackages(dir, run); err != nil {
			return err
		}
		if err := run("npm", "--prefix", dir, "run", "build"); err != nil {
			return err
		}
	}
	return nil
}

func appendFlag[T any](args []string, name string, value *T) []string {
	if value == nil {
		return args
	}
	return append(args, fmt.Sprintf("-%s=%v", name, *value))
}

// Build builds the plugin binary for this machine into dist.
func Build() error {
	if err := reproducibly(); err != nil {
		return err
	}
	if err := (build.Build{}).Custom(runtime.GOOS, runtime.GOARCH); err != nil {
		return err
	}
	return trimManifest()
}

// BuildAll builds the plugin binary for every platform that Grafana supports.
func BuildAll() error {
	if err := reproducibly(); err != nil {
		return err
	}
	build.BuildAll()
	return trimManifest()
}

// trimManifest takes Go files of npm packages out of the list of the plugin's own: the
// SDK leaves out those of the first node_modules only, and which packages the workbench
// and the tests have installed is no part of a commit.
func trimManifest() error {
	name := filepath.Join("dist", "go_plugin_build_manifest")
	manifest, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var own strings.Builder
	for line := range strings.Lines(string(manifest)) {
		if !strings.Contains(line, "/node_modules/") {
			own.WriteString(line)
		}
	}
	return os.WriteFile(name, []byte(own.String()), 0o644)
}

// reproducibly makes builds of one commit equal, wherever and whenever they run:
// the SDK would put the time and the folder of the build into the binary.
func reproducibly() error {
	version, err := packageVersion()
	if err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"time": commitTime().UnixMilli(), "pluginID": pluginID, "version": version})
	if err != nil {
		return err
	}
	return build.SetBeforeBuildCallback(func(cfg build.Config) (build.Config, error) {
		if cfg.Env == nil {
			cfg.Env = make(map[string]string)
		}
		cfg.Env["GOFLAGS"] = "-trimpath -buildvcs=false"
		cfg.CustomVars = map[string]string{"github.com/grafana/grafana-plugin-sdk-go/build/buildinfo.buildInfoJSON": string(info)}
		return cfg, nil
	})
}

// commitTime stands for the time of a build: the same commit is the same plugin.
// Outside of a git checkout it is 1970.
func commitTime() time.Time {
	seconds, err := sh.Output("git", "log", "-1", "--format=%ct")
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	n, _ := strconv.ParseInt(seconds, 10, 64)
	return time.Unix(n, 0).UTC()
}

// Package packs dist into the zip that Grafana's catalog takes, in the folder
// release. Build the front end and the binaries before: npm run build empties
// dist of all else, so it comes first, then buildAll. The same files of the same
// commit make the same zip, to the byte.
func Package() error {
	version, err := packageVersion()
	if err != nil {
		return err
	}
	if err := os.MkdirAll("release", 0o755); err != nil {
		return err
	}
	name := filepath.Join("release", fmt.Sprintf("%s-%s.zip", pluginID, version))
	archive, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(pack(archive, os.DirFS("dist")), archive.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	fmt.Println(name)
	return nil
}

// pack writes a built plugin as a zip, in the order of the files' names.
func pack(w io.Writer, dist fs.FS) error {
	for _, needed := range []string{"plugin.json", "module.js"} {
		if _, err := fs.Stat(dist, needed); err != nil {
			return fmt.Errorf("nothing to pack, run npm run build first: %w", err)
		}
	}
	binaries, err := fs.Glob(dist, "gpx_pyrofront_*")
	if err != nil || len(binaries) == 0 {
		return errors.Join(errors.New("no binary to pack, run go tool mage buildAll first"), err)
	}
	archive := zip.NewWriter(w)
	modified := commitTime()
	err = fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		header := &zip.FileHeader{Name: path.Join(pluginID, name), Method: zip.Deflate, Modified: modified}
		header.SetMode(0o644)
		if slices.Contains(binaries, name) {
			header.SetMode(0o755)
		}
		packed, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		content, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		_, err = packed.Write(content)
		return err
	})
	return errors.Join(err, archive.Close())
}

func packageVersion() (string, error) {
	raw, err := os.ReadFile("package.json")
	if err != nil {
		return "", err
	}
	var manifest struct{ Version string }
	return manifest.Version, json.Unmarshal(raw, &manifest)
}

// Test runs all tests: Go with the race detector, the front end's, and those in a
// browser.
func Test() {
	// The packages come while Go's tests use the processor.
	mg.Deps(TestGo, packages)
	mg.SerialDeps(TestWeb, TestBrowser)
}

// packages installs the npm packages of all folders.
func packages() error {
	for _, dir := range []string{".", "workbench", "tests"} {
		if err := npmPackages(dir, sh.RunV); err != nil {
			return err
		}
	}
	return nil
}

// TestGo runs the Go tests with the race detector. The folders are named, as npm packages
// have Go files too, and may just be coming.
func TestGo() error {
	return sh.RunV("go", "test", "-race", "-timeout=20m", "./cmd/...", "./internal/...", "./pkg/...")
}

// Soak asks honest queries beside hostile ones for ten minutes, and then as a hundred
// viewers at once, of a plugin with a gigabyte: the honest ones lose nothing.
func Soak() error {
	return sh.RunV("go", "test", "-count=1", "-timeout=15m", "-v", "-run=TestSoak|TestManyViewers", "./internal/attacktest", "-args", "-attack.long", "-attack.soak=10m")
}

// TestWeb checks and tests the front end: types, style, components, and that it
// builds.
func TestWeb() error {
	if err := npmPackages(".", sh.RunV); err != nil {
		return err
	}
	for _, script := range []string{"typecheck", "lint", "test", "build"} {
		if err := sh.RunV("npm", "run", script); err != nil {
			return err
		}
	}
	return nil
}

// TestBrowser runs the component tests with the workbench's version of Grafana, and
// clicks through the workbench in a Chromium, which it installs where there is none.
func TestBrowser() error {
	for _, dir := range []string{"workbench", "tests"} {
		if err := npmPackages(dir, sh.RunV); err != nil {
			return err
		}
		if err := sh.RunV("npm", "--prefix", dir, "run", "typecheck"); err != nil {
			return err
		}
	}
	// The workbench has the packages of Grafana 13 that the component tests run with.
	if err := npmPackages(".", sh.RunV); err != nil {
		return err
	}
	if err := sh.RunV("npm", "run", "test:grafana13"); err != nil {
		return err
	}
	return sh.RunV("npm", "--prefix", "tests", "run", "workbench")
}

// npmPackages installs a folder's packages when its lock file is newer than what
// is installed. No package may run a script of its own. A download that stalls fails
// the whole of npm, whose own retries end with an answer's head; what came before is
// in its cache, so trying again costs little.
func npmPackages(dir string, run func(string, ...string) error) error {
	stale, err := target.Path(filepath.Join(dir, "node_modules", ".package-lock.json"), filepath.Join(dir, "package-lock.json"))
	if err != nil || !stale {
		return err
	}
	const tries = 3
	for try := 1; ; try++ {
		err = run("npm", "--prefix", dir, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-timeout=60000")
		if err == nil || try == tries {
			return err
		}
		fmt.Printf("Try %d of %d to install the packages of %s failed: %v\n", try, tries, dir, err)
	}
}

// Bench measures the planner against the recorded frontend's, what refreshes fetch,
// how soon long queries are seen, and how often a query is executed, and prints a table of
// each. It takes about four minutes.
func Bench() error { return sh.RunV("go", "run", "./cmd/bench") }

// Lint checks the Go code's style with gofmt, vet and golangci-lint.
func Lint() error {
	unformatted, err := sh.Output("gofmt", "-l", "cmd", "internal", "pkg", "Magefile.go")
	if err != nil {
		return err
	}
	if unformatted != "" {
		return fmt.Errorf("not gofmt-ed:\n%s", unformatted)
	}
	return sh.RunV("go", "run", golangciLint, "run", "./...")
}

// Clean removes what was built.
func Clean() error {
	for _, dir := range []string{"dist", "bin", "coverage", "release"} {
		if err := sh.Rm(dir); err != nil {
			return err
		}
	}
	return nil
}

func pluginBinary() string {
	return filepath.Join("dist", fmt.Sprintf("gpx_pyrofront_%s_%s%s", runtime.GOOS, runtime.GOARCH, executableSuffix()))
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// run runs a command and shows its output only when it fails.
func run(command string, args ...string) error {
	var output strings.Builder
	if _, err := sh.Exec(nil, &output, &output, command, args...); err != nil {
		return fmt.Errorf("%w\n%s", err, output.String())
	}
	return nil
}
