import { dateTime, type TimeRange } from '@grafana/data';

import { lookupRange } from './lookupRange';

const hour = 3_600_000;

function rangeOf(from: number, to: number): TimeRange {
  return { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
}

it.each([
  ['24 hours that end at an odd moment', 1_700_000_001_234, 24 * hour],
  ['24 hours that end at an even one', 1_700_000_000_000, 24 * hour],
  ['a length that is no multiple of the grain', 1_700_000_001_234, hour + 7],
  ['a minute', 1_700_000_009_999, 60_000],
  ['less than the grain', 1_700_000_001_234, 3_000],
  ['a millisecond', 1_700_000_001_234, 1],
])('%s never becomes longer, and stays a range', (_name, to, length) => {
  const { start, end } = lookupRange(rangeOf(to - length, to));
  expect(end - start).toBeGreaterThan(0);
  expect(end - start).toBeLessThanOrEqual(length);
  expect(Math.abs(end - to)).toBeLessThan(10_000);
});

it('is the same while ten seconds go on', () => {
  const ranges = [1_700_000_001_000, 1_700_000_004_000, 1_700_000_009_000].map((to) => rangeOf(to - hour, to));
  expect(new Set(ranges.map((range) => JSON.stringify(lookupRange(range)))).size).toBe(1);
});

it('is exactly a day where there is none', () => {
  const { start, end } = lookupRange(undefined);
  expect(end - start).toBe(24 * hour);
});
