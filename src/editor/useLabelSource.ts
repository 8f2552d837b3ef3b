import { type TimeRange } from '@grafana/data';
import { useMemo } from 'react';

import { type LabelAPI } from '../labels/LabelAPI';
import { type LabelSource } from '../selector/completions';
import { contextSelector } from '../selector/edit';

/**
 * Names and values of labels in the profiles that the rest of the query selects. Answers are kept for as long as the
 * query and the range stay, so that typing asks once.
 */
export function useLabelSource(
  api: LabelAPI,
  query: { labelSelector?: string; profileTypeId?: string },
  range: TimeRange | undefined
): LabelSource {
  const { labelSelector = '', profileTypeId } = query;
  return useMemo(() => {
    const kept = new Map<string, Promise<string[]>>();
    const once = (key: string, load: () => Promise<string[]>) => {
      const answer = kept.get(key) ?? load();
      kept.set(key, answer);
      // A failed question may be asked again.
      answer.catch(() => kept.delete(key));
      return answer;
    };
    return {
      names: () => once('', () => api.getLabelNames(contextSelector('', profileTypeId), range)),
      values: (name) =>
        once(name, () => api.getLabelValues(name, contextSelector(labelSelector, profileTypeId, name), range)),
    };
  }, [api, labelSelector, profileTypeId, range]);
}
