#!/usr/bin/env bash
# Pyroscope's render API: a time that it cannot read is now, and the rest of a duration after its first unit is dropped
#
# Guess:    from and until of /pyroscope/render follow Graphite's notation, whose reader this one names as its source: "yesterday", "now-1h30min", and for
#           scripts RFC 3339. What it cannot read is an error.
# Really:   github.com/grafana/pyroscope v1.21.0 (pkg/og/util/attime), seen on 2026-11-27: there are no errors. "yesterday", "2026-01-01" and an RFC 3339 time
#           are the moment of the call, and so are "now-1" and Grafana's "now/d". "now-1h30min" is an hour ago and "now-1m30s" a minute; "-90m",
#           "20260101" and Unix times are what they say.
# Why care: curl scripts and CI jobs that compare profiles of releases get another range with status 200: an empty flame graph where from and until are both
#           now, or an hour where they meant an hour and a half. Use Unix times. Pyrofront reads 1h30min as that, and refuses what Pyroscope takes for now with a
#           list of what is allowed (pkg/legacyapi/attime.go).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > go.mod <<'MOD'
module example.org/finding

go 1.26.0

require github.com/grafana/pyroscope v1.21.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/grafana/pyroscope/pkg/og/util/attime"
)

func main() {
	for _, text := range []string{
		"now-1h", "-90m", "now-1h30min", "now-1m30s", "now-1", "now/d", "yesterday", "2026-01-01", "2026-01-01T00:00:00Z", "20260101", "1767225600", "1767225600000",
	} {
		t := attime.Parse(text)
		says := t.UTC().Format(time.RFC3339)
		if ago := time.Since(t).Round(time.Second); ago >= 0 && ago < 2*time.Hour {
			says = ago.String() + " ago"
		}
		fmt.Printf("%-20s  %s\n", text, says)
	}
}
GO
GOFLAGS=-mod=mod go run . 2>go.log >seen || { cat go.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
now-1h                1h0m0s ago
-90m                  1h30m0s ago
now-1h30min           1h0m0s ago
now-1m30s             1m0s ago
now-1                 0s ago
now/d                 0s ago
yesterday             0s ago
2026-01-01            0s ago
2026-01-01T00:00:00Z  0s ago
20260101              2026-01-01T00:00:00Z
1767225600            2026-01-01T00:00:00Z
1767225600000         2026-01-01T00:00:00Z
WANT
