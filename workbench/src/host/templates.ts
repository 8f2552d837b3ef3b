import type { ScopedVars } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

const variable = /\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)(?::\w+)?\]\]/g;

/** Fills in what the request itself brings, such as `$__interval`; the page has no variables of its own. */
export const templates: TemplateSrv = {
  getVariables: () => [],
  containsTemplate: (text) => text !== undefined && text.search(variable) >= 0,
  updateTimeRange: () => undefined,
  replace: (text = '', scoped: ScopedVars = {}) =>
    text.replace(variable, (whole: string, ...names: Array<string | undefined>) => {
      const name = names.slice(0, 3).find((candidate) => candidate !== undefined);
      return String((name && scoped[name]?.value) ?? whole);
    }),
};
