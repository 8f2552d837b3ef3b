import { Combobox, type ComboboxOption } from '@grafana/ui';
import React from 'react';

import { type Offer, usePicking } from './usePicking';

export interface PickerProps {
  id: string;
  value: string | ComboboxOption | null;
  offer: Offer;
  /** Whether what is typed may be taken as it is. */
  custom?: boolean;
  onChange: (value: string) => void;
  /** Given where there may be no choice. */
  onClear?: () => void;
  placeholder?: string;
  invalid?: boolean;
  disabled?: boolean;
  autoFocus?: boolean;
  width?: number;
  minWidth?: number;
}

/** Grafana's Combobox: the first match first, what is typed last, whatever the speed of the keyboard. */
export function Picker({ offer, custom = false, onChange, onClear, width, minWidth, ...rest }: PickerProps) {
  const { options, wrapperProps } = usePicking({ offer, custom, onPick: (option) => onChange(option.value) });
  const common = { ...rest, options };
  const size = width === undefined ? { width: 'auto' as const, minWidth: minWidth ?? 14 } : { width };
  return (
    <div {...wrapperProps}>
      {onClear ? (
        <Combobox
          {...common}
          {...size}
          isClearable
          onChange={(option) => (option ? onChange(option.value) : onClear())}
        />
      ) : (
        <Combobox {...common} {...size} onChange={(option) => onChange(option.value)} />
      )}
    </div>
  );
}
