import { ConfigSection } from '@grafana/plugin-ui';
import { DataSourcePicker } from '@grafana/runtime';
import { Field } from '@grafana/ui';
import React from 'react';

import { texts } from '../texts';

import { type SectionProps } from './SectionProps';

/** Where exemplars' links to traces lead. */
export function TracesSection({ jsonData, onChange, readOnly }: SectionProps) {
  return (
    <ConfigSection title={texts.config.traces} description={texts.config.tracesHelp}>
      <Field label={texts.config.tracesDataSource} htmlFor="pyrofront-traces" disabled={readOnly} noMargin>
        <DataSourcePicker
          inputId="pyrofront-traces"
          tracing
          noDefault
          current={jsonData.tracesDatasourceUid ?? null}
          onChange={(dataSource) => onChange({ tracesDatasourceUid: dataSource.uid })}
          onClear={readOnly ? undefined : () => onChange({ tracesDatasourceUid: undefined })}
          width={40}
        />
      </Field>
    </ConfigSection>
  );
}
