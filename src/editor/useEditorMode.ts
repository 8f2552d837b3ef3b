import { useState } from 'react';

export type EditorMode = 'builder' | 'code';

const key = 'pyrofront.editorMode';

/** How labels are edited, as this user did it last. */
export function useEditorMode(): [EditorMode, (mode: EditorMode) => void] {
  const [mode, setMode] = useState(lastMode);
  const choose = (chosen: EditorMode) => {
    setMode(chosen);
    try {
      window.localStorage.setItem(key, chosen);
    } catch {
      // A browser that stores nothing: the choice holds for this editor.
    }
  };
  return [mode, choose];
}

function lastMode(): EditorMode {
  try {
    return window.localStorage.getItem(key) === 'code' ? 'code' : 'builder';
  } catch {
    return 'builder';
  }
}
