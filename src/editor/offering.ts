import { type ComboboxOption } from '@grafana/ui';

import { messageOf } from '../components/useLoaded';
import { texts } from '../texts';

import { variableOptions } from './variableOptions';

/** Options that are loaded when a picker opens, and filtered by what is typed. A failure is shown among them. */
export function offering(
  load: () => Promise<string[]>,
  toValue: (text: string) => string = (text) => text
): (typed: string) => Promise<ComboboxOption[]> {
  return async (typed) => {
    const wanted = typed.toLowerCase();
    try {
      const loaded = (await load()).map((text) => ({ value: toValue(text), label: text }));
      return [...loaded, ...variableOptions()].filter(({ label }) => label?.toLowerCase().includes(wanted));
    } catch (error) {
      return [{ value: '', label: texts.editor.labelsFailed(messageOf(error)), infoOption: true }];
    }
  };
}
