import { EditorField } from '@grafana/plugin-ui';
import { Combobox, type ComboboxOption } from '@grafana/ui';
import React, { useMemo } from 'react';

import { type Loaded } from '../components/useLoaded';
import { describeProfileType, describeProfileTypes, type ProfileType } from '../profiletypes/profileType';
import { texts } from '../texts';
import { type ProfileTypeMessage } from '../types';

import { variableOptions } from './variableOptions';

export interface ProfileTypePickerProps {
  id: string;
  value: string;
  types: Loaded<ProfileTypeMessage[]>;
  placeholder?: string;
  onChange: (profileTypeId: string) => void;
}

/** Chooses a profile type from those in the range, grouped by kind. Variables and ids can be typed. */
export function ProfileTypePicker({ id, value, types, placeholder, onChange }: ProfileTypePickerProps) {
  const options = useMemo(
    () => [...describeProfileTypes((types.value ?? []).map((type) => type.id)).map(toOption), ...variableOptions()],
    [types.value]
  );
  const selected = useMemo(
    () => (value ? (options.find((option) => option.value === value) ?? unlisted(value)) : null),
    [options, value]
  );
  // No `loading`: Grafana's icon may stay what it was once that ends.
  const known = types.value?.length === 0 ? texts.editor.noTypes : (placeholder ?? texts.editor.chooseType);
  const hint = types.loading && !types.value ? texts.loading : known;
  return (
    <EditorField
      label={texts.editor.profileType}
      width={30}
      invalid={Boolean(types.error)}
      error={types.error && texts.editor.typesFailed(types.error)}
    >
      <Combobox
        id={id}
        options={options}
        value={selected}
        placeholder={hint}
        invalid={Boolean(types.error)}
        createCustomValue
        onChange={(option) => onChange(option.value)}
        width={38}
      />
    </EditorField>
  );
}

function toOption(type: ProfileType): ComboboxOption {
  const unit = texts.editor.units[type.unit] ?? type.unit;
  return {
    value: type.id,
    label: unit ? texts.editor.withUnit(type.name, unit) : type.name,
    description: type.id,
    group: type.group,
  };
}

/** A type that the range has no profiles of, or a variable. */
function unlisted(value: string): ComboboxOption {
  return value.includes(':') ? toOption(describeProfileType(value)) : { value, label: value };
}
