import { type TimeRange } from '@grafana/data';

import { type PyrofrontQuery } from '../types';

const lists = ['callSite', 'spanSelector', 'traceIdSelector', 'profileIdSelector'] as const;

/** The resource that sends what a query's flame graph is made of, as a pprof file. */
export function pprofResource(query: PyrofrontQuery, range: TimeRange): string {
  const form = new URLSearchParams({
    profileTypeId: query.profileTypeId,
    labelSelector: query.labelSelector,
    from: String(range.from.valueOf()),
    to: String(range.to.valueOf()),
  });
  for (const name of lists) {
    query[name]?.forEach((value) => form.append(name, value));
  }
  return `pprof?${form}`;
}
