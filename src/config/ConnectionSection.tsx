import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, Switch, TagsInput } from '@grafana/ui';
import React from 'react';

import { texts } from '../texts';
import { type PyrofrontOptions } from '../types';

import { type ChangeOptions } from './ConfigEditor';
import { addressProblem, tenantsProblem } from './validate';

export interface SectionProps {
  jsonData: PyrofrontOptions;
  onChange: ChangeOptions;
  readOnly: boolean;
}

/** Where the two services are, whether they are reached over TLS, and whose profiles are read. */
export function ConnectionSection({ jsonData, onChange, readOnly }: SectionProps) {
  const problem = tenantsProblem(jsonData.tenants);
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
      <Field
        label={texts.config.tenants}
        description={texts.config.tenantsHelp}
        htmlFor="pyrofront-tenants"
        invalid={Boolean(problem)}
        error={problem}
        disabled={readOnly}
        noMargin
      >
        <TagsInput
          id="pyrofront-tenants"
          tags={jsonData.tenants ?? []}
          placeholder={texts.config.tenantsPlaceholder}
          onChange={(tenants) => onChange({ tenants: tenants.length > 0 ? tenants : undefined })}
          disabled={readOnly}
          autoColors={false}
          addOnBlur
        />
      </Field>
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
