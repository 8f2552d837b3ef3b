import { CoreApp } from '@grafana/data';

import { type Exemplars, type PyrofrontQuery, type QueryType } from '../types';

/** The fields of a query that only some query types know. */
export type Option =
  | 'groupBy'
  | 'limit'
  | 'aggregation'
  | 'legendFormat'
  | 'exemplars'
  | 'annotations'
  | 'maxNodes'
  | 'spanSelector'
  | 'traceIdSelector'
  | 'profileIdSelector'
  | 'callSite'
  | 'functions'
  | 'measure'
  | 'show'
  | 'diff';

const tree: Option[] = ['maxNodes', 'callSite', 'spanSelector', 'traceIdSelector', 'profileIdSelector'];
const series: Option[] = ['groupBy', 'limit', 'aggregation', 'legendFormat', 'exemplars', 'annotations'];

const optionsOf: Record<QueryType, Option[]> = {
  profile: tree,
  metrics: series,
  both: [...series, ...tree],
  topFunctions: ['functions', 'limit', ...tree],
  functionSeries: ['functions', 'measure', 'show', 'limit', 'legendFormat', ...tree],
  diff: ['diff', 'limit', ...tree],
  heatmap: ['groupBy', 'limit', 'exemplars'],
  plan: tree,
};

/** What is drawn beside the numbers, which an alert rule never sees. */
const drawnOnly: Option[] = ['legendFormat', 'exemplars', 'annotations'];

/** The options that a query type knows in a part of Grafana, in the order in which they are shown. */
export function optionsFor(type: QueryType, app?: CoreApp | string): Option[] {
  const options = optionsOf[type] ?? [];
  return isAlerting(app) ? options.filter((option) => !drawnOnly.includes(option)) : options;
}

/** The exemplars that a query can have: spans belong to heat maps, and an average has none. */
export function exemplarsFor({ queryType, aggregation }: PyrofrontQuery): Exemplars[] {
  if (queryType === 'heatmap') {
    return ['none', 'individual', 'span'];
  }
  return aggregation === 'average' ? ['none'] : ['none', 'individual'];
}

/** The query without what another of its fields rules out, so that one choice never makes the query fail. */
export function withoutConflicts(query: PyrofrontQuery): PyrofrontQuery {
  const { exemplars, ...rest } = query;
  return exemplars && !exemplarsFor(query).includes(exemplars) ? rest : query;
}

/** Whether the query can be asked: of a profile type, and a diff against something. */
export function isComplete(query: PyrofrontQuery): boolean {
  return Boolean(query.profileTypeId) && !lacksBaseline(query);
}

/** Whether it is a diff that does not say yet what it compares with. */
export function lacksBaseline({ queryType, diff }: PyrofrontQuery): boolean {
  return queryType === 'diff' && !Object.values(diff ?? {}).some(Boolean);
}

/** Whether it is a rule's query that does not say yet which functions the rule watches. */
export function lacksFunctions({ queryType, functions }: PyrofrontQuery, app: CoreApp | string | undefined): boolean {
  return isAlerting(app) && (queryType === 'topFunctions' || queryType === 'functionSeries') && !functions;
}

/** All query types, in the order in which they are shown. */
const allTypes: QueryType[] = [
  'profile',
  'metrics',
  'both',
  'topFunctions',
  'functionSeries',
  'diff',
  'heatmap',
  'plan',
];

/** The query types that make sense in a part of Grafana. */
export function queryTypesFor(app: CoreApp | string | undefined): QueryType[] {
  if (isAlerting(app)) {
    return ['metrics', 'topFunctions', 'functionSeries'];
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

/** Whether a query is that of an alert rule. */
export function isAlerting(app: CoreApp | string | undefined): boolean {
  return app === CoreApp.UnifiedAlerting || app === CoreApp.CloudAlerting;
}
