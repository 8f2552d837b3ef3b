/** Splits a regular expression at its outermost `|`: `a\|b|c(d|e)` is `a\|b` and `c(d|e)`. Empty for the empty one. */
export function alternatives(pattern: string): string[] {
  if (pattern === '') {
    return [];
  }
  const parts = [''];
  let depth = 0;
  let inClass = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '|' && depth === 0 && !inClass) {
      parts.push('');
      continue;
    }
    const escaped = char === '\\';
    parts[parts.length - 1] += escaped ? pattern.slice(at, at + 2) : char;
    if (escaped) {
      at++;
    } else if (inClass) {
      inClass = char !== ']';
    } else {
      inClass = char === '[';
      depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    }
  }
  return parts;
}

/** Joins alternatives; none at all is no value yet. */
export function joinAlternatives(parts: string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join('|');
}
