import { useCallback } from 'react';

import { matching } from '../components/matching';
import { useLatest } from '../components/useLatest';
import { messageOf } from '../components/useLoaded';
import { type Offer } from '../components/usePicking';
import { texts } from '../texts';

import { variableOptions } from './variableOptions';

/**
 * Options that are loaded when a picker opens, and filtered by what is typed. A failure is shown among them.
 *
 * The function stays the same while what it does changes: for other options, Grafana's pickers throw away what is being
 * typed.
 */
export function useOffering(load: () => Promise<string[]>, toValue: (text: string) => string = (text) => text): Offer {
  const latest = useLatest({ load, toValue });
  return useCallback(
    async (typed) => {
      const { load, toValue } = latest();
      try {
        const loaded = (await load()).map((text) => ({ value: toValue(text), label: text }));
        return matching([...loaded, ...variableOptions()], typed);
      } catch (error) {
        return [{ value: '', label: texts.editor.labelsFailed(messageOf(error)), infoOption: true }];
      }
    },
    [latest]
  );
}
