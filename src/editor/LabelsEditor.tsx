import React from 'react';

import { type LabelSource } from '../selector/completions';
import { texts } from '../texts';

import { LabelBuilder } from './LabelBuilder';
import { SelectorCode } from './SelectorCode';
import { type EditorMode } from './useEditorMode';

export interface LabelsEditorProps {
  id: string;
  mode: EditorMode;
  selector: string;
  source: LabelSource;
  onType: (selector: string) => void;
  onChoose: (selector: string) => void;
  /** Given by the field around it. */
  invalid?: boolean;
}

/** Edits a selector in one of the two modes. */
export function LabelsEditor({ id, mode, selector, source, onType, onChoose, invalid }: LabelsEditorProps) {
  return (
    <div role="group" aria-label={texts.editor.labels}>
      {mode === 'code' ? (
        <SelectorCode
          label={texts.editor.labels}
          value={selector}
          source={source}
          placeholder={texts.editor.everything}
          onChange={onType}
          invalid={invalid}
        />
      ) : (
        <LabelBuilder id={id} selector={selector} source={source} onChange={onChoose} />
      )}
    </div>
  );
}
