#!/usr/bin/env bash
# Grafana's plugin SDK: the list of a plugin's Go files depends on the npm packages that are installed beside it
#
# Guess:    go_plugin_build_manifest, which goes into the plugin's archive and which the catalog compares with the source, lists the plugin's own Go files;
#           node_modules is left out.
# Really:   grafana-plugin-sdk-go 0.298.0 (build/utils.GenerateManifest), seen on 2026-11-27: only the node_modules beside go.mod is left out. With a second
#           package.json in the tree, for end-to-end tests or an example app, Go files of npm packages get in: flatted 3.4.4, which eslint installs for its
#           cache, has one. So one commit makes two archives, and plugin-validator 0.45.6 refuses the second: "in the manifest but not in source code".
# Why care: whether a release passes the catalog's check depends on what was installed on the machine that built it. Remove such lines after the build, as
#           Pyrofront's Magefile does, or build in a fresh clone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mkdir -p plugin/tests plugin/pkg
cat > plugin/go.mod <<'MOD'
module example.org/plugin

go 1.26.0

require github.com/grafana/grafana-plugin-sdk-go v0.298.0
MOD
cat > plugin/pkg/main.go <<'GO'
package main

import (
	"fmt"

	"github.com/grafana/grafana-plugin-sdk-go/build/utils"
)

func main() {
	manifest, err := utils.GenerateManifest()
	if err != nil {
		panic(err)
	}
	fmt.Print(manifest)
}
GO
cd plugin
manifest() { GOFLAGS=-mod=mod go run ./pkg 2>"$work/go.log" | sed 's/^[0-9a-f]*:/  /' || { cat "$work/go.log"; exit 1; }; }
install() { (cd "$1" && echo '{"name": "finding", "private": true, "dependencies": {"flatted": "3.4.4"}}' > package.json && npm install --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null); }
{
  echo 'nothing installed:'
  manifest
  install .
  echo 'packages beside go.mod:'
  manifest
  install tests
  echo 'packages of tests/ as well:'
  manifest
} > ../seen
cat ../seen
diff -u --label expected --label seen - ../seen <<'WANT'
nothing installed:
  pkg/main.go
packages beside go.mod:
  pkg/main.go
packages of tests/ as well:
  pkg/main.go
  tests/node_modules/flatted/golang/pkg/flatted/flatted.go
WANT
