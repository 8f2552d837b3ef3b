import { type AbsoluteTimeRange, dateTime, rangeUtil, type TimeRange } from '@grafana/data';

/** The range of the page's address (`?from=now-5m&to=now`), or the last hour. */
export function initialRange(): TimeRange {
  const parameters = new URLSearchParams(window.location.search);
  const [from, to] = [parameters.get('from') ?? 'now-1h', parameters.get('to') ?? 'now'];
  return rangeUtil.convertRawToRange({ from, to });
}

/** The same range with “now” as it is now. */
export function refreshed({ raw }: TimeRange): TimeRange {
  return rangeUtil.convertRawToRange(raw);
}

/** The range half of its length earlier (-1) or later (1). */
export function moved(range: TimeRange, direction: -1 | 1): TimeRange {
  const by = (direction * length(range)) / 2;
  return absolute({ from: range.from.valueOf() + by, to: range.to.valueOf() + by });
}

/** The range at twice its length, about the same middle. */
export function widened(range: TimeRange): TimeRange {
  const by = length(range) / 2;
  return absolute({ from: range.from.valueOf() - by, to: range.to.valueOf() + by });
}

function length({ from, to }: TimeRange): number {
  return to.valueOf() - from.valueOf();
}

function absolute(range: AbsoluteTimeRange): TimeRange {
  const [from, to] = [dateTime(range.from), dateTime(range.to)];
  return { from, to, raw: { from, to } };
}
