import { texts } from '../texts';

import { lex, type Token } from './lexer';
import { isOperator, isRegexOperator, type Matcher } from './matcher';
import { regexProblem } from './regex';

/** Something wrong in a selector's text; `from` and `to` are offsets, `to` is exclusive. */
export interface SelectorError {
  message: string;
  from: number;
  to: number;
}

export interface ParsedSelector {
  /** The matchers that could be read, in their order. */
  matchers: Matcher[];
  /** Empty when the selector is well-formed. */
  errors: SelectorError[];
}

const profileTypePattern = /^\w+(:\w+){4}/;

/**
 * Reads a label selector, and goes on after an error, so that what can be read is there while somebody types.
 * The empty text and `{}` select everything.
 */
export function parseSelector(text: string): ParsedSelector {
  const tokens = lex(text);
  const result: ParsedSelector = { matchers: [], errors: [] };
  if (tokens.length === 0) {
    return result;
  }
  const fail = (message: string, token: Pick<Token, 'from' | 'to'>) => {
    result.errors.push({ message, from: token.from, to: token.to });
  };
  const end: Pick<Token, 'from' | 'to'> = { from: Math.max(0, text.length - 1), to: text.length };

  let at = 0;
  const first = tokens[0]!;
  if (first.kind === 'open') {
    at = 1;
  } else if (first.kind === 'name' && tokens[1]?.kind === 'open') {
    // name{…}, as PromQL has it.
    result.matchers.push({ name: '__name__', operator: '=', value: first.text });
    if (profileTypePattern.test(first.text)) {
      // As Pyroscope's render API has it. The name of a profile is only the first part of its type.
      fail(texts.selector.profileType, first);
    }
    at = 2;
  } else {
    fail(texts.selector.noOpeningBrace, first);
  }
  for (;;) {
    const token = tokens[at];
    if (!token) {
      fail(texts.selector.noClosingBrace, end);
      break;
    }
    if (token.kind === 'close') {
      const extra = tokens[at + 1];
      if (extra) {
        fail(texts.selector.afterClosingBrace, { from: extra.from, to: text.length });
      }
      break;
    }
    at = parseMatcher(tokens, at, end, result.matchers, fail);
    const next = tokens[at];
    if (next?.kind === 'comma') {
      at++;
    } else if (next && next.kind !== 'close') {
      if (result.errors.length === 0) {
        fail(texts.selector.noComma, next);
      }
      at = skipToComma(tokens, at);
    }
  }
  return result;
}

function parseMatcher(
  tokens: Token[],
  start: number,
  end: Pick<Token, 'from' | 'to'>,
  matchers: Matcher[],
  fail: (message: string, token: Pick<Token, 'from' | 'to'>) => void
): number {
  const name = tokens[start]!;
  if (name.kind !== 'name' && name.kind !== 'string') {
    fail(texts.selector.noName(name.text), name);
    return start + (name.kind === 'comma' ? 0 : 1);
  }
  if (name.kind === 'string' && !name.terminated) {
    fail(texts.selector.openString, name);
    return start + 1;
  }
  const operator = tokens[start + 1];
  const written = name.value ?? name.text;
  if (!operator || operator.kind !== 'operator' || !isOperator(operator.text)) {
    // A dot ends a bare name; this is the usual reason for an odd token here.
    const dotted = operator?.kind === 'unknown' && operator.from === name.to;
    fail(dotted ? texts.selector.quoteName : texts.selector.noOperator(written), operator ?? end);
    return start + 1;
  }
  const value = tokens[start + 2];
  if (!value || value.kind !== 'string') {
    fail(texts.selector.noValue(written), value ?? end);
    return start + 2;
  }
  if (!value.terminated) {
    fail(texts.selector.openString, value);
    return start + 3;
  }
  const matcher: Matcher = { name: written, operator: operator.text, value: value.value ?? '' };
  matchers.push(matcher);
  const problem = isRegexOperator(matcher.operator) ? regexProblem(matcher.value) : undefined;
  if (problem) {
    fail(texts.selector.badRegex(problem), value);
  }
  return start + 3;
}

function skipToComma(tokens: Token[], from: number): number {
  let at = from;
  while (at < tokens.length && tokens[at]!.kind !== 'comma' && tokens[at]!.kind !== 'close') {
    at++;
  }
  return tokens[at]?.kind === 'comma' ? at + 1 : at;
}
