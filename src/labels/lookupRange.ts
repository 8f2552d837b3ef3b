import { type TimeRange } from '@grafana/data';

const grainInMs = 10_000;
const dayInMs = 24 * 60 * 60 * 1000;

/**
 * The range of a look-up in milliseconds, the last day where there is none. Ends are rounded, so that repeated questions
 * are the same; the range never becomes longer, since it may be as long as the data source allows.
 */
export function lookupRange(range: TimeRange | undefined): { start: number; end: number } {
  const to = range?.to.valueOf() ?? Date.now();
  const from = range?.from.valueOf() ?? to - dayInMs;
  const end = roundUp(to);
  const start = roundUp(end - (to - from));
  return start < end ? { start, end } : { start: from, end: to };
}

function roundUp(time: number): number {
  return Math.ceil(time / grainInMs) * grainInMs;
}
