#!/usr/bin/env bash
# Grafana: a dashboard draws nothing of partial data while a panel loads for the first time, though Explore does
#
# Guess:    a data source's observable may send frames with the state Loading, and again, until Done: the panel draws what there is, with the loading bar
#           above, as Explore does. If a panel waits for anything, it waits for the first frames.
# Really:   @grafana/scenes 6.52.11 (Grafana 12.3 and 12.4) and 9.2.2, seen on 2026-11-27: frames are there (runner.state.data), but isDataReadyToDisplay(),
#           which decides whether a panel is drawn at all, is false until a packet comes with any *other* state. After one packet of Streaming, the same
#           frames with Loading are drawn; and without it the panel is empty until Done.
# Why care: whoever shows partial results of long queries sees them in Explore and in tests, and users see an empty panel on their dashboards. Streaming
#           alone is no way out either: it takes the loading bar and the button that cancels away. Pyrofront sends its first picture as Streaming once, and
#           the same again as Loading (docs/adr/0012-*.md).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/browser.cjs" <<'JS'
// What the packages look for as they load; nothing is drawn.
const { window } = new (require('jsdom').JSDOM)('', { url: 'http://localhost/', pretendToBeVisual: true });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis) || name === 'navigator' || /Event(Target)?$/.test(name)) {
    Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
  }
}
globalThis.window = window;
globalThis.matchMedia = window.matchMedia = () => ({ matches: false, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {} });
globalThis.ResizeObserver = globalThis.IntersectionObserver = class { observe() {} unobserve() {} disconnect() {} };
for (const ending of ['.css', '.svg']) {
  require.extensions[ending] = () => {};
}
JS
cat > "$work/main.cjs" <<'JS'
require('./browser.cjs');
const { LoadingState, getDefaultTimeRange, toDataFrame } = require('@grafana/data');
const runtime = require('@grafana/runtime');
const { Subject } = require('rxjs');
const { SceneQueryRunner, SceneTimeRange } = require('@grafana/scenes');
const settled = () => new Promise((done) => setTimeout(done, 100));
(async () => {
  const source = { uid: 'source', name: 'source', type: 'source', getRef: () => ({ uid: 'source' }) };
  runtime.setDataSourceSrv({ get: async () => source, getInstanceSettings: () => source, getList: () => [] });
  console.log(`seen: @grafana/scenes ${require('@grafana/scenes/package.json').version}`);
  let answers;
  runtime.setRunRequest(() => answers);
  for (const states of [['Loading', 'Loading', 'Done'], ['Streaming', 'Loading', 'Done']]) {
    answers = new Subject();
    const runner = new SceneQueryRunner({
      queries: [{ refId: 'A' }],
      datasource: { uid: 'source' },
      $timeRange: new SceneTimeRange({ from: 'now-1h', to: 'now' }),
    });
    runner.activate();
    runner.runQueries();
    await settled();
    console.log(' ', states.join(', '));
    for (const state of states) {
      const series = [toDataFrame({ refId: 'A', fields: [{ name: 'value', values: [1] }] })];
      answers.next({ state: LoadingState[state], series, timeRange: getDefaultTimeRange() });
      await settled();
      console.log(`    ${state}: frames ${runner.state.data.series.length}, drawn ${runner.isDataReadyToDisplay()}`);
    }
  }
  process.exit(0);
})();
JS

run() { # version of @grafana/scenes, of the other @grafana/*, of React
  mkdir "$work/$1"
  cp "$work"/*.cjs "$work/$1"
  cd "$work/$1"
  cat > package.json <<JSON
{"name": "finding", "private": true, "dependencies": {
  "@grafana/scenes": "$1", "@grafana/data": "$2", "@grafana/runtime": "$2", "@grafana/ui": "$2", "@grafana/schema": "$2", "@grafana/e2e-selectors": "$2",
  "@grafana/i18n": "$2", "react": "$3", "react-dom": "$3", "react-router-dom": "6.30.1", "rxjs": "7.8.2", "jsdom": "26.1.0", "@openfeature/web-sdk": "1.10.0", "@openfeature/core": "1.12.0"},
 "overrides": {"react-data-grid": "npm:@grafana/react-data-grid@7.0.0-beta.57"}}
JSON
  npm install --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error >/dev/null
  node main.cjs 2>node.log | sed -n '/^seen:/,$p' | tee -a "$work/seen" || { cat node.log; exit 1; }
}
run 6.52.11 12.4.2 18.3.1
run 9.2.2 13.2.3 19.2.0
diff -u --label expected --label seen - "$work/seen" <<'WANT'
seen: @grafana/scenes 6.52.11
  Loading, Loading, Done
    Loading: frames 1, drawn false
    Loading: frames 1, drawn false
    Done: frames 1, drawn true
  Streaming, Loading, Done
    Streaming: frames 1, drawn true
    Loading: frames 1, drawn true
    Done: frames 1, drawn true
seen: @grafana/scenes 9.2.2
  Loading, Loading, Done
    Loading: frames 1, drawn false
    Loading: frames 1, drawn false
    Done: frames 1, drawn true
  Streaming, Loading, Done
    Streaming: frames 1, drawn true
    Loading: frames 1, drawn true
    Done: frames 1, drawn true
WANT
