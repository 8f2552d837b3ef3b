import { type TimeRange } from '@grafana/data';
import { useState } from 'react';

/** The range, as the same object for as long as the dashboard has the same: `now-1h` stays while the clock goes on. */
export function useRange(range: TimeRange | undefined): TimeRange | undefined {
  const [kept, setKept] = useState(range);
  if (keyOf(kept) !== keyOf(range)) {
    setKept(range);
    return range;
  }
  return kept;
}

function keyOf(range: TimeRange | undefined): string {
  return range ? `${String(range.raw.from)} ${String(range.raw.to)}` : '';
}
