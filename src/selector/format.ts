import { type Matcher } from './matcher';

const bareName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const variable = /\$\w+|\$\{[^}]+\}|\[\[[^\]]+\]\]/;

/** Writes a string as Go and PromQL read it, in double quotes. */
export function quote(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** Writes a matcher: `service_name="checkout"`, `"my.label"=~"a|b"`. */
export function formatMatcher({ name, operator, value }: Matcher): string {
  const written = bareName.test(name) || variable.test(name) ? name : quote(name);
  return `${written}${operator}${quote(value)}`;
}

/** Writes a selector: `{}` for no matchers. */
export function formatSelector(matchers: Matcher[]): string {
  return `{${matchers.map(formatMatcher).join(', ')}}`;
}
