import { formatSelector } from './format';
import { parseSelector } from './parse';

describe('parseSelector', () => {
  it.each([
    ['', []],
    ['{}', []],
    ['  { } ', []],
    ['{a="b"}', [['a', '=', 'b']]],
    [
      '{a="b",c!="d"}',
      [
        ['a', '=', 'b'],
        ['c', '!=', 'd'],
      ],
    ],
    [
      '{ a =~ "b|c" , d !~ "e.*", }',
      [
        ['a', '=~', 'b|c'],
        ['d', '!~', 'e.*'],
      ],
    ],
    ['{"my.label"="x"}', [['my.label', '=', 'x']]],
    [String.raw`{a="q\"u\\o\nte\x41\u00e9"}`, [['a', '=', 'q"u\\o\nteAé']]],
    ['{a=`raw\\n`}', [['a', '=', 'raw\\n']]],
    ['{a=`raw\nlines`}', [['a', '=', 'raw\nlines']]],
    ["{a='single'}", [['a', '=', 'single']]],
    ['{a=""}', [['a', '=', '']]],
    [
      '{service_name="$service", $label="${value:regex}"}',
      [
        ['service_name', '=', '$service'],
        ['$label', '=', '${value:regex}'],
      ],
    ],
    [
      'process_cpu{a="b"}',
      [
        ['__name__', '=', 'process_cpu'],
        ['a', '=', 'b'],
      ],
    ],
    ['{a="{,}"}', [['a', '=', '{,}']]],
  ])('reads %s', (text, expected) => {
    const { matchers, errors } = parseSelector(text);
    expect(errors).toEqual([]);
    expect(matchers.map(({ name, operator, value }) => [name, operator, value])).toEqual(expected);
  });

  it.each([
    ['a="b"}', 'begins with a brace', 0, 1],
    ['{a="b"', 'closing brace', 5, 6],
    ['{a="b"} x', 'Nothing can follow', 8, 9],
    ['{a="b" c="d"}', 'comma is missing', 7, 8],
    ['{="b"}', 'label name belongs here', 1, 2],
    ['{a}', 'After a comes one of', 2, 3],
    ['{a=b}', 'value of a is missing', 3, 4],
    ['{a=}', 'value of a is missing', 3, 4],
    ['{a="b}', 'closing quote', 3, 6],
    ['{a="b\n"}', 'closing quote', 3, 5],
    ['process_cpu:cpu:nanoseconds:cpu:nanoseconds{a="b"}', 'in its own field', 0, 43],
    ['{my.label="b"}', 'stands in quotes', 3, 9],
    ['{a=~"("}', 'Not a regular expression', 4, 7],
    ['{a!~"(?!b)"}', 'look-ahead', 4, 11],
    ['{,}', 'label name belongs here', 1, 2],
  ])('says what is wrong with %s', (text, message, from, to) => {
    const [error] = parseSelector(text).errors;
    expect(error?.message).toContain(message);
    expect([error?.from, error?.to]).toEqual([from, to]);
  });

  it('keeps what can be read around an error', () => {
    const { matchers, errors } = parseSelector('{a="b", c=, d="e"}');
    expect(errors).toHaveLength(1);
    expect(matchers.map((matcher) => matcher.name)).toEqual(['a', 'd']);
  });

  it.each(['(?i)abc', '(?P<name>x)', '(?s-U:a.b)', '[[:alpha:]]+', '\\pL', '$service.*'])(
    'takes the regular expression %s, which the server takes',
    (pattern) => {
      expect(parseSelector(formatSelector([{ name: 'a', operator: '=~', value: pattern }])).errors).toEqual([]);
    }
  );

  it('ends on any text', () => {
    const marks = ['{', '}', ',', '"', "'", '`', '=', '!', '~', '\\', 'a', '.', '$', '[', ' ', 'é', '😀'];
    let seed = 1;
    const next = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: next(24) }, () => marks[next(marks.length)]).join('');
      const { matchers, errors } = parseSelector(text);
      for (const { from, to } of errors) {
        expect(from).toBeLessThanOrEqual(to);
        expect(to).toBeLessThanOrEqual(text.length);
      }
      expect(parseSelector(formatSelector(matchers)).matchers).toEqual(matchers);
    }
  });
});

describe('formatSelector', () => {
  it('quotes names that are no identifiers and escapes values', () => {
    const text = formatSelector([
      { name: 'my.label', operator: '=', value: 'a"b\\c\nd' },
      { name: '$label', operator: '!=', value: '' },
    ]);
    expect(text).toBe(String.raw`{"my.label"="a\"b\\c\nd", $label!=""}`);
  });
});
