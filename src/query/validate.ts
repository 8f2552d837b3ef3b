import { rangeUtil } from '@grafana/data';

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

/** Says which id has not its form, if one has not. Template variables may stand for an id. */
export function idProblem(field: IdField, ids: string[] | undefined): string | undefined {
  const wrong = ids?.find((id) => !variable.test(id) && !idForms[field].test(id));
  return wrong === undefined ? undefined : texts.options.badId[field](wrong);
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
  if (diff.timeShift && !isDuration(diff.timeShift)) {
    return texts.options.badTimeShift(diff.timeShift);
  }
  if (Boolean(diff.from) !== Boolean(diff.to)) {
    return texts.options.halfRange;
  }
  return undefined;
}

/** Whether a text is a duration such as `90s` or `1d`, or holds a variable. */
export function isDuration(text: string): boolean {
  if (variable.test(text)) {
    return true;
  }
  try {
    return rangeUtil.intervalToMs(text) > 0;
  } catch {
    return false;
  }
}
