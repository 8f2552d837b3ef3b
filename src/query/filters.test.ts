import { withFilters } from './filters';

describe('withFilters', () => {
  it('leaves a selector that cannot be read to the backend to refuse', () => {
    expect(withFilters('{s="x", pod=', [{ key: 'zone', operator: '=', value: 'a' }])).toBe('{s="x", pod=');
  });

  it.each([
    [[{ key: 'pod', operator: '=', value: 'a' }], '{s="x", pod="a"}'],
    [[{ key: 'pod', operator: '!~', value: 'a.*' }], '{s="x", pod!~"a.*"}'],
    [[{ key: 'pod', operator: '=|', value: 'a.b', values: ['a.b', 'c'] }], '{s="x", pod=~"a\\\\.b|c"}'],
    [[{ key: 'pod', operator: '!=|', value: 'a' }], '{s="x", pod!~"a"}'],
    [[{ key: 's', operator: '=', value: 'y' }], '{s="y"}'],
    [
      [
        { key: 'pod', operator: '!=', value: 'a' },
        { key: 'pod', operator: '!=', value: 'b' },
      ],
      '{s="x", pod!="a", pod!="b"}',
    ],
    [[{ key: 'pod', operator: '>', value: '1' }], '{s="x"}'],
    [[{ key: '', operator: '=', value: 'a' }], '{s="x"}'],
    [[{ key: 'a.b', operator: '=', value: 'q"' }], '{s="x", "a.b"="q\\""}'],
    [undefined, '{s="x"}'],
  ])('%j', (filters, expected) => {
    expect(withFilters('{s="x"}', filters)).toBe(expected);
  });
});
