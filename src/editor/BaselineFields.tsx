import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React from 'react';

import { baselineProblem } from '../query/validate';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';
import { type DiffBaseline } from '../types';

import { type OptionsProps } from './OptionsRow';
import { SelectorCode } from './SelectorCode';

/** What a diff compares with: another selector, an earlier range, or both. */
export function BaselineFields({ id, query, source, onChange }: OptionsProps) {
  const words = texts.options.diff;
  const diff = query.diff ?? {};
  const selectorProblem = parseSelector(diff.labelSelector ?? '').errors[0]?.message;
  const rangeProblem = baselineProblem(query);
  const change = (field: keyof DiffBaseline, text: string) => onChange({ diff: changed(diff, field, text) });

  const field = (
    name: 'timeShift' | 'from' | 'to',
    label: string,
    help: string,
    placeholder: string,
    width: number
  ) => (
    <EditorField
      label={label}
      tooltip={help}
      invalid={Boolean(rangeProblem) && Boolean(diff[name])}
      error={diff[name] && rangeProblem}
    >
      <Input
        id={`${id}-diff-${name}`}
        value={diff[name] ?? ''}
        placeholder={placeholder}
        onChange={(event) => change(name, event.currentTarget.value)}
        width={width}
      />
    </EditorField>
  );

  return (
    <>
      <EditorField
        label={words.selector}
        tooltip={words.selectorHelp}
        width={44}
        invalid={Boolean(selectorProblem)}
        error={selectorProblem}
      >
        <SelectorCode
          label={words.selector}
          value={diff.labelSelector ?? ''}
          source={source}
          onChange={(text) => change('labelSelector', text)}
        />
      </EditorField>
      {field('timeShift', words.timeShift, words.timeShiftHelp, words.timeShiftPlaceholder, 18)}
      {field('from', words.from, words.rangeHelp, words.rangePlaceholder, 28)}
      {field('to', words.to, words.rangeHelp, words.rangePlaceholder, 28)}
    </>
  );
}

/** The baseline with one field set; an emptied field is gone, and an empty baseline too. */
function changed(diff: DiffBaseline, field: keyof DiffBaseline, text: string): DiffBaseline | undefined {
  const { [field]: _before, ...others } = diff;
  const next = text.trim() === '' ? others : { ...others, [field]: text };
  return Object.keys(next).length > 0 ? next : undefined;
}
