import { CoreApp } from '@grafana/data';

import { type PyrofrontQuery, type QueryType } from '../types';

/** The fields of a query that only some query types know. */
export type Option =
  | 'groupBy'
  | 'limit'
  | 'aggregation'
  | 'exemplars'
  | 'annotations'
  | 'maxNodes'
  | 'spanSelector'
  | 'traceIdSelector'
  | 'profileIdSelector'
  | 'callSite'
  | 'functions'
  | 'diff';

const samples: Option[] = ['callSite', 'spanSelector', 'traceIdSelector', 'profileIdSelector'];
const series: Option[] = ['groupBy', 'limit', 'aggregation', 'exemplars', 'annotations'];

const optionsOf: Record<QueryType, Option[]> = {
  profile: ['maxNodes', ...samples],
  metrics: series,
  both: [...series, 'maxNodes', ...samples],
  topFunctions: ['functions', 'limit', ...samples],
  diff: ['diff', 'maxNodes', 'limit', ...samples],
  heatmap: ['groupBy', 'limit', 'exemplars'],
  plan: [],
};

/** The options that a query type knows, in the order in which they are shown. */
export function optionsFor(type: QueryType): Option[] {
  return optionsOf[type] ?? [];
}

/** All query types, in the order in which they are shown. */
const allTypes: QueryType[] = ['profile', 'metrics', 'both', 'topFunctions', 'diff', 'heatmap', 'plan'];

/** The query types that make sense in a part of Grafana. */
export function queryTypesFor(app: CoreApp | string | undefined): QueryType[] {
  if (isAlerting(app)) {
    return ['metrics', 'topFunctions'];
  }
  // A panel shows one kind of picture; only Explore shows flame graph and metrics side by side.
  return app === CoreApp.Explore ? allTypes : allTypes.filter((type) => type !== 'both');
}

/** The query type of a new query. */
export function defaultQueryType(app: CoreApp | string | undefined): QueryType {
  if (isAlerting(app)) {
    return 'metrics';
  }
  return app === CoreApp.Explore ? 'both' : 'profile';
}

/** The query as a part of Grafana can show it: its type is one that makes sense there. */
export function forApp(query: PyrofrontQuery, app: CoreApp | string | undefined): PyrofrontQuery {
  return queryTypesFor(app).includes(query.queryType) ? query : { ...query, queryType: defaultQueryType(app) };
}

function isAlerting(app: CoreApp | string | undefined): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}
