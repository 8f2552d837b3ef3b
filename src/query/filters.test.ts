import { type PyrofrontQuery } from '../types';

import { filtered, filterProblem, withFilters } from './filters';

describe('withFilters', () => {
  it('leaves a selector that cannot be read to the backend to refuse', () => {
    expect(withFilters('{s="x", pod=', [{ key: 'zone', operator: '=', value: 'a' }])).toBe('{s="x", pod=');
  });

  it.each([
    [[{ key: 'pod', operator: '=', value: 'a' }], '{s="x", pod="a"}'],
    [[{ key: 'pod', operator: '!~', value: 'a.*' }], '{s="x", pod!~"a.*"}'],
    [[{ key: 'pod', operator: '=|', value: 'a.b', values: ['a.b', 'c'] }], '{s="x", pod=~"a\\\\.b|c"}'],
    [[{ key: 'pod', operator: '!=|', value: 'a' }], '{s="x", pod!~"a"}'],
    // A filter narrows: it never takes the place of the panel's own matcher.
    [[{ key: 's', operator: '!=', value: 'y' }], '{s="x", s!="y"}'],
    [[{ key: 's', operator: '=', value: 'x' }], '{s="x"}'],
    [
      [
        { key: 'pod', operator: '!=', value: 'a' },
        { key: 'pod', operator: '!=', value: 'b' },
      ],
      '{s="x", pod!="a", pod!="b"}',
    ],
    // Left to the backend to refuse, rather than to show what was not filtered.
    [[{ key: 'pod', operator: '>', value: '1' }], '{"pod" > "1"}'],
    // Somebody is writing it.
    [[{ key: '', operator: '=', value: 'a' }], '{s="x"}'],
    [[{ key: 'pod', operator: '=', value: '' }], '{s="x"}'],
    [[{ key: 'pod', operator: '=|', value: '', values: [] }], '{s="x"}'],
    [[{ key: 'a.b', operator: '=', value: 'q"' }], '{s="x", "a.b"="q\\""}'],
    [undefined, '{s="x"}'],
  ])('%j', (filters, expected) => {
    expect(withFilters('{s="x"}', filters)).toBe(expected);
  });
});

describe('filterProblem', () => {
  it.each(['<', '>', '<=', '>='])('%s is refused, with what is allowed', (operator) => {
    const problem = filterProblem([{ key: 'pod', operator, value: '5' }]);
    expect(problem).toContain(`pod ${operator} 5`);
    expect(problem).toContain('=, !=, =~, !~');
  });

  it.each(['=', '!=', '=~', '!~', '=|', '!=|'])('%s is not', (operator) => {
    expect(filterProblem([{ key: 'pod', operator, value: '5' }])).toBeUndefined();
  });

  it('has nothing to say of none, and of an unfinished one', () => {
    expect(filterProblem(undefined)).toBeUndefined();
    expect(filterProblem([{ key: '', operator: '<', value: '5' }])).toBeUndefined();
  });
});

describe('filtered', () => {
  const query: PyrofrontQuery = {
    refId: 'A',
    queryType: 'diff',
    profileTypeId: 'a:b:c:d:e',
    labelSelector: '{s="x"}',
    groupBy: [],
  };
  const filters = [{ key: 'pod', operator: '=', value: 'a' }];

  it('narrows both sides of a diff', () => {
    const diff = { labelSelector: '{s="y"}', timeShift: '1d' };
    expect(filtered({ ...query, diff }, filters)).toEqual({
      ...query,
      labelSelector: '{s="x", pod="a"}',
      diff: { labelSelector: '{s="y", pod="a"}', timeShift: '1d' },
    });
  });

  it('gives no selector to a baseline that has the query’s', () => {
    expect(filtered({ ...query, diff: { timeShift: '1d' } }, filters).diff).toEqual({ timeShift: '1d' });
  });
});
