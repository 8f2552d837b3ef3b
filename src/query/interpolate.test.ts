import { setVariables } from '../test/templates';
import { type PyrofrontQuery } from '../types';

import { interpolateQuery, interpolateSelector } from './interpolate';
import { type Replace } from './references';

const replace: Replace = (() => {
  const inner = setVariables({
    one: 'a.b',
    many: ['a.b', 'c|d'],
    quoted: 'x"y',
    label: 'region',
    matchers: 'a="b", c="d"',
    ids: ['1111111111111111', '2222222222222222'],
    type: 'memory:alloc_space:bytes:space:bytes',
    shift: '1d',
  });
  return (text, format) => inner(text, {}, format);
})();

describe('interpolateSelector', () => {
  it.each([
    ['{s="$one"}', '{s="a.b"}'],
    ['{s=~"$one"}', '{s=~"a.b"}'],
    ['{s="$many"}', '{s=~"(a\\\\.b|c\\\\|d)"}'],
    ['{s!="$many"}', '{s!~"(a\\\\.b|c\\\\|d)"}'],
    ['{s=~"$many"}', '{s=~"(a\\\\.b|c\\\\|d)"}'],
    ['{s=~"pre-.*-${many}"}', '{s=~"pre-.*-(a\\\\.b|c\\\\|d)"}'],
    ['{s="x.y-$many"}', '{s=~"x\\\\.y-(a\\\\.b|c\\\\|d)"}'],
    ['{s="$quoted"}', '{s="x\\"y"}'],
    ['{$label="eu"}', '{region="eu"}'],
    ['{s="[[one]]"}', '{s="a.b"}'],
    ['{s="$unknown"}', '{s="$unknown"}'],
    ['{$matchers}', '{a="b", c="d"}'],
    ['', '{}'],
    ['{}', '{}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('interpolateQuery', () => {
  it('replaces variables in every text of the query', () => {
    const query: PyrofrontQuery = {
      refId: 'A',
      queryType: 'diff',
      profileTypeId: '$type',
      labelSelector: '{s="$one"}',
      groupBy: ['$label', 'pod'],
      spanSelector: ['$ids', '3333333333333333'],
      traceIdSelector: ['$one'],
      profileIdSelector: ['${one}'],
      callSite: ['main', '$one'],
      functions: '^$one$',
      diff: { labelSelector: '{s="$many"}', timeShift: '$shift' },
    };
    expect(interpolateQuery(query, replace)).toEqual({
      ...query,
      profileTypeId: 'memory:alloc_space:bytes:space:bytes',
      labelSelector: '{s="a.b"}',
      groupBy: ['region', 'pod'],
      spanSelector: ['1111111111111111', '2222222222222222', '3333333333333333'],
      traceIdSelector: ['a.b'],
      profileIdSelector: ['a.b'],
      callSite: ['main', 'a.b'],
      functions: '^a.b$',
      diff: { labelSelector: '{s=~"(a\\\\.b|c\\\\|d)"}', timeShift: '1d' },
    });
  });
});
