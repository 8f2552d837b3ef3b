import { texts } from '../texts';

const variable = /\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\]/;
const lookaround = /\(\?<?[=!]/;
const inlineFlags = /\(\?[imsU-]+(:|\))/g;

/**
 * Says what is wrong with a regular expression, or nothing. The server's dialect is RE2; the browser's own is near
 * enough to find open brackets and the like at once, and what RE2 lacks is looked for by itself.
 */
export function regexProblem(pattern: string): string | undefined {
  if (variable.test(pattern)) {
    // Only known when the query runs.
    return undefined;
  }
  if (lookaround.test(pattern)) {
    return texts.selector.lookaround;
  }
  const portable = pattern
    .replace(inlineFlags, (_, end: string) => (end === ':' ? '(?:' : ''))
    .replaceAll('(?P<', '(?<');
  try {
    new RegExp(portable);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // "Invalid regular expression: /(/: Unterminated group"
    return message.slice(message.lastIndexOf(': ') + 2);
  }
}
