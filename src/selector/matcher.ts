/** The four ways a label is compared, as PromQL writes them. */
export const operators = ['=', '!=', '=~', '!~'] as const;

export type Operator = (typeof operators)[number];

export interface Matcher {
  name: string;
  operator: Operator;
  value: string;
}

export function isOperator(text: string): text is Operator {
  return operators.some((operator) => operator === text);
}

export function isRegexOperator(operator: Operator): boolean {
  return operator === '=~' || operator === '!~';
}

/** Escapes what has a meaning in a regular expression (RE2), so that the result matches the text itself. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The text that a regular expression matches and nothing else, if it is of that kind. */
export function literalOf(pattern: string): string | undefined {
  const text = pattern.replace(/\\(.)/g, '$1');
  return escapeRegex(text) === pattern ? text : undefined;
}
