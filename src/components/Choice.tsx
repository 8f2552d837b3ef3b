import { Combobox, type ComboboxOption } from '@grafana/ui';
import React from 'react';

import { matching } from './matching';
import { usePicking } from './usePicking';

export interface ChoiceProps<Value extends string> {
  id: string;
  /** The same while the picker is shown: for others, Grafana's throws away what is being typed. */
  options: Array<ComboboxOption<Value>>;
  value: Value | null;
  width: number;
  onChange: (value: Value) => void;
}

/**
 * Grafana's Combobox for a few options that are always there. Its own Enter takes the option at the place of the one that
 * was chosen before, among those that match what is typed: another, or none, and then the field is empty.
 */
export function Choice<Value extends string>({ options, onChange, ...rest }: ChoiceProps<Value>) {
  const { wrapperProps } = usePicking({
    offer: async (typed) => matching(options, typed),
    custom: false,
    onPick: ({ value }) => {
      const picked = options.find((option) => option.value === value);
      if (picked) {
        onChange(picked.value);
      }
    },
  });
  return (
    <div {...wrapperProps}>
      <Combobox {...rest} options={options} onChange={(option) => onChange(option.value)} />
    </div>
  );
}
