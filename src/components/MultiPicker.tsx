import { css } from '@emotion/css';
import { type ComboboxOption, MultiCombobox, useStyles2 } from '@grafana/ui';
import React from 'react';

import { emptyText, type Offer, usePicking } from './usePicking';

export interface MultiPickerProps {
  id: string;
  /** What screen readers call it: the label around it cannot tell in every Grafana. */
  label: string;
  value: ComboboxOption[];
  offer: Offer;
  onChange: (values: string[]) => void;
  placeholder: string;
  isClearable?: boolean;
  minWidth: number;
}

/** Grafana's MultiCombobox: the first match first, what is typed last; it has a name in every Grafana. */
export function MultiPicker({ id, label, value, offer, onChange, placeholder, minWidth, ...rest }: MultiPickerProps) {
  const styles = useStyles2(getStyles);
  const choose = (option: ComboboxOption) => {
    const chosen = value.map((entry) => entry.value);
    onChange(chosen.includes(option.value) ? chosen : [...chosen, option.value]);
  };
  const onPick = (option: ComboboxOption, input: HTMLInputElement) => {
    // Grafana empties a field that is left, and would open the list of one that is emptied by hand.
    if (document.activeElement === input) {
      emptyText(input);
    }
    choose(option);
  };
  const { options, wrapperProps } = usePicking({ offer, custom: true, several: true, onPick });
  return (
    <div {...wrapperProps}>
      <span id={`${id}-name`} className={styles.hidden}>
        {label}
      </span>
      <MultiCombobox
        {...rest}
        id={id}
        aria-labelledby={`${id}-name`}
        options={options}
        value={value}
        placeholder={placeholder}
        onChange={(entries) => onChange(entries.map((entry) => entry.value))}
        width="auto"
        minWidth={minWidth}
      />
    </div>
  );
}

const getStyles = () => ({ hidden: css({ display: 'none' }) });
