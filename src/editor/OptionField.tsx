import { type SelectableValue } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import { Input, RadioButtonGroup, Switch } from '@grafana/ui';
import React, { useState } from 'react';

import { atMostAll } from '../components/atMostAll';
import { CountInput, LinesInput, ListInput } from '../components/DraftInput';
import { MultiPicker } from '../components/MultiPicker';
import { presetLimit } from '../query/limits';
import { exemplarsFor, type Option } from '../query/options';
import { idProblem } from '../query/validate';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

import { BaselineFields } from './BaselineFields';
import { FunctionsField } from './FunctionsField';
import { type OptionsProps } from './OptionsProps';
import { useOffering } from './useOffering';

type FieldProps = OptionsProps & { option: Option };

/** The field of one option. */
export function OptionField(props: FieldProps) {
  switch (props.option) {
    case 'groupBy':
      return <GroupByField {...props} />;
    case 'limit':
    case 'maxNodes':
      return <CountField {...props} option={props.option} />;
    case 'spanSelector':
    case 'traceIdSelector':
    case 'profileIdSelector':
      return <IdsField {...props} option={props.option} />;
    case 'aggregation':
    case 'exemplars':
    case 'measure':
    case 'show':
      return <ChoiceField {...props} option={props.option} />;
    case 'annotations':
      return <AnnotationsField {...props} />;
    case 'callSite':
      return <CallSiteField {...props} />;
    case 'legendFormat':
      return <LegendField {...props} />;
    case 'functions':
      return <FunctionsField {...props} />;
    case 'diff':
      return <BaselineFields {...props} />;
  }
}

function GroupByField({ id, query, source, onRun }: FieldProps) {
  const { label, help, placeholder } = texts.options.groupBy;
  const names = useOffering(source.names);
  return (
    <EditorField label={label} tooltip={help} width={24}>
      <MultiPicker
        id={`${id}-groupBy`}
        label={label}
        offer={names}
        value={query.groupBy.map((name) => ({ value: name, label: name }))}
        placeholder={placeholder}
        isClearable
        onChange={(groupBy) => onRun({ groupBy })}
        minWidth={24}
      />
    </EditorField>
  );
}

function CountField({ id, option, query, app, onChange }: OptionsProps & { option: 'limit' | 'maxNodes' }) {
  const { label, help } = texts.options[option];
  const [valid, setValid] = useState(true);
  return (
    <EditorField
      label={label}
      tooltip={help}
      htmlFor={`${id}-${option}`}
      invalid={!valid}
      error={valid ? undefined : texts.options.badCount}
    >
      <CountInput
        id={`${id}-${option}`}
        value={query[option]}
        placeholder={presetOf(option, query, app)}
        onChange={(count) => onChange({ [option]: count })}
        onValidity={setValid}
        width={26}
      />
    </EditorField>
  );
}

/** What holds where a count is not set. */
function presetOf(option: 'limit' | 'maxNodes', query: PyrofrontQuery, app: OptionsProps['app']): string {
  if (option === 'limit') {
    return presetLimit(query, app)?.toString() ?? texts.options.limit.placeholder;
  }
  // Each step of functions over time has a call tree of its own.
  if (query.queryType === 'functionSeries') {
    return '65536';
  }
  const { placeholder, placeholderOfTop } = texts.options.maxNodes;
  return query.queryType === 'topFunctions' ? placeholderOfTop : placeholder;
}

type IdsFieldProps = OptionsProps & { option: 'spanSelector' | 'traceIdSelector' | 'profileIdSelector' };

function IdsField({ id, option, query, onChange }: IdsFieldProps) {
  const { label, help, placeholder } = texts.options[option];
  const problem = idProblem(option, query);
  return (
    <EditorField label={label} tooltip={`${help} ${texts.options.listHint}`} invalid={Boolean(problem)} error={problem}>
      <ListInput
        id={`${id}-${option}`}
        value={query[option]}
        placeholder={placeholder}
        onChange={(ids) => onChange({ [option]: ids })}
        className={atMostAll}
        width={40}
        spellCheck={false}
      />
    </EditorField>
  );
}

type ChoiceOption = 'aggregation' | 'exemplars' | 'measure' | 'show';

/** What there is to choose, the preset first. */
function choicesOf(option: ChoiceOption, query: PyrofrontQuery): Array<SelectableValue<string>> {
  switch (option) {
    case 'aggregation':
      return choices(['sum', 'average'] as const, texts.options.aggregations);
    case 'exemplars':
      return choices(exemplarsFor(query), texts.options.exemplarKinds);
    case 'measure':
      return choices(['total', 'self'] as const, texts.options.measures);
    case 'show':
      return choices(['share', 'rate', 'value'] as const, texts.options.shows);
  }
}

function choices<T extends string>(values: readonly T[], labels: Record<T, string>) {
  return values.map((value) => ({ value, label: labels[value] }));
}

function ChoiceField({ id, option, query, onRun }: OptionsProps & { option: ChoiceOption }) {
  const { label, help } = texts.options[option];
  const options = choicesOf(option, query);
  return (
    <EditorField label={label} tooltip={help}>
      <RadioButtonGroup<string | undefined>
        id={`${id}-${option}`}
        aria-label={label}
        options={options}
        value={query[option] ?? options[0]?.value}
        onChange={(value) => onRun({ [option]: value })}
      />
    </EditorField>
  );
}

function AnnotationsField({ id, query, onRun }: FieldProps) {
  const { label, help } = texts.options.annotations;
  return (
    <EditorField label={label} tooltip={help}>
      <Switch
        id={`${id}-annotations`}
        value={query.annotations ?? false}
        onChange={(event) => onRun({ annotations: event.currentTarget.checked })}
      />
    </EditorField>
  );
}

function CallSiteField({ id, query, onChange }: FieldProps) {
  const { label, help, placeholder } = texts.options.callSite;
  return (
    <EditorField label={label} tooltip={`${help} ${texts.options.linesHint}`} width={30}>
      <LinesInput
        id={`${id}-callSite`}
        value={query.callSite}
        placeholder={placeholder}
        onChange={(callSite) => onChange({ callSite })}
        spellCheck={false}
      />
    </EditorField>
  );
}

function LegendField({ id, query, onChange }: FieldProps) {
  const { label, help, placeholder } = texts.options.legendFormat;
  return (
    <EditorField label={label} tooltip={help}>
      <Input
        id={`${id}-legendFormat`}
        value={query.legendFormat ?? ''}
        placeholder={placeholder}
        onChange={(event) => onChange({ legendFormat: event.currentTarget.value || undefined })}
        width={24}
        spellCheck={false}
      />
    </EditorField>
  );
}
