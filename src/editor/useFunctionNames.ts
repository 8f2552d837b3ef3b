import { type PanelData, type TimeRange } from '@grafana/data';
import { useMemo } from 'react';

import { type LabelAPI } from '../labels/LabelAPI';
import { functionsIn } from '../query/functionsIn';
import { type PyrofrontQuery } from '../types';

/**
 * Names of functions to complete what is typed: those that are shown, in a flame graph or a table, else those of what the
 * query selects, which are asked for when they are needed, and once.
 */
export function useFunctionNames(
  api: LabelAPI,
  { profileTypeId, labelSelector }: PyrofrontQuery,
  range: TimeRange | undefined,
  data: PanelData | undefined
): () => Promise<string[]> {
  const frames = data?.series;
  const shown = useMemo(() => functionsIn(frames ?? []), [frames]);
  const asked = useMemo(() => {
    let answer: Promise<string[]> | undefined;
    return () => {
      answer ??= api.getFunctionNames(profileTypeId, labelSelector, range);
      // A failed question may be asked again.
      answer.catch(() => (answer = undefined));
      return answer;
    };
  }, [api, profileTypeId, labelSelector, range]);
  return shown.length > 0 ? () => Promise.resolve(shown) : asked;
}
