import { type FocusEvent, type KeyboardEvent, useRef } from 'react';

import { queryProblem } from '../query/validate';
import { type PyrofrontQuery } from '../types';

/**
 * Runs what was typed: with Enter in a field of one line, and on leaving any field. What is wrong waits until it is put
 * right. Shift+Enter runs the query from anywhere, as it is.
 */
export function useTyping(query: PyrofrontQuery, onRunQuery: () => void) {
  const typed = useRef(false);
  const run = () => {
    typed.current = false;
    onRunQuery();
  };
  const runTyped = () => {
    if (typed.current && !queryProblem(query)) {
      run();
    }
  };
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && event.shiftKey) {
      event.preventDefault();
      event.stopPropagation();
      run();
    }
  };
  const onKeyDown = ({ key, target }: KeyboardEvent) => {
    if (key === 'Enter' && target instanceof HTMLInputElement) {
      runTyped();
    }
  };
  const onBlur = ({ target }: FocusEvent) => {
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) {
      runTyped();
    }
  };
  const onType = () => {
    typed.current = true;
  };
  return { run, onType, handlers: { onKeyDownCapture, onKeyDown, onBlur } };
}
