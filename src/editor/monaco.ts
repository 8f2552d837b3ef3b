import { type Monaco, type MonacoEditor, type monacoTypes } from '@grafana/ui';

import { completionsFor, type Completion, type LabelSource } from '../selector/completions';
import { type SelectorError } from '../selector/parse';
import { situationAt } from '../selector/situation';

export const languageId = 'pyrofront-selector';

/** Makes the selector's language known to Monaco, once. */
export function ensureLanguage(monaco: Monaco) {
  if (monaco.languages.getLanguages().some(({ id }) => id === languageId)) {
    return;
  }
  monaco.languages.register({ id: languageId });
  monaco.languages.setMonarchTokensProvider(languageId, highlighting);
  monaco.languages.setLanguageConfiguration(languageId, {
    brackets: [['{', '}']],
    autoClosingPairs: [
      { open: '{', close: '}' },
      { open: '"', close: '"', notIn: ['string'] },
    ],
  });
}

/** Names of labels. Grafana's colour of `tag`, which core's editors have, is too pale to be read on white. */
const name = 'type';

const highlighting: monacoTypes.languages.IMonarchLanguage = {
  tokenizer: {
    root: [
      [/\$\w+|\$\{[^}]*\}|\[\[[^\]]*\]\]/, 'variable'],
      [/[a-zA-Z_]\w*/, name],
      [/"(?:[^"\\]|\\.)*"(?=\s*(=|!))/, name],
      [/"/, 'string', '@string'],
      [/=~|!~|!=|=/, 'delimiter'],
      [/[{}]/, '@brackets'],
      [/,/, 'delimiter'],
    ],
    string: [
      [/\$\w+|\$\{[^}]*\}|\[\[[^\]]*\]\]/, 'variable'],
      [/\\./, 'string.escape'],
      [/"/, 'string', '@pop'],
      [/[^"\\$[]+|[$[]/, 'string'],
    ],
  },
};

/** Completes in one editor: providers are known to all editors of a language, so each looks whether it is meant. */
export function completionProvider(
  editor: MonacoEditor,
  monaco: Monaco,
  source: () => LabelSource
): monacoTypes.languages.CompletionItemProvider {
  return {
    triggerCharacters: ['{', ',', '"', '=', '~', ' '],
    async provideCompletionItems(model, position) {
      if (model.id !== editor.getModel()?.id) {
        return { suggestions: [] };
      }
      const situation = situationAt(model.getValue(), model.getOffsetAt(position));
      try {
        const offers = await completionsFor(situation, source());
        return { suggestions: offers.map((offer, rank) => toItem(offer, rank, model, monaco)) };
      } catch {
        // The pickers show why labels cannot be loaded; while typing, there is just nothing to offer.
        return { suggestions: [] };
      }
    },
  };
}

function toItem(
  offer: Completion,
  rank: number,
  model: monacoTypes.editor.ITextModel,
  monaco: Monaco
): monacoTypes.languages.CompletionItem {
  const { CompletionItemKind, CompletionItemInsertTextRule } = monaco.languages;
  const before = offer.insert.slice(0, offer.cursor);
  const behind = offer.insert.slice(offer.cursor);
  return {
    label: offer.label,
    detail: offer.detail,
    kind: offer.goOn ? CompletionItemKind.Field : CompletionItemKind.Value,
    insertText: behind ? `${escapeSnippet(before)}$0${escapeSnippet(behind)}` : escapeSnippet(before),
    insertTextRules: CompletionItemInsertTextRule.InsertAsSnippet,
    // Monaco filters by the text that would be replaced.
    filterText: offer.label,
    sortText: String(rank).padStart(6, '0'),
    range: rangeOf(model, offer.from, offer.to),
    command: offer.goOn ? { id: 'editor.action.triggerSuggest', title: '' } : undefined,
  };
}

function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** Underlines the errors of a selector. */
export function showErrors(editor: MonacoEditor, monaco: Monaco, errors: SelectorError[]) {
  const model = editor.getModel();
  if (!model) {
    return;
  }
  const markers = errors.map(({ message, from, to }) => ({
    ...rangeOf(model, from, to),
    message,
    severity: monaco.MarkerSeverity.Error,
  }));
  monaco.editor.setModelMarkers(model, languageId, markers);
}

function rangeOf(model: monacoTypes.editor.ITextModel, from: number, to: number): monacoTypes.IRange {
  const start = model.getPositionAt(from);
  const end = model.getPositionAt(to);
  return {
    startLineNumber: start.lineNumber,
    startColumn: start.column,
    endLineNumber: end.lineNumber,
    endColumn: end.column,
  };
}
