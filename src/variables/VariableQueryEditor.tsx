import { type QueryEditorProps } from '@grafana/data';
import { EditorField, EditorRow, EditorRows } from '@grafana/plugin-ui';
import React, { useCallback, useId, useMemo } from 'react';

import { Choice } from '../components/Choice';
import { Picker } from '../components/Picker';
import { useChanges } from '../components/useChanges';
import { useLoaded } from '../components/useLoaded';
import { useRange } from '../components/useRange';
import { useSettled } from '../components/useSettled';
import { type EditedDataSource } from '../labels/LabelAPI';
import { ProfileTypePicker } from '../editor/ProfileTypePicker';
import { SelectorCode } from '../editor/SelectorCode';
import { useLabelSource } from '../editor/useLabelSource';
import { useOffering } from '../editor/useOffering';
import { selectedService, serviceLabel, serviceSelector } from '../selector/edit';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';
import { type PyrofrontOptions, type PyrofrontQuery, type VariableQuery } from '../types';

export type Props = QueryEditorProps<EditedDataSource, PyrofrontQuery, PyrofrontOptions, VariableQuery>;

const types: Array<VariableQuery['type']> = ['profileType', 'label', 'labelValue'];

/** Edits what a template variable lists. */
export function VariableQueryEditor({ datasource, query, onChange, ...props }: Props) {
  const id = useId();
  const range = useRange(props.range);
  const scope = useSettled(serviceSelector(query.labelSelector ?? ''));
  const profileTypes = useLoaded(
    useCallback(() => datasource.getProfileTypes(range, scope), [datasource, range, scope])
  );
  const source = useLabelSource(datasource, query, range);
  const names = useOffering(source.names);
  const change = useChanges<VariableQuery>(query, onChange);
  const typeOptions = useMemo(() => types.map((value) => ({ value, ...texts.variable.types[value] })), []);
  const ofLabels = query.type === 'label' || query.type === 'labelValue';
  const problem = parseSelector(query.labelSelector ?? '').errors[0]?.message;

  return (
    <EditorRows>
      <EditorRow>
        <EditorField label={texts.variable.type}>
          <Choice
            id={`${id}-type`}
            options={typeOptions}
            value={query.type ?? null}
            onChange={(type) =>
              change(type === 'labelValue' ? { type, labelName: query.labelName || serviceLabel } : { type })
            }
            width={24}
          />
        </EditorField>
        {query.type === 'labelValue' && (
          <EditorField label={texts.variable.label}>
            <Picker
              id={`${id}-label`}
              offer={names}
              value={query.labelName ?? null}
              custom
              onChange={(labelName) => change({ labelName })}
              width={24}
            />
          </EditorField>
        )}
        {ofLabels && (
          <ProfileTypePicker
            id={`${id}-profile-type`}
            value={query.profileTypeId ?? ''}
            types={profileTypes}
            placeholder={texts.variable.anyType}
            service={selectedService(scope)}
            onChange={(profileTypeId) => change({ profileTypeId })}
            onClear={() => change({ profileTypeId: '' })}
          />
        )}
      </EditorRow>
      {query.type && (
        <EditorRow>
          <EditorField label={texts.variable.selector} width={60} invalid={Boolean(problem)} error={problem}>
            <SelectorCode
              label={texts.variable.selector}
              value={query.labelSelector ?? ''}
              placeholder={texts.editor.everything}
              source={source}
              onChange={(labelSelector) => change({ labelSelector })}
            />
          </EditorField>
        </EditorRow>
      )}
    </EditorRows>
  );
}
