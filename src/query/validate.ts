import { parseSelector } from '../selector/parse';
import { regexProblem } from '../selector/regex';
import { texts } from '../texts';
import { type PyrofrontQuery } from '../types';

const variable = /\$|\[\[/;

const idForms = {
  spanSelector: /^[0-9a-f]{16}$/i,
  traceIdSelector: /^[0-9a-f]{32}$/i,
  profileIdSelector: /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i,
};

/** The fields that hold ids of a fixed form. */
export type IdField = keyof typeof idForms;

/** Says what is wrong with the ids of a field, if something is. Template variables may stand for an id. */
export function idProblem(field: IdField, query: Partial<Pick<PyrofrontQuery, IdField>>): string | undefined {
  const wrong = query[field]?.find((id) => !variable.test(id) && !idForms[field].test(id));
  if (wrong !== undefined) {
    return texts.options.badId[field](wrong);
  }
  const both = Boolean(query.spanSelector?.length && query.traceIdSelector?.length);
  return both && field !== 'profileIdSelector' ? texts.options.spansAndTraces : undefined;
}

/** Says what is wrong with what is typed into a query, if something is: it would not run. */
export function queryProblem(query: PyrofrontQuery): string | undefined {
  const selectors = [query.labelSelector, query.diff?.labelSelector ?? ''];
  return (
    selectors.map((selector) => parseSelector(selector).errors[0]?.message).find(Boolean) ??
    (Object.keys(idForms) as IdField[]).map((field) => idProblem(field, query)).find(Boolean) ??
    functionsProblem(query.functions) ??
    baselineProblem(query)
  );
}

/** Says what is wrong with the function filter, if something is. */
export function functionsProblem(functions: string | undefined): string | undefined {
  const problem = functions ? regexProblem(functions) : undefined;
  return problem && texts.selector.badRegex(problem);
}

/** Says what is wrong with the baseline of a diff, if something is. */
export function baselineProblem({ diff }: PyrofrontQuery): string | undefined {
  if (!diff) {
    return undefined;
  }
  if (diff.timeShift && (diff.from || diff.to)) {
    return texts.options.shiftAndRange;
  }
  if (diff.timeShift && !variable.test(diff.timeShift) && !isDuration(diff.timeShift)) {
    return texts.options.badTimeShift(diff.timeShift);
  }
  if (Boolean(diff.from) !== Boolean(diff.to)) {
    return texts.options.halfRange;
  }
  const wrong = [diff.from, diff.to].find((time) => time && !isTime(time));
  return wrong && texts.options.badTime(wrong);
}

/** Grafana's times: `now-1d`, RFC 3339, or milliseconds since the epoch. */
function isTime(text: string): boolean {
  return variable.test(text) || /^(\d+|now.*|\d{4}-\d\d-\d\dT.*)$/.test(text.trim());
}

/**
 * Whether a text is a duration that the backend reads: days and longer ones alone, shorter ones in any number. Grafana's
 * own reader takes `1d12h` and `90` too.
 */
export function isDuration(text: string): boolean {
  return /^\d+[dwMy]$|^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text) && /[1-9]/.test(text);
}
