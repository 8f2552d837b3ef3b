import { type CodeEditor as GrafanaCodeEditor, type Monaco, type MonacoEditor } from '@grafana/ui';
import { act, render } from '@testing-library/react';
import React, { type ComponentProps } from 'react';

import { type LabelSource } from '../selector/completions';

import { languageId } from './monaco';
import { SelectorCode } from './SelectorCode';

type CodeEditorProps = ComponentProps<typeof GrafanaCodeEditor>;

let shown: CodeEditorProps;

jest.mock('@grafana/ui', () => ({
  ...jest.requireActual<object>('@grafana/ui'),
  CodeEditor: (props: CodeEditorProps) => {
    shown = props;
    return null;
  },
}));

interface Suggestion {
  label: string;
  insertText: string;
  range: { startColumn: number; endColumn: number };
}

interface Provider {
  provideCompletionItems: (model: unknown, position: unknown) => Promise<{ suggestions: Suggestion[] }>;
}

/** As much of Monaco as the field uses, for one line of text. */
function fakeMonaco(text: string) {
  const dispose = jest.fn();
  const languages: Array<{ id: string }> = [];
  const state = {
    provider: undefined as Provider | undefined,
    keyDown: (_event: unknown) => {},
    markers: [] as Array<{ message: string; startColumn: number; endColumn: number }>,
    dom: document.createElement('div'),
    width: 600,
    layOut: () => {},
    dispose,
    languages,
  };
  const model = {
    id: 'model',
    getValue: () => text,
    getOffsetAt: ({ column }: { column: number }) => column - 1,
    getPositionAt: (offset: number) => ({ lineNumber: 1, column: offset + 1 }),
  };
  const editor = {
    getModel: () => model,
    // Without a width, every character is a line.
    getContentHeight: () => (state.width > 0 ? 48 : 485),
    getLayoutInfo: () => ({ contentWidth: state.width }),
    getDomNode: () => state.dom,
    onDidContentSizeChange: () => ({ dispose }),
    onDidLayoutChange: (handler: () => void) => {
      state.layOut = handler;
      return { dispose };
    },
    onKeyDown: (handler: typeof state.keyDown) => {
      state.keyDown = handler;
      return { dispose };
    },
  };
  const monaco = {
    KeyCode: { Tab: 2 },
    MarkerSeverity: { Error: 8 },
    languages: {
      CompletionItemKind: { Field: 3, Value: 13 },
      CompletionItemInsertTextRule: { InsertAsSnippet: 4 },
      getLanguages: () => languages,
      register: (language: { id: string }) => languages.push(language),
      setMonarchTokensProvider: jest.fn(),
      setLanguageConfiguration: jest.fn(),
      registerCompletionItemProvider: (_language: string, provider: Provider) => {
        state.provider = provider;
        return { dispose };
      },
    },
    editor: {
      setModelMarkers: (_model: unknown, _owner: string, markers: typeof state.markers) => {
        state.markers = markers;
      },
    },
  };
  return { ...state, state, model, editor: editor as unknown as MonacoEditor, monaco: monaco as unknown as Monaco };
}

const source: LabelSource = {
  names: async () => ['pod', '$odd'],
  values: async () => ['cart-1'],
};

function mount(text: string, labels: LabelSource = source, width = 600) {
  const fake = fakeMonaco(text);
  fake.state.width = width;
  const onChange = jest.fn();
  const view = render(<SelectorCode label="Labels" value={text} source={labels} onChange={onChange} />);
  act(() => {
    shown.onBeforeEditorMount?.(fake.monaco);
    shown.onEditorDidMount?.(fake.editor, fake.monaco);
  });
  const complete = async (column: number, model: unknown = fake.model) =>
    (await fake.state.provider!.provideCompletionItems(model, { column })).suggestions;
  return { ...fake, view, onChange, complete };
}

it('makes the language known once', () => {
  const { monaco, languages } = mount('{}');
  shown.onBeforeEditorMount?.(monaco);
  expect(languages).toEqual([{ id: languageId }]);
});

it('completes in its own text only', async () => {
  const { complete } = mount('{}');
  expect(await complete(2)).toMatchObject([
    { label: 'pod', insertText: 'pod="$0"', range: { startColumn: 2, endColumn: 2 } },
    { label: '$odd', insertText: '"\\$odd"="$0"' },
  ]);
  expect(await complete(2, { id: 'another editor' })).toEqual([]);
});

it('offers nothing where labels cannot be loaded', async () => {
  const failing = { ...source, names: () => Promise.reject(new Error('down')) };
  expect(await mount('{}', failing).complete(2)).toEqual([]);
});

it('underlines errors, also those of a later text', () => {
  const { state, view } = mount('{a=}');
  expect(state.markers).toMatchObject([{ startColumn: 4, endColumn: 5 }]);
  view.rerender(<SelectorCode label="Labels" value="{}" source={source} onChange={() => {}} />);
  expect(state.markers).toEqual([]);
});

it('lets Tab leave the field, unless it takes a completion', () => {
  const { state, dom } = mount('{}');
  const press = (keyCode: number) => {
    const event = { keyCode, stopPropagation: jest.fn() };
    state.keyDown(event);
    return event.stopPropagation.mock.calls.length > 0;
  };
  expect(press(2)).toBe(true);
  expect(press(3)).toBe(false);
  dom.innerHTML = '<div class="suggest-widget visible"></div>';
  expect(press(2)).toBe(false);
});

it('passes on what is typed to the last handler, and fits its text', () => {
  const { view } = mount('{}');
  const later = jest.fn();
  const first = shown.onChange;
  view.rerender(<SelectorCode label="Labels" value="{}" source={source} onChange={later} />);
  first?.('{a="b"}');
  expect(later).toHaveBeenCalledWith('{a="b"}');
  expect(shown.height).toBe(50);
  expect(shown.monacoOptions?.ariaLabel).toBe('Labels');
  // A brace in place of a selected selector begins a new one.
  expect(shown.monacoOptions?.autoSurround).toBe('never');
});

it('is as high as its lines, once it has a width', () => {
  const { state } = mount('{}', source, 0);
  expect(shown.height).toBe(30);
  state.width = 600;
  act(() => state.layOut());
  expect(shown.height).toBe(50);
});

it('cleans up', () => {
  const { view, dispose } = mount('{}');
  view.unmount();
  expect(dispose).toHaveBeenCalledTimes(4);
});
