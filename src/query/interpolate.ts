import { formatSelector } from '../selector/format';
import { escapeRegex, isRegexOperator, type Matcher } from '../selector/matcher';
import { parseSelector } from '../selector/parse';
import { type DiffBaseline, type PyrofrontQuery } from '../types';

type VariableFormat = (value: string | string[] | number | boolean) => string;

/** Grafana's replacement of variables in a text; `format` writes the value of each. */
export type Replace = (text: string, format?: VariableFormat) => string;

/** Replaces the template variables in every text of a query. */
export function interpolateQuery(query: PyrofrontQuery, replace: Replace): PyrofrontQuery {
  const result: PyrofrontQuery = {
    ...query,
    profileTypeId: replace(query.profileTypeId ?? ''),
    labelSelector: interpolateSelector(query.labelSelector ?? '', replace),
    groupBy: interpolateList(query.groupBy ?? [], replace),
  };
  for (const field of ['spanSelector', 'traceIdSelector', 'profileIdSelector', 'callSite'] as const) {
    const list = query[field];
    if (list) {
      result[field] = interpolateList(list, replace);
    }
  }
  if (query.functions) {
    result.functions = replace(query.functions, asRegex);
  }
  if (query.diff) {
    result.diff = interpolateBaseline(query.diff, replace);
  }
  return result;
}

/**
 * Replaces the variables in a label selector. Values are escaped as their place needs, so that a value with quotes or
 * dots stays one value, and a variable with several values becomes a regular expression of them.
 */
export function interpolateSelector(selector: string, replace: Replace): string {
  const { matchers, errors } = parseSelector(selector);
  if (errors.length > 0) {
    // A variable may hold whole matchers: {$matchers}. What is wrong beyond that, the backend says.
    return replace(selector, (value) => asList(value).join('|'));
  }
  return formatSelector(matchers.map((matcher) => interpolateMatcher(matcher, replace)));
}

function interpolateMatcher(matcher: Matcher, replace: Replace): Matcher {
  const name = replace(matcher.name);
  if (isRegexOperator(matcher.operator)) {
    return { ...matcher, name, value: replace(matcher.value, asRegex) };
  }
  // Marks around each variable's values tell them from the text between.
  let several = false;
  const marked = replace(matcher.value, (value) => {
    const values = asList(value);
    several ||= values.length > 1;
    return `\u0001${values.join('\u0002')}\u0001`;
  });
  const parts = marked.split('\u0001');
  if (!several) {
    return { ...matcher, name, value: parts.join('') };
  }
  const value = parts
    .map((part, index) => (index % 2 === 0 ? escapeRegex(part) : asRegex(part.split('\u0002'))))
    .join('');
  return { name, operator: matcher.operator === '=' ? '=~' : '!~', value };
}

function interpolateBaseline(diff: DiffBaseline, replace: Replace): DiffBaseline {
  const result: DiffBaseline = { ...diff };
  if (diff.labelSelector) {
    result.labelSelector = interpolateSelector(diff.labelSelector, replace);
  }
  for (const field of ['timeShift', 'from', 'to'] as const) {
    const text = diff[field];
    if (text) {
      result[field] = replace(text);
    }
  }
  return result;
}

/** An entry that is a variable with several values becomes several entries. */
function interpolateList(entries: string[], replace: Replace): string[] {
  return entries
    .flatMap((entry) => replace(entry, (value) => asList(value).join('\u0002')).split('\u0002'))
    .filter((entry) => entry !== '');
}

function asRegex(value: string | string[] | number | boolean): string {
  const values = asList(value).map(escapeRegex);
  return values.length === 1 ? values[0]! : `(${values.join('|')})`;
}

function asList(value: string | string[] | number | boolean): string[] {
  return Array.isArray(value) ? value : [String(value)];
}
