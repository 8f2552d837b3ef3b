import { type AdHocVariableFilter } from '@grafana/data';

import { formatSelector, quote } from '../selector/format';
import { escapeRegex, isOperator, type Matcher } from '../selector/matcher';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

/** Turns ad hoc filters to matchers. Those that are unfinished, or that labels cannot be compared by, are left out. */
export function filtersToMatchers(filters: AdHocVariableFilter[]): Matcher[] {
  return filters.map(filterToMatcher).filter((matcher): matcher is Matcher => matcher !== undefined);
}

/** Says which filter compares as labels cannot be compared, such as by `<`, if one does. */
export function filterProblem(filters: AdHocVariableFilter[] | undefined): string | undefined {
  const refused = filters?.filter(isFinished).find((filter) => !filterToMatcher(filter));
  return refused && texts.query.badFilter(`${refused.key} ${refused.operator} ${refused.value}`);
}

/** Narrows a query by filters: what it selects, and what a diff compares with. */
export function filtered(query: PyrofrontQuery, filters: AdHocVariableFilter[] | undefined): PyrofrontQuery {
  const narrowed = { ...query, labelSelector: withFilters(query.labelSelector, filters) };
  const baseline = query.diff?.labelSelector;
  // Without a selector of its own, a baseline has the query's.
  return baseline ? { ...narrowed, diff: { ...query.diff, labelSelector: withFilters(baseline, filters) } } : narrowed;
}

/**
 * Adds filters to a selector, beside its own matchers. A selector that cannot be read is left as it is: what could be
 * read of it would select more than it says, and the backend tells why. So it does of a filter that labels do not have,
 * which is written as it is.
 */
export function withFilters(selector: string, filters: AdHocVariableFilter[] = []): string {
  const finished = filters.filter(isFinished);
  const { matchers, errors } = parseSelector(selector);
  if (finished.length === 0 || errors.length > 0) {
    return selector;
  }
  const refused = finished.find((filter) => !filterToMatcher(filter));
  if (refused) {
    return `{${quote(refused.key)} ${refused.operator} ${quote(refused.value)}}`;
  }
  const added = filtersToMatchers(finished).filter((matcher) => !matchers.some((own) => isSame(own, matcher)));
  return formatSelector([...matchers, ...added]);
}

function isSame(one: Matcher, other: Matcher): boolean {
  return one.name === other.name && one.operator === other.operator && one.value === other.value;
}

/** Whether a filter has its key and a value. While somebody writes one, it has not. */
function isFinished({ key, value, values }: AdHocVariableFilter): boolean {
  return Boolean(key && (value || values?.length));
}

function filterToMatcher(filter: AdHocVariableFilter): Matcher | undefined {
  const { key, operator, value, values } = filter;
  if (!isFinished(filter)) {
    return undefined;
  }
  if (operator === '=|' || operator === '!=|') {
    const any = (values?.length ? values : [value]).map(escapeRegex).join('|');
    return { name: key, operator: operator === '=|' ? '=~' : '!~', value: any };
  }
  return isOperator(operator) ? { name: key, operator, value } : undefined;
}
