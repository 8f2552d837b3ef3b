import { type TimeRange } from '@grafana/data';
import { useEffect } from 'react';

import { useLatest } from '../components/useLatest';
import { type Loaded } from '../components/useLoaded';
import { preferredProfileType } from '../profiletypes/profileType';
import { withProfileType } from '../query/aggregation';
import { contextSelector, sameSelector, serviceLabel, withService } from '../selector/edit';
import { type ProfileTypeMessage, type PyrofrontQuery } from '../types';
import { type LabelAPI } from '../labels/LabelAPI';

/** Fills in a query that says of nothing yet: CPU time of the first service. */
export function useFirstQuery(
  api: LabelAPI,
  query: PyrofrontQuery,
  types: Loaded<ProfileTypeMessage[]>,
  range: TimeRange | undefined,
  onFirst: (changes: Partial<PyrofrontQuery>) => void
) {
  // While services are asked for, the query may change: what is filled in adds to what it is then.
  const latest = useLatest({ query, range, onFirst });

  // Types that are still loading are those of another data source or range.
  const known = types.loading ? [] : (types.value ?? []);
  const profileTypeId = query.profileTypeId ? undefined : preferredProfileType(known.map(({ id }) => id));
  useEffect(() => {
    if (!profileTypeId) {
      return;
    }
    let current = true;
    const { query, range } = latest();
    const services = selectsEverything(query)
      ? api.getLabelValues(serviceLabel, contextSelector('', profileTypeId), range).catch(() => [])
      : Promise.resolve([]);
    void services.then(([first]) => {
      const { query: now, onFirst: fill } = latest();
      if (current && !now.profileTypeId) {
        const labelSelector = first && selectsEverything(now) ? withService('{}', first) : now.labelSelector;
        fill({ ...withProfileType(now, profileTypeId), labelSelector });
      }
    });
    return () => {
      current = false;
    };
    // Once for a query without a profile type; a later change of it is the user's.
  }, [api, profileTypeId, latest]);
}

/** Whether neither labels nor ids limit the query: the samples of a trace may be of any service. */
function selectsEverything(query: PyrofrontQuery): boolean {
  const ids = [query.spanSelector, query.traceIdSelector, query.profileIdSelector];
  return sameSelector(query.labelSelector, '{}') && ids.every((list) => !list?.length);
}
