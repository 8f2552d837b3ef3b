export type TokenKind = 'open' | 'close' | 'comma' | 'name' | 'operator' | 'string' | 'unknown';

/** A piece of a selector's text; `from` and `to` are offsets, `to` is exclusive. */
export interface Token {
  kind: TokenKind;
  text: string;
  from: number;
  to: number;
  /** A string's content with its escapes resolved. */
  value?: string;
  /** False for a string that has no closing quote. */
  terminated?: boolean;
}

const punctuation: Record<string, TokenKind> = { '{': 'open', '}': 'close', ',': 'comma' };

// A bare label name, or a template variable in its place: $name, ${name}, ${name:format}, [[name]].
const namePattern = /(?:[a-zA-Z_:][a-zA-Z0-9_:]*|\$\w+|\$\{[^}]*\}|\[\[[^\]]*\]\])+/y;
const operatorPattern = /=~|!~|!=|=|!/y;
const spacePattern = /\s+/y;
const unknownPattern = /[^\s{},"'`=!]+|./suy;

/** Cuts a selector into tokens. It never fails: what it does not know becomes an `unknown` token. */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0];
  };
  while (at < text.length) {
    const space = take(spacePattern);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = lexString(text, at) ?? lexPlain(text, at, take);
    tokens.push(token);
    at = token.to;
  }
  return tokens;
}

function lexPlain(text: string, from: number, take: (pattern: RegExp) => string | undefined): Token {
  const mark = punctuation[text.charAt(from)];
  if (mark) {
    return { kind: mark, text: text.charAt(from), from, to: from + 1 };
  }
  const name = take(namePattern);
  if (name) {
    return { kind: 'name', text: name, from, to: from + name.length };
  }
  const operator = take(operatorPattern);
  if (operator) {
    return { kind: operator === '!' ? 'unknown' : 'operator', text: operator, from, to: from + operator.length };
  }
  const rest = take(unknownPattern) ?? text.charAt(from);
  return { kind: 'unknown', text: rest, from, to: from + rest.length };
}

function lexString(text: string, from: number): Token | undefined {
  const quote = text.charAt(from);
  if (quote !== '"' && quote !== "'" && quote !== '`') {
    return undefined;
  }
  // A line ends all but raw strings, as in Prometheus.
  const stops = quote === '`' ? quote : quote + '\n';
  let at = from + 1;
  while (at < text.length && !stops.includes(text.charAt(at))) {
    at += quote !== '`' && text.charAt(at) === '\\' ? 2 : 1;
  }
  const terminated = text.charAt(at) === quote;
  const end = Math.min(at, text.length);
  const content = text.slice(from + 1, end);
  const to = terminated ? end + 1 : end;
  return {
    kind: 'string',
    text: text.slice(from, to),
    from,
    to,
    value: quote === '`' ? content : unescape(content),
    terminated,
  };
}

const simpleEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

const escapePattern = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^xuU])/g;

function unescape(content: string): string {
  return content.replace(escapePattern, (whole, escape: string) => {
    if (escape.length > 1) {
      const code = parseInt(escape.slice(1), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    return simpleEscapes[escape] ?? whole;
  });
}
