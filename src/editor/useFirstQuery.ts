import { type TimeRange } from '@grafana/data';
import { useEffect } from 'react';

import { preferredProfileType } from '../profiletypes/profileType';
import { contextSelector, sameSelector, serviceLabel, withService } from '../selector/edit';
import { type ProfileTypeMessage, type PyrofrontQuery } from '../types';
import { type LabelAPI } from '../variables/VariableSupport';

/** Fills in a query that says of nothing yet: CPU time of the first service. */
export function useFirstQuery(
  api: LabelAPI,
  query: PyrofrontQuery,
  types: ProfileTypeMessage[] | undefined,
  range: TimeRange | undefined,
  onFirst: (query: PyrofrontQuery) => void
) {
  const profileTypeId = query.profileTypeId ? undefined : preferredProfileType((types ?? []).map(({ id }) => id));
  useEffect(() => {
    if (!profileTypeId) {
      return;
    }
    let current = true;
    const anyService = sameSelector(query.labelSelector, '{}');
    const services = anyService
      ? api.getLabelValues(serviceLabel, contextSelector('', profileTypeId), range).catch(() => [])
      : Promise.resolve([]);
    void services.then(([first]) => {
      if (current) {
        const labelSelector = first ? withService('{}', first) : query.labelSelector;
        onFirst({ ...query, profileTypeId, labelSelector });
      }
    });
    return () => {
      current = false;
    };
    // Once for a query without a profile type; a later change of it is the user's.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [api, profileTypeId]);
}
