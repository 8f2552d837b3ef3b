import { type PyrofrontQuery } from '../types';

/** A query whose measure may have been chosen for its user, as long as it names no functions. */
export interface Measured {
  query: PyrofrontQuery;
  suggested: boolean;
}

/**
 * The query after a change, with a measure that says something. Without names, the largest totals are those of the roots
 * of stacks: such a query measures self, unless its user or a saved query says otherwise. Once functions are named, what
 * was only suggested is taken back.
 */
export function withMeasure(before: Measured, after: PyrofrontQuery): Measured {
  const { query, suggested } = before;
  const wasUnnamed = query.queryType === 'functionSeries' && !query.functions;
  const isUnnamed = after.queryType === 'functionSeries' && !after.functions;
  if (after.measure !== query.measure) {
    return { query: after, suggested: false };
  }
  if (isUnnamed && !wasUnnamed && after.measure === undefined) {
    return { query: { ...after, measure: 'self' }, suggested: true };
  }
  if (!isUnnamed && wasUnnamed && suggested) {
    const { measure: _suggested, ...rest } = after;
    return { query: rest, suggested: false };
  }
  return { query: after, suggested };
}
