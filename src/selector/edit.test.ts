import { alternatives, joinAlternatives } from './alternatives';
import { contextSelector, sameSelector, selectedService, withService } from './edit';

describe('the service of a selector', () => {
  it.each([
    ['{service_name="a"}', 'a'],
    ['{x="y", service_name="a"}', 'a'],
    ['{service_name=~"a"}', undefined],
    ['{service_name="a", service_name="b"}', undefined],
    ['{}', undefined],
  ])('of %s is %s', (selector, expected) => {
    expect(selectedService(selector)).toBe(expected);
  });

  it.each([
    ['{x="y"}', 'a', '{service_name="a", x="y"}'],
    ['{x="y", service_name="b"}', 'a', '{service_name="a", x="y"}'],
    ['{service_name=~"b|c", x="y"}', 'a', '{service_name="a", x="y"}'],
    ['{service_name="b", x="y"}', undefined, '{x="y"}'],
    ['', 'a', '{service_name="a"}'],
  ])('of %s is set to %s', (selector, service, expected) => {
    expect(withService(selector, service)).toBe(expected);
  });
});

describe('contextSelector', () => {
  it('limits completion by the type and by all other matchers', () => {
    expect(contextSelector('{a="b", c="d"}', 'x:y', 'a')).toBe('{__profile_type__="x:y", c="d"}');
    expect(contextSelector('', undefined)).toBe('{}');
    expect(contextSelector('{a="b', 'x:y')).toBe('{__profile_type__="x:y"}');
  });
});

describe('sameSelector', () => {
  it('sees through the way of writing', () => {
    expect(sameSelector('{a="b",c="d"}', "{ a='b', c=`d` }")).toBe(true);
    expect(sameSelector('{a="b"}', '{a="c"}')).toBe(false);
    expect(sameSelector('', '{}')).toBe(true);
  });
});

describe('alternatives', () => {
  it.each([
    ['', []],
    ['a', ['a']],
    ['a|b', ['a', 'b']],
    ['a\\|b|c', ['a\\|b', 'c']],
    ['a(b|c)|d', ['a(b|c)', 'd']],
    ['[|]|e', ['[|]', 'e']],
    ['a|', ['a', '']],
  ])('of %s', (pattern, expected) => {
    expect(alternatives(pattern)).toEqual(expected);
    expect(joinAlternatives(alternatives(pattern)) ?? '').toBe(pattern);
  });
});
