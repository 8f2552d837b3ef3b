/**
 * Splits a regular expression at its outermost `|`: `a\|b|c(d|e)` is `a\|b` and `c(d|e)`, and so is the same in brackets,
 * which several values of a variable have. Empty for the empty one.
 */
export function alternatives(pattern: string): string[] {
  const inside = /^\((?!\?)(.*)\)$/s.exec(pattern)?.[1];
  // Brackets that do not belong together leave an open one: (a)|(b)
  return inside !== undefined && isBalanced(inside) ? split(inside) : split(pattern);
}

function isBalanced(pattern: string): boolean {
  let depth = 0;
  for (const [bracket] of pattern.matchAll(/\\.|\[(?:\\.|[^\]\\])*\]|[()]/gs)) {
    depth += bracket === '(' ? 1 : bracket === ')' ? -1 : 0;
    if (depth < 0) {
      return false;
    }
  }
  return depth === 0;
}

function split(pattern: string): string[] {
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
