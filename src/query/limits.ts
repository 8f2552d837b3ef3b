import { type PyrofrontQuery, type QueryType } from '../types';

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
