#!/usr/bin/env bash
# @grafana/data: parseLabels and formatLabels do not undo each other, and a dotted label loses its first half
#
# Guess:    what formatLabels writes, parseLabels reads. Dots are legal in OpenTelemetry's names, so {service.name="web"} is a label
#           "service.name" or an error, and Prometheus' quoted form {"service.name"="web"} is read, as Prometheus 3 reads it.
# Really:   @grafana/data 12.4.2, seen on 2026-11-27: {service.name="web"} is the label "name", with no error; two dotted labels that end alike
#           are one, the last. The quoted form is no label at all. A value with a quote in it is written without an escape and read back cut
#           off at the quote. A read value keeps its backslashes, so two trips are not one.
# Why care: panels and transformations match, join and name series by these labels. Of OpenTelemetry's resources, service.name, host.name and
#           container.name all become "name". A function name such as operator""s, as a label's value, comes back shorter. Keep labels
#           as the object that the frame's field carries; never pass them through text.
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
const { formatLabels, parseLabels } = require('@grafana/data');
console.log('seen:');
for (const text of ['{service_name="web"}', '{service.name="web"}', '{service.name="web",host.name="a1"}', '{"service.name"="web"}']) {
  console.log(`parse ${text} -> ${JSON.stringify(parseLabels(text))}`);
}
for (const labels of [{ function: 'operator""s', pod: 'a' }, { path: 'C:\\tmp' }]) {
  const text = formatLabels(labels);
  console.log(`${JSON.stringify(labels)} -> ${text} -> ${JSON.stringify(parseLabels(text))}`);
}
const escaped = '{path="C:\\\\tmp"}';
console.log(`parse ${escaped} -> ${parseLabels(escaped).path.length} characters, 6 in Prometheus`);
JS
node main.cjs 2>node.log | sed -n '/^seen:/,$p' > seen || { cat node.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
seen:
parse {service_name="web"} -> {"service_name":"web"}
parse {service.name="web"} -> {"name":"web"}
parse {service.name="web",host.name="a1"} -> {"name":"a1"}
parse {"service.name"="web"} -> {}
{"function":"operator\"\"s","pod":"a"} -> {function="operator""s", pod="a"} -> {"function":"operator","pod":"a"}
{"path":"C:\\tmp"} -> {path="C:\tmp"} -> {"path":"C:\\tmp"}
parse {path="C:\\tmp"} -> 7 characters, 6 in Prometheus
WANT
