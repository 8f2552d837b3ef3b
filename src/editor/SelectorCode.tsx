import { css, cx } from '@emotion/css';
import { type GrafanaTheme2 } from '@grafana/data';
import { CodeEditor, type Monaco, type MonacoEditor, useStyles2 } from '@grafana/ui';
import React, { useEffect, useRef, useState } from 'react';

import { useLatest } from '../components/useLatest';
import { type LabelSource } from '../selector/completions';
import { parseSelector, type SelectorError } from '../selector/parse';

import { completionProvider, ensureLanguage, languageId, showErrors } from './monaco';

export interface SelectorCodeProps {
  /** What screen readers call the field. */
  label: string;
  value: string;
  source: LabelSource;
  /** What an empty field stands for. */
  placeholder?: string;
  onChange: (selector: string) => void;
  /** Given by the field around it. */
  invalid?: boolean;
}

/** Pixels: narrower than any place for the editor. */
const leastWidth = 60;

/** Edits a selector as text, with highlighting and completion. Tab leaves the field. */
export function SelectorCode({ label, value, source, placeholder, onChange, invalid }: SelectorCodeProps) {
  const styles = useStyles2(getStyles);
  const mounted = useRef<{ editor: MonacoEditor; monaco: Monaco; dispose: () => void } | undefined>(undefined);
  const [height, setHeight] = useState(30);
  // Monaco keeps the functions of the first render; they must see the last props.
  const latest = useLatest({ source, onChange });

  useEffect(() => () => mounted.current?.dispose(), []);
  useEffect(() => mark(parseSelector(value).errors), [value]);

  function mark(errors: SelectorError[]) {
    if (mounted.current) {
      showErrors(mounted.current.editor, mounted.current.monaco, errors);
    }
  }

  const onMount = (editor: MonacoEditor, monaco: Monaco) => {
    const fit = () => {
      // Before it is laid out it has no width, every character is a line, and its height would be that of all of them.
      if (editor.getLayoutInfo().contentWidth >= leastWidth) {
        setHeight(editor.getContentHeight() + 2);
      }
    };
    const parts = [
      monaco.languages.registerCompletionItemProvider(
        languageId,
        completionProvider(editor, monaco, () => latest().source)
      ),
      editor.onDidContentSizeChange(fit),
      editor.onDidLayoutChange(fit),
      editor.onKeyDown((event) => {
        // A field of a form: Tab goes on to the next, unless it takes a completion.
        const choosing = editor.getDomNode()?.querySelector('.suggest-widget.visible');
        if (event.keyCode === monaco.KeyCode.Tab && !choosing) {
          event.stopPropagation();
        }
      }),
    ];
    mounted.current = { editor, monaco, dispose: () => parts.forEach((part) => part.dispose()) };
    mark(parseSelector(value).errors);
    fit();
  };

  return (
    <div className={cx(styles.field, invalid && styles.invalid)}>
      {value === '' && (
        <span aria-hidden className={styles.placeholder}>
          {placeholder}
        </span>
      )}
      <CodeEditor
        value={value}
        language={languageId}
        height={height}
        onBeforeEditorMount={ensureLanguage}
        onEditorDidMount={onMount}
        onChange={(text) => latest().onChange(text)}
        showMiniMap={false}
        showLineNumbers={false}
        monacoOptions={{
          ariaLabel: label,
          // A brace that replaces what is selected begins a new selector: the old one does not go inside.
          autoSurround: 'never',
          folding: false,
          fontSize: 14,
          glyphMargin: false,
          lineDecorationsWidth: 8,
          lineNumbersMinChars: 0,
          overviewRulerLanes: 0,
          padding: { top: 4, bottom: 4 },
          renderLineHighlight: 'none',
          scrollbar: { vertical: 'hidden', horizontal: 'hidden', alwaysConsumeMouseWheel: false },
          scrollBeyondLastLine: false,
          suggestFontSize: 12,
          wordWrap: 'on',
          fixedOverflowWidgets: true,
        }}
      />
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  // The code editor brings its border. It takes a moment to load: its place is kept. It is as wide as it was drawn last,
  // which must not be the least that the field can be: what is around it could never become narrower.
  field: css({ position: 'relative', width: '100%', minHeight: theme.spacing(4), contain: 'inline-size' }),
  invalid: css({ outline: `1px solid ${theme.colors.error.border}`, borderRadius: theme.shape.radius.default }),
  // Monaco has none of its own.
  placeholder: css({
    position: 'absolute',
    zIndex: 1,
    padding: theme.spacing(0, 1),
    lineHeight: theme.spacing(4),
    color: theme.colors.text.disabled,
    pointerEvents: 'none',
  }),
});
