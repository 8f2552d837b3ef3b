import { type CodeEditor as GrafanaCodeEditor } from '@grafana/ui';
import React, { type ComponentProps } from 'react';

/** Stands in for Monaco, which needs a real browser. */
export function CodeEditor({ value, onChange, monacoOptions }: ComponentProps<typeof GrafanaCodeEditor>) {
  return (
    <textarea
      aria-label={monacoOptions?.ariaLabel ?? ''}
      value={value}
      onChange={(event) => onChange?.(event.currentTarget.value)}
    />
  );
}
