import { formatSelector } from '../selector/format';
import { escapeRegex, isRegexOperator, type Matcher, type Operator } from '../selector/matcher';
import { parseSelector } from '../selector/parse';
import { type DiffBaseline, type PyrofrontQuery } from '../types';

import { type Part, partsOf, type Replace } from './references';

/** Matches every value that a label has. */
const anything = '.*';

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
    result.functions = interpolateRegex(query.functions, replace);
  }
  if (query.legendFormat) {
    result.legendFormat = replace(query.legendFormat);
  }
  if (query.diff) {
    result.diff = interpolateBaseline(query.diff, replace);
  }
  return result;
}

/**
 * Replaces the variables in a label selector. Values are escaped as their place needs, so that a value with quotes or
 * dots stays one value, and a variable with several values, all or none becomes a regular expression of them.
 */
export function interpolateSelector(selector: string, replace: Replace): string {
  const { matchers, errors } = parseSelector(selector);
  if (errors.length > 0) {
    // A variable may hold whole matchers: {$matchers}. What is wrong beyond that, the backend says.
    return replace(selector, (value) => (Array.isArray(value) ? value.join('|') : String(value)));
  }
  return formatSelector(matchers.map((matcher) => interpolateMatcher(matcher, replace)));
}

function interpolateMatcher({ name, operator, value }: Matcher, replace: Replace): Matcher {
  const written = isRegexOperator(operator);
  const parts = partsOf(value, replace, written ? 'kept' : 'lists').map((part) => chosen(part, operator));
  const known = { name: replace(name), operator };
  if (!written && parts.every(isOneText)) {
    return orAnything({ ...known, value: parts.map(textOf).join('') }, value);
  }
  const expression = parts.map((part) =>
    part.kind === 'text' && !written ? escapeRegex(part.text) : regexOf(part, written)
  );
  return orAnything({ ...known, operator: asRegexOperator(operator), value: expression.join('') }, value);
}

/** Where nothing is chosen, a selecting matcher takes every value, and an excluding one excludes none. */
function chosen(part: Part, operator: Operator): Part {
  if (part.kind !== 'values' || part.values.length > 0) {
    return part;
  }
  return selects(operator) ? { kind: 'expression', text: anything } : { kind: 'text', text: '' };
}

/** No profile has a label with an empty value: a text box that is empty stands for no choice. */
function orAnything(matcher: Matcher, template: string): Matcher {
  return matcher.value === '' && template !== '' && selects(matcher.operator)
    ? { ...matcher, operator: '=~', value: anything }
    : matcher;
}

function selects(operator: Operator): boolean {
  return operator === '=' || operator === '=~';
}

function asRegexOperator(operator: Operator): Operator {
  return selects(operator) ? '=~' : '!~';
}

function isOneText(part: Part): boolean {
  return part.kind === 'text' || (part.kind === 'values' && part.values.length <= 1);
}

function textOf(part: Part): string {
  return part.kind === 'values' ? part.values.join('') : part.text;
}

/** A regular expression whose author may write expressions into variables as well. */
function interpolateRegex(text: string, replace: Replace): string {
  return partsOf(text, replace, 'kept')
    .map((part) => (part.kind === 'values' && part.values.length === 0 ? anything : regexOf(part, true)))
    .join('');
}

/** A part in a regular expression. What somebody wrote there is one already; values are texts. */
function regexOf(part: Part, mayBeWritten: boolean): string {
  if (part.kind !== 'values') {
    return part.text;
  }
  if (part.asWritten && mayBeWritten) {
    return part.values.join('');
  }
  const escaped = part.values.map(escapeRegex);
  return escaped.length === 1 ? escaped[0]! : `(${escaped.join('|')})`;
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

/** An entry with a variable of several values becomes several entries, and of none, none. */
function interpolateList(entries: string[], replace: Replace): string[] {
  return entries
    .flatMap((entry) =>
      partsOf(entry, replace).reduce<string[]>(
        (texts, part) => {
          const values = part.kind === 'values' ? part.values : [part.text];
          return texts.flatMap((text) => values.map((value) => text + value));
        },
        ['']
      )
    )
    .filter((entry) => entry !== '');
}
