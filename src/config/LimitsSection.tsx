import { ConfigSection } from '@grafana/plugin-ui';
import { Field, Input, Switch } from '@grafana/ui';
import React, { useState } from 'react';

import { CountInput } from '../components/DraftInput';
import { texts } from '../texts';
import { type PyrofrontOptions } from '../types';

import { type SectionProps } from './SectionProps';
import { durationProblem } from './validate';

/** Limits that keep one query from asking too much of the cluster. */
export function LimitsSection(props: SectionProps) {
  return (
    <ConfigSection
      title={texts.config.limits}
      description={texts.config.limitsHelp}
      isCollapsible
      isInitiallyOpen={false}
    >
      <DurationField {...props} field="timeout" />
      <CountField {...props} field="maxConcurrentQueries" />
      <DurationField {...props} field="maxQueryLength" zeroIsOff />
      <DurationField {...props} field="maxQueryLookback" zeroIsOff />
      <DurationField {...props} field="minStep" />
      <CountField {...props} field="maxNodesDefault" />
      <CountField {...props} field="maxNodesMax" />
      <CountField {...props} field="maxMessageBytes" />
      <CountField {...props} field="maxMemoryBytes" />
      <PartialAnswersField {...props} />
    </ConfigSection>
  );
}

type DurationFieldProps = SectionProps & {
  field: 'timeout' | 'maxQueryLength' | 'maxQueryLookback' | 'minStep';
  zeroIsOff?: boolean;
};

function DurationField({ field, zeroIsOff = false, jsonData, onChange, readOnly }: DurationFieldProps) {
  const { label, help, placeholder } = texts.config[field];
  const problem = durationProblem(jsonData[field], zeroIsOff);
  return (
    <Field label={label} description={help} invalid={Boolean(problem)} error={problem} disabled={readOnly}>
      <Input
        id={`pyrofront-${field}`}
        value={jsonData[field] ?? ''}
        placeholder={placeholder}
        onChange={(event) => onChange({ [field]: event.currentTarget.value.trim() })}
        aria-invalid={Boolean(problem)}
        width={20}
      />
    </Field>
  );
}

type CountFieldProps = SectionProps & {
  field: 'maxConcurrentQueries' | 'maxNodesDefault' | 'maxNodesMax' | 'maxMessageBytes' | 'maxMemoryBytes';
};

function CountField({ field, jsonData, onChange, readOnly }: CountFieldProps) {
  const { label, help, placeholder, unit } = texts.config[field];
  const [valid, setValid] = useState(true);
  return (
    <Field
      label={label}
      description={help}
      invalid={!valid}
      error={valid ? undefined : texts.options.badCount}
      disabled={readOnly}
    >
      <CountInput
        id={`pyrofront-${field}`}
        value={jsonData[field]}
        placeholder={placeholder}
        onChange={(count) => onChange({ [field]: count } as Partial<PyrofrontOptions>)}
        onValidity={setValid}
        suffix={unit}
        width={20}
      />
    </Field>
  );
}

function PartialAnswersField({ jsonData, onChange, readOnly }: SectionProps) {
  const { label, help } = texts.config.partialAnswers;
  return (
    <Field label={label} description={help} disabled={readOnly}>
      <Switch
        id="pyrofront-partialAnswers"
        value={jsonData.partialAnswers ?? false}
        onChange={(event) => onChange({ partialAnswers: event.currentTarget.checked || undefined })}
      />
    </Field>
  );
}
