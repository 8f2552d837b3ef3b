import { type AdHocVariableFilter } from '@grafana/data';

import { formatSelector } from '../selector/format';
import { escapeRegex, isOperator, type Matcher } from '../selector/matcher';
import { parseSelector } from '../selector/parse';

/** Turns ad hoc filters to matchers. Comparisons that labels do not have, such as `<`, are left out. */
export function filtersToMatchers(filters: AdHocVariableFilter[]): Matcher[] {
  return filters.map(filterToMatcher).filter((matcher): matcher is Matcher => matcher !== undefined);
}

/**
 * Adds filters to a selector. A filter takes the place of the selector's own matchers of the same label. A selector that
 * cannot be read is left as it is: what could be read of it would select more than it says, and the backend tells why.
 */
export function withFilters(selector: string, filters: AdHocVariableFilter[] | undefined): string {
  const added = filtersToMatchers(filters ?? []);
  const { matchers, errors } = parseSelector(selector);
  if (added.length === 0 || errors.length > 0) {
    return selector;
  }
  const filtered = new Set(added.map((matcher) => matcher.name));
  const own = matchers.filter((matcher) => !filtered.has(matcher.name));
  return formatSelector([...own, ...added]);
}

function filterToMatcher({ key, operator, value, values }: AdHocVariableFilter): Matcher | undefined {
  if (!key) {
    return undefined;
  }
  if (operator === '=|' || operator === '!=|') {
    const any = (values?.length ? values : [value]).map(escapeRegex).join('|');
    return { name: key, operator: operator === '=|' ? '=~' : '!~', value: any };
  }
  return isOperator(operator) ? { name: key, operator, value } : undefined;
}
