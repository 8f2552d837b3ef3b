import { interpolationOf, make } from '../test/scenes';
import { type PyrofrontQuery } from '../types';

import { interpolateQuery, interpolateSelector } from './interpolate';

// @grafana/scenes' own interpolation, as dashboards have it.
const replace = interpolationOf([
  make.textBox('re', 'checkout-.*'),
  make.textBox('empty', ''),
  make.custom('choice', 'checkout-.*'),
  make.custom('oneChoice', ['checkout-.*']),
  make.custom('choices', ['a.b', 'checkout-.*']),
  make.query('pod', 'a.b'),
  make.query('onePod', ['a.b']),
  make.query('pods', ['a.b', 'c|d']),
  make.query('none', []),
  make.all('all', ['a.b', 'c']),
  make.all('allOf', ['a.b', 'c'], '.*'),
  make.all('allPre', ['a.b', 'c'], 'pod-.+'),
  make.repeated('panel', 'a.b'),
  make.textBox('label', 'region'),
  make.textBox('matchers', 'a="b", c="d"'),
]);

describe('a value that somebody wrote goes in as it is', () => {
  it.each([
    ['{pod=~"$re"}', '{pod=~"checkout-.*"}'],
    ['{pod!~"$re"}', '{pod!~"checkout-.*"}'],
    ['{pod=~"x-${re}|y"}', '{pod=~"x-checkout-.*|y"}'],
    ['{pod="$re"}', '{pod="checkout-.*"}'],
    ['{pod=~"$choice"}', '{pod=~"checkout-.*"}'],
    ['{pod=~"$oneChoice"}', '{pod=~"checkout-.*"}'],
    ['{$label="x"}', '{region="x"}'],
    ['{$matchers}', '{a="b", c="d"}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('values, several values and all are escaped and joined', () => {
  it.each([
    ['{pod=~"$choices"}', '{pod=~"(a\\\\.b|checkout-\\\\.\\\\*)"}'],
    ['{pod="$choices"}', '{pod=~"(a\\\\.b|checkout-\\\\.\\\\*)"}'],
    ['{pod="$pod"}', '{pod="a.b"}'],
    ['{pod=~"$pod"}', '{pod=~"a\\\\.b"}'],
    ['{pod="$onePod"}', '{pod="a.b"}'],
    ['{pod=~"$onePod"}', '{pod=~"a\\\\.b"}'],
    ['{pod=~"$panel"}', '{pod=~"a\\\\.b"}'],
    ['{pod="$pods"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod!="$pods"}', '{pod!~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod=~"$pods"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod="$all"}', '{pod=~"(a\\\\.b|c)"}'],
    ['{pod="x.${all}"}', '{pod=~"x\\\\.(a\\\\.b|c)"}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('what stands for several becomes an expression', () => {
  it.each([
    // Grafana hands a custom all value over and calls no format function.
    ['{pod="$allOf"}', '{pod=~".*"}'],
    ['{pod=~"$allOf"}', '{pod=~".*"}'],
    ['{pod!="$allOf"}', '{pod!~".*"}'],
    ['{pod="${allOf}"}', '{pod=~".*"}'],
    ['{pod="[[allOf]]"}', '{pod=~".*"}'],
    ['{pod="x.$allOf"}', '{pod=~"x\\\\..*"}'],
    ['{pod="$allPre"}', '{pod=~"pod-.+"}'],
    ['{pod="$allOf-$pods"}', '{pod=~".*-(a\\\\.b|c\\\\|d)"}'],
    ['{pod="${allOf:pipe}"}', '{pod=~".*"}'],
    ['{pod="${pods:pipe}"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod="${pods:regex}"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod="[[pods:pipe]]"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod="${pod:pipe}"}', '{pod="a.b"}'],
    // In an expression, the format is its author's.
    ['{pod=~"${pods:pipe}"}', '{pod=~"a.b|c|d"}'],
    ['{pod=~"${pods:regex}"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
    ['{pod="${pods:csv}"}', '{pod=~"(a\\\\.b|c\\\\|d)"}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('where nothing is chosen, nothing is narrowed', () => {
  it.each([
    ['{pod="$none"}', '{pod=~".*"}'],
    ['{pod=~"$none"}', '{pod=~".*"}'],
    ['{pod="x-$none"}', '{pod=~"x-.*"}'],
    ['{pod="${none:pipe}"}', '{pod=~".*"}'],
    ['{pod=~"${none:pipe}"}', '{pod=~".*"}'],
    ['{pod!="$none"}', '{pod!=""}'],
    ['{pod="$empty"}', '{pod=~".*"}'],
    ['{pod=~"$empty"}', '{pod=~".*"}'],
    ['{pod=~"$empty.*"}', '{pod=~".*"}'],
    ['{pod=""}', '{pod=""}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('a variable that nobody knows stays, for the backend to name', () => {
  it.each([
    ['{pod="$unknown"}', '{pod="$unknown"}'],
    ['{pod=~"${unknown:pipe}"}', '{pod=~"${unknown:pipe}"}'],
    ['{pod=~"a$"}', '{pod=~"a$"}'],
  ])('%s', (selector, expected) => {
    expect(interpolateSelector(selector, replace)).toBe(expected);
  });
});

describe('the other texts of a query', () => {
  const query: PyrofrontQuery = {
    refId: 'A',
    queryType: 'diff',
    profileTypeId: '',
    labelSelector: '{}',
    groupBy: [],
  };

  it.each([
    ['$re', 'checkout-.*'],
    ['^($re|x)$', '^(checkout-.*|x)$'],
    ['$choice', 'checkout-.*'],
    ['$pods', '(a\\.b|c\\|d)'],
    ['$all', '(a\\.b|c)'],
    ['$allOf', '.*'],
    ['$none', '.*'],
    ['Foo\\$Bar', 'Foo\\$Bar'],
  ])('functions %s', (functions, expected) => {
    expect(interpolateQuery({ ...query, functions }, replace).functions).toBe(expected);
  });

  it.each([
    [
      ['$pods', 'x'],
      ['a.b', 'c|d', 'x'],
    ],
    [['${pods:csv}'], ['a.b', 'c|d']],
    [['p-$pods'], ['p-a.b', 'p-c|d']],
    [['$none', '$empty'], []],
    [['Outer$Inner'], ['Outer$Inner']],
  ])('lists %j', (callSite, expected) => {
    expect(interpolateQuery({ ...query, callSite }, replace).callSite).toEqual(expected);
  });

  it('take variables, in a baseline and in a legend too', () => {
    const asked: PyrofrontQuery = {
      ...query,
      legendFormat: '{{pod}} of $label',
      diff: { labelSelector: '{pod="$allOf"}', timeShift: '$re' },
    };
    expect(interpolateQuery(asked, replace)).toEqual({
      ...asked,
      legendFormat: '{{pod}} of region',
      diff: { labelSelector: '{pod=~".*"}', timeShift: 'checkout-.*' },
    });
  });
});
