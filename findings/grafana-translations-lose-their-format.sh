#!/usr/bin/env bash
# Grafana's plugin translations: a value's name can change how another value of the same text is formatted
#
# Guess:    in "{{type}}: use {{panels, list(type: disjunction)}}" the value called type and the option called type have nothing to do with each other, nor
#           has a value called style with the number beside it.
# Really:   @grafana/i18n 12.4.2 with i18next 25.10.10, seen on 2026-11-27: i18next lays all values of the text over the options that stand in the brackets
#           and hands both to Intl. A list with a value called type beside it is written with bare commas, as Intl refuses the option; a share of 0.25 with a
#           value called style beside it is "0.25" in place of "25%". Nothing is thrown, and no message is shown unless i18next debugs.
# Why care: plugins put what users query into such sentences (a query's type, a unit, a currency), and the translation, not the code, decides which formats
#           stand beside them: one language is wrong and the others are fine. Pyrofront names such values otherwise and says so (docs/dev/translations.md).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > package.json <<'JSON'
{"name": "finding", "private": true, "dependencies": {"@grafana/i18n": "12.4.2", "i18next": "25.10.10", "react": "18.3.1", "react-dom": "18.3.1", "jsdom": "26.1.0"}}
JSON
npm install --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error >/dev/null
cat > main.cjs <<'JS'
// What @grafana/i18n needs of a browser.
const { window } = new (require('jsdom').JSDOM)('', { url: 'http://localhost/' });
for (const name of ['navigator', 'document', 'localStorage']) {
  Object.defineProperty(globalThis, name, { value: window[name], configurable: true });
}
globalThis.window = window;
const { initPluginTranslations, t } = require('@grafana/i18n');
initPluginTranslations('example-datasource', [async () => ({})]).then(() => {
  const panels = ['Table', 'Flame graph'];
  const show = (text, values) => console.log(`${text}\n  ${t('no-such-key', text, values)}`);
  console.log('seen:');
  show('{{kind}}: use {{panels, list(type: disjunction)}}', { kind: 'Diff', panels });
  show('{{type}}: use {{panels, list(type: disjunction)}}', { type: 'Diff', panels });
  show('{{look}}: {{share, number(style: percent)}}', { look: 'compact', share: 0.25 });
  show('{{style}}: {{share, number(style: percent)}}', { style: 'compact', share: 0.25 });
});
JS
node main.cjs 2>node.log | sed -n '/^seen:/,$p' > seen || { cat node.log; exit 1; }
cat seen
diff -u --label expected --label seen - seen <<'WANT'
seen:
{{kind}}: use {{panels, list(type: disjunction)}}
  Diff: use Table or Flame graph
{{type}}: use {{panels, list(type: disjunction)}}
  Diff: use Table,Flame graph
{{look}}: {{share, number(style: percent)}}
  compact: 25%
{{style}}: {{share, number(style: percent)}}
  compact: 0.25
WANT
