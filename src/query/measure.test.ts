import { query } from '../test/fixtures';
import { type PyrofrontQuery } from '../types';

import { type Measured, withMeasure } from './measure';

/** The query after one change after another. */
function after(start: Partial<PyrofrontQuery>, ...changes: Array<Partial<PyrofrontQuery>>): PyrofrontQuery {
  const first: Measured = { query: { ...query, ...start }, suggested: false };
  return changes.reduce<Measured>((before, change) => withMeasure(before, { ...before.query, ...change }), first).query;
}

const chosen = { queryType: 'functionSeries' as const };

describe('the measure of functions over time', () => {
  it.each<[string, PyrofrontQuery, PyrofrontQuery['measure']]>([
    ['of no names is self', after({ queryType: 'metrics' }, chosen), 'self'],
    ['of names is total', after({ queryType: 'topFunctions', functions: 'gc' }, chosen), undefined],
    ['is total again once functions are named', after({}, chosen, { functions: 'gc' }), undefined],
    ['is self again once they are not', after({}, chosen, { functions: 'gc' }, { functions: undefined }), 'self'],
    ['is left to who chose total', after({}, chosen, { measure: 'total' }), 'total'],
    [
      'is left to who chose total and then named functions',
      after({}, chosen, { measure: 'total' }, { functions: 'gc' }),
      'total',
    ],
    [
      'is left to who chose self',
      after({ ...chosen, functions: 'gc' }, { measure: 'self' }, { functions: '' }, { functions: 'a' }),
      'self',
    ],
    ['of a saved query stays', after(chosen, { limit: 3 }), undefined],
    ['that was saved as self stays', after({ ...chosen, measure: 'self' }, { functions: 'gc' }), 'self'],
    ['goes with its type', after({}, chosen, { queryType: 'metrics' }), undefined],
  ])('%s', (_, { measure }, expected) => {
    expect(measure).toBe(expected);
  });
});
