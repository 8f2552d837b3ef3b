#!/usr/bin/env bash
# Grafana: "Join by field" of two tables from one data source shows the first one's numbers under both queries
#
# Guess:    joining query A (before) and query B (after) on a column gives each one's value in a column of its own, told apart by refId, as the panel's
#           legend does.
# Really:   @grafana/data 12.4.2 (joinByField, then values by display name, as everything that refers to a column by name takes them), seen on
#           2026-11-27: refId does not count. With one name on both frames both columns are "self profile", and a look-up by name gives the first: "after"
#           is "before". Frames without any name do better, "self 1" and "self 2"; with different names they are "self A" and "self B".
# Why care: before/after tables of functions are what people build from a profiling data source, and a well-meant name ("profile") on every frame is
#           what makes them wrong: nothing looks broken, the difference is just zero. Give a frame a name that carries the refId, or none.
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
const { FieldType, getFieldDisplayName, standardTransformers, toDataFrame } = require('@grafana/data');
const { of, lastValueFrom } = require('rxjs');
const table = (refId, name, self) =>
  toDataFrame({
    refId,
    name,
    fields: [
      { name: 'function', type: FieldType.string, values: ['parse', 'render'] },
      { name: 'self', type: FieldType.number, values: self },
    ],
  });
async function join(nameA, nameB) {
  const joinByField = standardTransformers.joinByFieldTransformer;
  const context = { interpolate: (s) => s };
  const [joined] = await lastValueFrom(
    of([table('A', nameA, [10, 20]), table('B', nameB, [70, 80])]).pipe(joinByField.operator({ byField: 'function', mode: 'outer' }, context))
  );
  const byName = {};
  const names = joined.fields.map((field) => getFieldDisplayName(field, joined, [joined]));
  joined.fields.forEach((field, i) => (byName[names[i]] ??= [...field.values]));
  console.log(`frames ${nameA ?? '-'}, ${nameB ?? '-'}: columns ${names.join(' | ')}; by name ${JSON.stringify(byName)}`);
}
(async () => {
  console.log('seen:');
  await join(undefined, undefined);
  await join('profile', 'profile');
  await join('A', 'B');
})();
JS
node main.cjs 2>node.log | sed -n '/^seen:/,$p' > seen || { cat node.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
seen:
frames -, -: columns function | self 1 | self 2; by name {"function":["parse","render"],"self 1":[10,20],"self 2":[70,80]}
frames profile, profile: columns function | self profile | self profile; by name {"function":["parse","render"],"self profile":[10,20]}
frames A, B: columns function | self A | self B; by name {"function":["parse","render"],"self A":[10,20],"self B":[70,80]}
WANT
