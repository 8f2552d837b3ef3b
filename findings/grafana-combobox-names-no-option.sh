#!/usr/bin/env bash
# Grafana: the Combobox tells screen readers that it is on an option which does not exist
#
# Guess:    Grafana's Combobox follows the ARIA pattern of its role: aria-activedescendant of the field names the option that the arrow keys are on, as in
#           the Select before it, so a screen reader reads each option, and code can look the highlighted one up by that id.
# Really:   @grafana/ui 12.4.2 and 13.2.3 (React 18.3.1 and 19.2.0, jsdom 26.1.0; Chromium says the same), seen on 2026-11-27: the field names
#           "downshift-…-item-1", and no element has that id, since the list gives each option one of its own, "combobox-option-us-east". aria-selected is
#           right. axe calls it aria-valid-attr-value.
# Why care: data source editors are told to replace Select by Combobox (Select is deprecated), and with it go silent for blind users: no option is read.
#           Tests and scripts must find the highlighted option by [role=option][aria-selected=true]. Pyrofront's picker does that (src/components/usePicking.ts).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/browser.cjs" <<'JS'
// What @grafana/ui needs of a browser.
const { window } = new (require('jsdom').JSDOM)('', { url: 'http://localhost/', pretendToBeVisual: true });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis) || name === 'navigator' || /Event(Target)?$/.test(name)) {
    Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
  }
}
globalThis.window = window;
globalThis.IS_REACT_ACT_ENVIRONMENT = true;
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
for (const name of ['ResizeObserver', 'IntersectionObserver']) {
  globalThis[name] = window[name] = Observer;
}
globalThis.matchMedia = window.matchMedia = () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} });
window.HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: 8 * text.length }) });
// A list that draws what can be seen needs a height.
for (const name of ['offsetHeight', 'offsetWidth', 'clientHeight', 'clientWidth']) {
  Object.defineProperty(window.HTMLElement.prototype, name, { configurable: true, get: () => 400 });
}
require.extensions['.css'] = () => {};
JS
cat > "$work/main.cjs" <<'JS'
require('./browser.cjs');
const React = require('react');
const { render, screen } = require('@testing-library/react');
const userEvent = require('@testing-library/user-event').default;
const { Combobox } = require('@grafana/ui');
(async () => {
  const user = userEvent.setup();
  const options = ['eu-west', 'us-east'].map((value) => ({ value, label: value }));
  render(React.createElement(Combobox, { options, value: null, onChange() {} }));
  const field = screen.getByRole('combobox');
  await user.click(field);
  await user.keyboard('{ArrowDown}');
  const named = field.getAttribute('aria-activedescendant');
  console.log(`seen: @grafana/ui ${require('@grafana/ui/package.json').version}`);
  console.log('  the field names', named.replace(/downshift-.*-item/, 'downshift-…-item'));
  console.log('  elements with this id:', document.querySelectorAll(`[id="${named}"]`).length);
  for (const option of screen.getAllByRole('option')) {
    console.log(`  option ${option.id}, aria-selected ${option.getAttribute('aria-selected')}`);
  }
  process.exit(0);
})();
JS

run() { # version of @grafana/*, version of React
  mkdir "$work/$1"
  cp "$work"/*.cjs "$work/$1"
  cd "$work/$1"
  cat > package.json <<JSON
{"name": "finding", "private": true, "dependencies": {
  "@grafana/ui": "$1", "@grafana/data": "$1", "react": "$2", "react-dom": "$2", "jsdom": "26.1.0",
  "@testing-library/react": "16.3.2", "@testing-library/dom": "10.4.1", "@testing-library/user-event": "14.6.1"},
 "overrides": {"react-data-grid": "npm:@grafana/react-data-grid@7.0.0-beta.57"}}
JSON
  npm install --ignore-scripts --no-audit --no-fund --legacy-peer-deps --loglevel=error >/dev/null
  node main.cjs 2>node.log | sed -n '/^seen:/,$p' | tee -a "$work/seen" || { cat node.log; exit 1; }
}
run 12.4.2 18.3.1
run 13.2.3 19.2.0
diff -u --label expected --label seen - "$work/seen" <<'WANT'
seen: @grafana/ui 12.4.2
  the field names downshift-…-item-1
  elements with this id: 0
  option combobox-option-eu-west, aria-selected false
  option combobox-option-us-east, aria-selected true
seen: @grafana/ui 13.2.3
  the field names downshift-…-item-1
  elements with this id: 0
  option combobox-option-eu-west, aria-selected false
  option combobox-option-us-east, aria-selected true
WANT
