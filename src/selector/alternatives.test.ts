import { alternatives } from './alternatives';

it.each([
  ['', []],
  ['a', ['a']],
  ['a|b', ['a', 'b']],
  // Several values of a variable.
  ['(checkout|search)', ['checkout', 'search']],
  ['(a\\.b|c\\|d)', ['a\\.b', 'c\\|d']],
  ['((a|b)|c)', ['(a|b)', 'c']],
  ['(a)|(b)', ['(a)', '(b)']],
  ['(a|b)c', ['(a|b)c']],
  ['(?:a|b)', ['(?:a|b)']],
  ['(\\)|b)', ['\\)', 'b']],
  ['([)]|b)', ['[)]', 'b']],
  ['(a|b)|(c)', ['(a|b)', '(c)']],
])('%s', (pattern, expected) => {
  expect(alternatives(pattern)).toEqual(expected);
});
