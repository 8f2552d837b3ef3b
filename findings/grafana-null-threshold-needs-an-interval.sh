#!/usr/bin/env bash
# Grafana: "Connect null values: never" draws straight through an outage, unless the time field names its interval
#
# Guess:    the option breaks the line where points are missing; if the interval is not given, it is taken from the points, which lie 15 s apart but
#           for one hole of ten minutes. One hole needs one null.
# Really:   @grafana/data 12.4.2 (applyNullInsertThreshold), seen on 2026-11-27: without config.interval on the time field the very same frame comes back
#           and nothing is broken. With an interval of 15 s, the hole is not closed with one null but with one in every missing slot, 39 here;
#           and with an interval that is a little too small (10 s for points of 15 s) every single point stands alone, and the line
#           is gone.
# Why care: backends of data sources fill in names, labels and units and leave the interval out (it is a field's config, not the frame's). A service
#           that was down for ten minutes then has a smooth line through them, on a dashboard that was told not to. Send the interval, and the
#           real one: the step of the answer, which may be wider than the one asked for.
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
cat > main.cjs <<'JS'
require('./browser.cjs');
const { FieldType, applyNullInsertThreshold, toDataFrame } = require('@grafana/data');
// Two runs of five points, 15 s apart, with ten minutes between the last of the one and the first of the other.
const times = [0, 15, 30, 45, 60, 660, 675, 690, 705, 720].map((s) => 1_700_000_000_000 + s * 1000);
console.log('seen:');
for (const interval of [undefined, 15_000, 10_000]) {
  const frame = toDataFrame({
    fields: [
      { name: 'time', type: FieldType.time, values: times, config: interval ? { interval } : {} },
      { name: 'cpu', type: FieldType.number, values: times.map(() => 1) },
    ],
  });
  const out = applyNullInsertThreshold({ frame });
  const values = out.fields[1].values;
  const alone = values.filter((v, i) => v != null && values[i - 1] == null && values[i + 1] == null).length;
  console.log(`interval ${interval ?? 'none'}: same frame ${out === frame}, nulls put in ${values.filter((v) => v == null).length}, points alone ${alone} of 10`);
}
JS
node main.cjs 2>node.log | sed -n '/^seen:/,$p' > seen || { cat node.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
seen:
interval none: same frame true, nulls put in 0, points alone 0 of 10
interval 15000: same frame false, nulls put in 39, points alone 0 of 10
interval 10000: same frame false, nulls put in 67, points alone 10 of 10
WANT
