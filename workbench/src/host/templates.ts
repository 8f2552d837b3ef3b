import type { DataContextScopedVar, InterpolateFunction, ScopedVars } from '@grafana/data';
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

const cell = /\$\{__value\.raw(:regex)?\}/g;

/** Fills in the value of a table's cell, in the links that it has: as it is, or escaped for an expression. */
export const linkTemplates: InterpolateFunction = (text, scoped) => {
  const context: DataContextScopedVar | undefined = scoped?.__dataContext;
  const { field, rowIndex } = context?.value ?? {};
  if (field === undefined || rowIndex === undefined) {
    return text;
  }
  const raw = String(field.values[rowIndex]);
  return text.replace(cell, (_, escaped) => (escaped ? raw.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : raw));
};
