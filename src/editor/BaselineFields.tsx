import { css } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { EditorField } from '@grafana/plugin-ui';
import { type ComboboxOption, Input, useStyles2 } from '@grafana/ui';
import React from 'react';

import { matching } from '../components/matching';
import { Picker } from '../components/Picker';
import { lacksBaseline } from '../query/options';
import { baselineProblem } from '../query/validate';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';
import { type DiffBaseline } from '../types';

import { Hint } from './Hint';
import { type OptionsProps } from './OptionsProps';
import { SelectorCode } from './SelectorCode';
import { variableOptions } from './variableOptions';

function timeShifts(): ComboboxOption[] {
  return Object.entries(texts.options.diff.timeShifts).map(([value, label]) => ({ value, label }));
}

const offerShifts = async (typed: string) => matching([...timeShifts(), ...variableOptions()], typed);

function shiftOption(shift: string | undefined): ComboboxOption | null {
  return shift ? (timeShifts().find(({ value }) => value === shift) ?? { value: shift, label: shift }) : null;
}

/** What a diff compares with: another selector, an earlier range, or both. */
export function BaselineFields({ id, query, source, onChange, onRun }: OptionsProps) {
  const words = texts.options.diff;
  const styles = useStyles2(getStyles);
  const diff = query.diff ?? {};
  const selectorProblem = parseSelector(diff.labelSelector ?? '').errors[0]?.message;
  const rangeProblem = baselineProblem(query);
  const problemOf = (field: 'timeShift' | 'from' | 'to') => (diff[field] ? rangeProblem : undefined);

  return (
    <>
      {lacksBaseline(query) && <Hint text={words.hint} />}
      <EditorField
        label={words.timeShift}
        tooltip={words.timeShiftHelp}
        invalid={Boolean(problemOf('timeShift'))}
        error={problemOf('timeShift')}
      >
        <Picker
          id={`${id}-diff-timeShift`}
          offer={offerShifts}
          value={shiftOption(diff.timeShift)}
          placeholder={words.timeShiftPlaceholder}
          custom
          onChange={(shift) => onRun({ diff: changed(diff, 'timeShift', shift) })}
          onClear={() => onRun({ diff: changed(diff, 'timeShift', '') })}
          width={24}
        />
      </EditorField>
      <div className={styles.selector}>
        <EditorField
          label={words.selector}
          tooltip={words.selectorHelp}
          invalid={Boolean(selectorProblem)}
          error={selectorProblem}
        >
          <SelectorCode
            label={words.selector}
            value={diff.labelSelector ?? ''}
            placeholder={words.selectorPlaceholder}
            source={source}
            onChange={(text) => onChange({ diff: changed(diff, 'labelSelector', text) })}
          />
        </EditorField>
      </div>
      {(['from', 'to'] as const).map((field) => (
        <EditorField
          key={field}
          label={words[field]}
          tooltip={words.rangeHelp}
          invalid={Boolean(problemOf(field))}
          error={problemOf(field)}
        >
          <Input
            id={`${id}-diff-${field}`}
            value={diff[field] ?? ''}
            placeholder={words.rangePlaceholder[field]}
            onChange={(event) => onChange({ diff: changed(diff, field, event.currentTarget.value) })}
            aria-invalid={Boolean(problemOf(field))}
            width={24}
          />
        </EditorField>
      ))}
    </>
  );
}

/** The baseline with one field set; an emptied field is gone, and an empty baseline too. */
function changed(diff: DiffBaseline, field: keyof DiffBaseline, text: string): DiffBaseline | undefined {
  const { [field]: _before, ...others } = diff;
  const next = text.trim() === '' ? others : { ...others, [field]: text };
  return Object.keys(next).length > 0 ? next : undefined;
}

const getStyles = (theme: GrafanaTheme2) => ({
  // An editor has no width of its own, and what is beside it may be narrow.
  selector: css({ width: theme.spacing(44), maxWidth: '100%' }),
});
