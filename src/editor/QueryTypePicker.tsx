import { type CoreApp } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import React, { useMemo } from 'react';

import { Choice } from '../components/Choice';
import { queryTypesFor } from '../query/options';
import { texts } from '../texts';
import { type QueryType } from '../types';

export interface QueryTypePickerProps {
  id: string;
  value: QueryType;
  app: CoreApp | undefined;
  onChange: (queryType: QueryType) => void;
}

/** Chooses what the query asks for, among what this part of Grafana can show. */
export function QueryTypePicker({ id, value, app, onChange }: QueryTypePickerProps) {
  const options = useMemo(() => queryTypesFor(app).map((type) => ({ value: type, ...texts.query.types[type] })), [app]);
  return (
    <EditorField label={texts.editor.queryType} width={16}>
      <Choice
        id={id}
        options={options}
        value={value}
        onChange={onChange}
        // Room for the longest description: the list is as wide as the field, and cuts them.
        width={30}
      />
    </EditorField>
  );
}
