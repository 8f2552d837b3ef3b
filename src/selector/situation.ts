import { lex, type Token } from './lexer';

/** What can stand at the cursor; `from` and `to` bound the text that a choice replaces. */
export type Situation =
  | { kind: 'name'; from: number; to: number; hasOperator: boolean; braces: boolean }
  | { kind: 'operator'; from: number; to: number }
  | { kind: 'value'; name: string; from: number; to: number; string: 'closed' | 'open' | 'missing' }
  | { kind: 'none' };

/** Finds out what the cursor at `offset` stands in or after. */
export function situationAt(text: string, offset: number): Situation {
  const tokens = lex(text);
  if (tokens.length === 0) {
    return { kind: 'name', from: offset, to: offset, hasOperator: false, braces: true };
  }
  const current = tokens.findIndex((token) => isTyped(token) && token.from < offset && reaches(token, offset));
  if (current >= 0) {
    return inside(tokens, current);
  }
  const previous = tokens.filter((token) => token.to <= offset).length - 1;
  return after(tokens, previous, offset);
}

function isTyped(token: Token): boolean {
  return token.kind === 'name' || token.kind === 'string';
}

/** A cursor after a closed string is outside of it; after a name or in an open string it is still in there. */
function reaches(token: Token, offset: number): boolean {
  return token.kind === 'string' && token.terminated ? offset < token.to : offset <= token.to;
}

function inside(tokens: Token[], at: number): Situation {
  const token = tokens[at]!;
  if (token.kind === 'string' && tokens[at - 1]?.kind === 'operator') {
    return {
      kind: 'value',
      name: nameBefore(tokens, at - 1),
      from: token.from + 1,
      to: token.terminated ? token.to - 1 : token.to,
      string: token.terminated ? 'closed' : 'open',
    };
  }
  if (!startsMatcher(tokens, at)) {
    return { kind: 'none' };
  }
  const hasOperator = tokens[at + 1]?.kind === 'operator';
  return { kind: 'name', from: token.from, to: token.to, hasOperator, braces: at === 0 };
}

function after(tokens: Token[], at: number, offset: number): Situation {
  const previous = tokens[at];
  const here = { from: offset, to: offset };
  switch (previous?.kind) {
    case 'open':
    case 'comma':
      return { kind: 'name', ...here, hasOperator: false, braces: false };
    case 'operator':
      return { kind: 'value', ...here, name: nameBefore(tokens, at), string: 'missing' };
    case 'name':
    case 'string':
      return startsMatcher(tokens, at) ? { kind: 'operator', ...here } : { kind: 'none' };
    default:
      return { kind: 'none' };
  }
}

function startsMatcher(tokens: Token[], at: number): boolean {
  const before = tokens[at - 1]?.kind;
  return before === undefined || before === 'open' || before === 'comma';
}

function nameBefore(tokens: Token[], operatorAt: number): string {
  const name = tokens[operatorAt - 1];
  return name?.value ?? name?.text ?? '';
}
