import { type CoreApp } from '@grafana/data';

import { type PyrofrontQuery, type QueryType } from '../types';

import { isAlerting } from './options';

/** What the limit of a query type counts. A number for the one says nothing of the other. */
const counted: Partial<Record<QueryType, string>> = {
  metrics: 'series',
  both: 'series',
  heatmap: 'heat maps',
  topFunctions: 'functions',
  functionSeries: 'functions over time',
  diff: 'changes',
};

/** The limits that were set in one editor, by what they count. */
export type Limits = Record<string, number | undefined>;

/** The query as another type, with the limit that this type had before, if it had one. */
export function withQueryType(query: PyrofrontQuery, queryType: QueryType, limits: Limits): Partial<PyrofrontQuery> {
  const [before, next] = [counted[query.queryType], counted[queryType]];
  return before === next ? { queryType } : { queryType, limit: next === undefined ? undefined : limits[next] };
}

/** The limits, with the one that a query has. */
export function remembered(limits: Limits, { queryType, limit }: PyrofrontQuery): Limits {
  const counts = counted[queryType];
  return counts ? { ...limits, [counts]: limit } : limits;
}

/** The limits that the backend sets where a query has none. */
const presets: Partial<Record<QueryType, number>> = { heatmap: 10, diff: 100, topFunctions: 100, functionSeries: 10 };
const rulePresets = { named: 100, unnamed: 10 };

/** The limit of a query that has none, if there is one. A rule has fewer instances than a table has rows. */
export function presetLimit({ queryType, functions }: PyrofrontQuery, app: CoreApp | string | undefined) {
  if (queryType !== 'topFunctions') {
    return presets[queryType];
  }
  if (isAlerting(app)) {
    return functions ? rulePresets.named : rulePresets.unnamed;
  }
  return functions ? undefined : presets.topFunctions;
}
