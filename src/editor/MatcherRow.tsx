import { css } from '@emotion/css';
import { type ComboboxOption, Label, useStyles2 } from '@grafana/ui';
import React, { useMemo } from 'react';

import { Choice } from '../components/Choice';
import { MultiPicker } from '../components/MultiPicker';
import { Picker } from '../components/Picker';
import { unseen } from '../components/unseen';
import { alternatives, joinAlternatives } from '../selector/alternatives';
import { type LabelSource } from '../selector/completions';
import { escapeRegex, isRegexOperator, literalOf, type Operator, operators } from '../selector/matcher';
import { texts } from '../texts';

import { useOffering } from './useOffering';

/** A matcher that may not be finished. */
export interface Draft {
  name?: string;
  operator: Operator;
  value?: string;
}

export interface MatcherRowProps {
  id: string;
  draft: Draft;
  source: LabelSource;
  onChange: (draft: Draft) => void;
}

/** One matcher: label, comparison, value. Regular expressions take several values. */
export function MatcherRow({ id, draft, source, onChange }: MatcherRowProps) {
  const styles = useStyles2(getStyles);
  const load = () => source.values(draft.name ?? '');
  const names = useOffering(source.names);
  const values = useOffering(load);
  const expressions = useOffering(load, escapeRegex);
  const comparisons = useMemo(() => operatorOptions(), []);
  return (
    <>
      <Label htmlFor={`${id}-name`} className={styles.hidden}>
        {texts.editor.label}
      </Label>
      <Picker
        id={`${id}-name`}
        offer={names}
        value={draft.name ?? null}
        placeholder={texts.editor.label}
        // A row without a name has just been added: that is where its writer goes on.
        autoFocus={draft.name === undefined}
        custom
        onChange={(name) => onChange({ operator: draft.operator, name })}
        minWidth={14}
      />
      <Label htmlFor={`${id}-operator`} className={styles.hidden}>
        {texts.editor.comparison}
      </Label>
      <Choice
        id={`${id}-operator`}
        options={comparisons}
        value={draft.operator}
        onChange={(operator) => onChange({ ...draft, operator, value: converted(draft, operator) })}
        // As wide as the longest description: the list is not wider than the field.
        width={16}
      />
      <Label htmlFor={`${id}-value`} className={styles.hidden}>
        {texts.editor.value}
      </Label>
      {isRegexOperator(draft.operator) ? (
        <MultiPicker
          id={`${id}-value`}
          label={texts.editor.value}
          offer={expressions}
          value={alternatives(draft.value ?? '').map((part) => ({ value: part, label: literalOf(part) ?? part }))}
          placeholder={texts.editor.values}
          onChange={(chosen) => onChange({ ...draft, value: joinAlternatives(chosen) })}
          // Room for two values: Grafana counts those that do not fit, and never makes more room for them.
          minWidth={40}
        />
      ) : (
        <Picker
          id={`${id}-value`}
          offer={values}
          value={draft.value ?? null}
          placeholder={texts.editor.value}
          custom
          onChange={(value) => onChange({ ...draft, value })}
          minWidth={20}
        />
      )}
    </>
  );
}

/** The value under another comparison: a plain value becomes a regular expression that matches it, and back. */
function converted({ operator, value }: Draft, next: Operator): string | undefined {
  if (value === undefined || isRegexOperator(operator) === isRegexOperator(next)) {
    return value;
  }
  if (isRegexOperator(next)) {
    return escapeRegex(value);
  }
  return literalOf(value);
}

function operatorOptions(): Array<ComboboxOption<Operator>> {
  return operators.map((operator) => ({
    value: operator,
    label: operator,
    description: texts.selector.operators[operator],
  }));
}

const getStyles = () => ({
  // For screen readers: the row has no room for labels.
  hidden: css(unseen),
});
