import { CoreApp, type TimeRange } from '@grafana/data';
import { useEffect } from 'react';

import { useLatest } from '../components/useLatest';
import { type Loaded } from '../components/useLoaded';
import { preferredProfileType } from '../profiletypes/profileType';
import { withProfileType } from '../query/aggregation';
import { defaultQueryType } from '../query/options';
import { panelProblem, typeForPanel } from '../query/panels';
import { contextSelector, sameSelector, serviceLabel, withService } from '../selector/edit';
import { type ProfileTypeMessage, type PyrofrontQuery, type QueryType } from '../types';
import { type LabelAPI } from '../labels/LabelAPI';

interface FirstQuery {
  api: LabelAPI;
  query: PyrofrontQuery;
  types: Loaded<ProfileTypeMessage[]>;
  range: TimeRange | undefined;
  /** The panel that the query is in, where that is known. */
  panel: string | undefined;
  onFirst: (changes: Partial<PyrofrontQuery>) => void;
}

/** Fills in a query that says of nothing yet: CPU time of the first service, as its panel can draw it. */
export function useFirstQuery({ api, query, types, range, panel, onFirst }: FirstQuery) {
  // While services are asked for, the query may change: what is filled in adds to what it is then.
  const latest = useLatest({ query, range, panel, onFirst });

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
      const { query: now, panel: shownIn, onFirst: fill } = latest();
      if (current && !now.profileTypeId) {
        const labelSelector = first && selectsEverything(now) ? withService('{}', first) : now.labelSelector;
        const queryType = drawnIn(shownIn, now);
        fill({ ...withProfileType({ ...now, queryType }, profileTypeId), queryType, labelSelector });
      }
    });
    return () => {
      current = false;
    };
    // Once for a query without a profile type; a later change of it is the user's.
  }, [api, profileTypeId, latest]);
}

/** The query's type, or that of its panel where a new panel's type is one that it cannot draw. */
function drawnIn(panel: string | undefined, query: PyrofrontQuery): QueryType {
  const isPreset = query.queryType === defaultQueryType(CoreApp.PanelEditor);
  return (isPreset && panelProblem(query, panel) && typeForPanel(panel)) || query.queryType;
}

/** Whether neither labels nor ids limit the query: the samples of a trace may be of any service. */
function selectsEverything(query: PyrofrontQuery): boolean {
  const ids = [query.spanSelector, query.traceIdSelector, query.profileIdSelector];
  return sameSelector(query.labelSelector, '{}') && ids.every((list) => !list?.length);
}
