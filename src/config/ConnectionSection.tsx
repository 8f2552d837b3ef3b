import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, Switch } from '@grafana/ui';
import React from 'react';

import { texts } from '../texts';

import { type SectionProps } from './SectionProps';
import { TenantsField } from './TenantsField';
import { addressProblem } from './validate';

/** Where the two services are, whether they are reached over TLS, and whose profiles are read. */
export function ConnectionSection({ jsonData, onChange, readOnly }: SectionProps) {
  return (
    <ConfigSection title={texts.config.connection} description={texts.config.connectionHelp}>
      <AddressField field="metastoreAddress" {...{ jsonData, onChange, readOnly }} />
      <AddressField field="queryBackendAddress" {...{ jsonData, onChange, readOnly }} />
      <Field label={texts.config.tls} description={texts.config.tlsHelp} disabled={readOnly}>
        <Switch
          id="pyrofront-tls"
          value={jsonData.tlsEnabled ?? false}
          onChange={(event) => onChange({ tlsEnabled: event.currentTarget.checked })}
        />
      </Field>
      <TenantsField
        tenants={jsonData.tenants ?? []}
        onChange={(tenants) => onChange({ tenants: tenants.length > 0 ? tenants : undefined })}
        readOnly={readOnly}
      />
    </ConfigSection>
  );
}

type AddressFieldProps = SectionProps & { field: 'metastoreAddress' | 'queryBackendAddress' };

function AddressField({ field, jsonData, onChange, readOnly }: AddressFieldProps) {
  const { label, help, placeholder } = texts.config[field];
  const problem = addressProblem(jsonData[field]);
  return (
    <Field label={label} description={help} invalid={Boolean(problem)} error={problem} disabled={readOnly} required>
      <Input
        id={`pyrofront-${field}`}
        value={jsonData[field] ?? ''}
        placeholder={placeholder}
        onChange={(event) => onChange({ [field]: event.currentTarget.value })}
        onBlur={(event) => onChange({ [field]: event.currentTarget.value.trim() })}
        aria-invalid={Boolean(problem)}
        spellCheck={false}
      />
    </Field>
  );
}
