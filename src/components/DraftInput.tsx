import { Input, TextArea } from '@grafana/ui';
import React, { type ComponentProps, useEffect, useState } from 'react';

interface DraftProps<Value> {
  value: Value;
  /** Writes a value as text. */
  write: (value: Value) => string;
  /** Reads a text; `undefined` for one that is no value, which is then kept as a draft. */
  read: (text: string) => { value: Value } | undefined;
  onChange: (value: Value) => void;
}

/** Text that is being typed: it is a value most of the time, and kept as it is while it is none. */
function useDraft<Value>({ value, write, read, onChange }: DraftProps<Value>) {
  const written = write(value);
  const [{ draft, of }, setState] = useState({ draft: written, of: written });
  if (of !== written) {
    // The value changed. Where it did so outside of this field, what is typed no longer stands for it.
    const typed = read(draft);
    setState({ draft: typed && write(typed.value) === written ? draft : written, of: written });
  }
  const onType = (text: string) => {
    setState({ draft: text, of });
    const result = read(text);
    if (result && write(result.value) !== written) {
      onChange(result.value);
    }
  };
  return { draft, onType, valid: read(draft) !== undefined };
}

type InputProps = Omit<ComponentProps<typeof Input>, 'value' | 'onChange' | 'invalid'>;

export interface CountInputProps extends InputProps {
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  onValidity?: (valid: boolean) => void;
  /** Takes 0 as well. */
  zeroIsOff?: boolean;
}

/** A field for a whole number above 0, or nothing. Anything else is not passed on. */
export function CountInput({ value, onChange, onValidity, zeroIsOff, ...rest }: CountInputProps) {
  const read = zeroIsOff ? readCountOrZero : readCount;
  const { draft, onType, valid } = useDraft({ value, onChange, write: writeCount, read });
  useEffect(() => onValidity?.(valid), [valid, onValidity]);
  return (
    <Input
      {...rest}
      value={draft}
      inputMode="numeric"
      invalid={!valid}
      aria-invalid={!valid}
      onChange={(event) => onType(event.currentTarget.value)}
    />
  );
}

export interface ListInputProps extends InputProps {
  value: string[] | undefined;
  onChange: (value: string[]) => void;
  invalid?: boolean;
}

/** A field for texts separated by commas or spaces. */
export function ListInput({ value = [], onChange, ...rest }: ListInputProps) {
  const { draft, onType } = useDraft({ value, onChange, write: writeList, read: readList });
  return <Input {...rest} value={draft} onChange={(event) => onType(event.currentTarget.value)} />;
}

export interface LinesInputProps extends Omit<ComponentProps<typeof TextArea>, 'value' | 'onChange'> {
  value: string[] | undefined;
  onChange: (value: string[]) => void;
}

/** A field for texts that may hold anything but line ends: one a line. */
export function LinesInput({ value = [], onChange, ...rest }: LinesInputProps) {
  const { draft, onType } = useDraft({ value, onChange, write: writeLines, read: readLines });
  const rows = Math.max(2, draft.split('\n').length);
  return <TextArea {...rest} rows={rows} value={draft} onChange={(event) => onType(event.currentTarget.value)} />;
}

function writeCount(count: number | undefined): string {
  return count === undefined ? '' : String(count);
}

function readCount(text: string): { value: number | undefined } | undefined {
  const trimmed = text.trim();
  if (trimmed === '') {
    return { value: undefined };
  }
  const count = Number(trimmed);
  return /^\d+$/.test(trimmed) && count > 0 && Number.isSafeInteger(count) ? { value: count } : undefined;
}

function readCountOrZero(text: string): { value: number | undefined } | undefined {
  return /^\s*0+\s*$/.test(text) ? { value: 0 } : readCount(text);
}

function writeList(list: string[]): string {
  return list.join(', ');
}

function readList(text: string): { value: string[] } {
  return { value: text.split(/[\s,]+/).filter(Boolean) };
}

function writeLines(lines: string[]): string {
  return lines.join('\n');
}

function readLines(text: string): { value: string[] } {
  return {
    value: text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
  };
}
