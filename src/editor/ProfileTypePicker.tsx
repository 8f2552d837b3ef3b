import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import { type ComboboxOption, useStyles2 } from '@grafana/ui';
import React, { useCallback } from 'react';

import { matching } from '../components/matching';
import { Picker } from '../components/Picker';
import { useLatest } from '../components/useLatest';
import { type Loaded } from '../components/useLoaded';
import { describeProfileType, describeProfileTypes, type ProfileType } from '../profiletypes/profileType';
import { texts } from '../texts';
import { type ProfileTypeMessage } from '../types';

import { Hint } from './Hint';
import { variableOptions } from './variableOptions';

export interface ProfileTypePickerProps {
  id: string;
  value: string;
  /** Those of the profiles that are selected. */
  types: Loaded<ProfileTypeMessage[]>;
  /** Whose types they are, where it is one service's. */
  service?: string;
  placeholder?: string;
  onChange: (profileTypeId: string) => void;
  /** Given where there may be no choice. */
  onClear?: () => void;
}

/** Chooses a profile type from those that there are, grouped by kind. Variables and ids can be typed. */
export function ProfileTypePicker({
  id,
  value,
  types,
  service,
  placeholder,
  onChange,
  onClear,
}: ProfileTypePickerProps) {
  const styles = useStyles2(getStyles);
  const ids = types.value?.map((type) => type.id);
  const latest = useLatest(ids);
  const offer = useCallback(
    async (typed: string) =>
      matching([...describeProfileTypes(latest() ?? []).map(toOption), ...variableOptions()], typed),
    [latest]
  );
  // No `loading`: Grafana's icon may stay what it was once that ends.
  const known = ids?.length === 0 ? texts.editor.noTypes : (placeholder ?? texts.editor.chooseType);
  const hint = types.loading && !ids ? texts.loading : known;
  const missing = isId(value) && !types.loading && ids !== undefined && !ids.includes(value);
  return (
    <div>
      <EditorField
        label={texts.editor.profileType}
        width={30}
        htmlFor={id}
        invalid={Boolean(types.error)}
        error={types.error && texts.editor.typesFailed(types.error)}
      >
        <Picker
          id={id}
          offer={offer}
          value={value ? optionOf(value) : null}
          placeholder={hint}
          invalid={Boolean(types.error)}
          custom
          onChange={onChange}
          onClear={onClear}
          width={38}
        />
      </EditorField>
      {missing && (
        <div className={styles.missing}>
          <Hint text={service ? texts.editor.noSuchType(service) : texts.editor.noSuchTypeSelected} warning />
        </div>
      )}
    </div>
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

/** The option of a value, which may be a variable or a type that there is none of. */
function optionOf(value: string): ComboboxOption {
  return isId(value) ? toOption(describeProfileType(value)) : { value, label: value };
}

function isId(value: string): boolean {
  return value.includes(':');
}

const getStyles = (theme: GrafanaTheme2) => ({
  missing: css({ maxWidth: theme.spacing(38), marginTop: theme.spacing(0.5) }),
});
