#!/usr/bin/env bash
# Grafana: the same interval string is four lengths of time, depending on which of its own parsers reads it
#
# Guess:    "1h30m", "1d12h", "1M" and "90" mean the same to @grafana/data in the browser, to the plugin SDK's gtime on the server, and (but for months)
#           to Prometheus; what one cannot read it refuses.
# Really:   @grafana/data 12.4.2, github.com/grafana/grafana-plugin-sdk-go v0.298.0, github.com/prometheus/common v0.73.1, seen on 2026-11-27:
#           rangeUtil.intervalToMs reads the first number and unit and drops the rest without a word: 1h30m is 1 h, 1d12h is 1 day,
#           1.5h is 1 h. gtime reads 1h30m and 1.5h as Go does, but refuses 1d12h and 90, which the browser takes. A month is 30 days for gtime.ParseInterval and the
#           browser, 30.4 days for gtime.ParseDuration in the same package, and an error for Prometheus. In a time range, dateMath
#           does not take now-1h30m at all.
# Why care: a data source checks a step, a window or a minimal interval in its editor and uses it in its backend. With one parser on each side the user is
#           told that a value is fine which the server refuses, or the axis is drawn for another step than the query had. Check in one
#           place, and accept only what all of them read alike: one number, one unit, no months.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > package.json <<'JSON'
{"name": "finding", "private": true, "dependencies": {"@grafana/data": "12.4.2", "react": "18.3.1", "react-dom": "18.3.1", "jsdom": "26.1.0"}}
JSON
npm install --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error >/dev/null
cat > browser.cjs <<'JS'
// @grafana/data looks for a browser as it loads.
const { window } = new (require('jsdom').JSDOM)('', { url: 'http://localhost/' });
for (const name of ['navigator', 'document', 'localStorage', 'HTMLElement', 'Element', 'Node', 'DOMParser', 'getComputedStyle']) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
globalThis.window = window;
JS
cat > browser-side.cjs <<'JS'
require('./browser.cjs');
const { dateMath, rangeUtil } = require('@grafana/data');
const attempt = (read) => {
  try {
    return read();
  } catch {
    return 'error';
  }
};
for (const text of process.argv.slice(2)) {
  const hours = attempt(() => rangeUtil.intervalToMs(text) / 3_600_000);
  const inRange = dateMath.parse('now-' + text) === undefined ? 'error' : 'ok';
  console.log(`${text}\t${hours === 'error' ? hours : +hours.toFixed(3) + 'h'}\t${inRange}`);
}
JS
cat > go.mod <<'MOD'
module finding
go 1.26.0
require (
	github.com/grafana/grafana-plugin-sdk-go v0.298.0
	github.com/prometheus/common v0.73.1
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/gtime"
	"github.com/prometheus/common/model"
)

func hours(d time.Duration, err error) string {
	if err != nil {
		return "error"
	}
	return strconv.FormatFloat(float64(int64(d.Hours()*1000+0.5))/1000, 'f', -1, 64) + "h"
}

func main() {
	for _, text := range os.Args[1:] {
		prom, err := model.ParseDuration(text)
		fmt.Printf("%s\t%s\t%s\n", hours(gtime.ParseInterval(text)), hours(gtime.ParseDuration(text)), hours(time.Duration(prom), err))
	}
}
GO
texts=(1h 1h30m 1.5h 1d12h 1M 90)
node browser-side.cjs "${texts[@]}" 2>node.log | grep -P '\t' > js.tsv || { cat node.log; exit 1; }
GOFLAGS=-mod=mod go run . "${texts[@]}" > go.tsv
{
  printf 'text\tintervalToMs\tnow-text\tgtime.ParseInterval\tgtime.ParseDuration\tprometheus\n'
  paste js.tsv go.tsv
} > seen
cat seen
diff -u --label expected --label seen - seen <<'WANT'
text	intervalToMs	now-text	gtime.ParseInterval	gtime.ParseDuration	prometheus
1h	1h	ok	1h	1h	1h
1h30m	1h	error	1.5h	1.5h	1.5h
1.5h	1h	error	1.5h	1.5h	error
1d12h	24h	error	error	error	36h
1M	720h	ok	720h	730.5h	error
90	0.025h	error	error	error	error
WANT
