import { useLayoutEffect, useRef } from 'react';

import { hasFields } from '../query/hasFields';

/**
 * Merges changes into a value as it is when they are made, and says whether they changed something; `settle` completes
 * the merged value, which came of the one before.
 *
 * Grafana's pickers may tell one choice several times, from handlers of the past, while the page is busy drawing it. A
 * choice that was made already must change nothing, or a page that draws changes at once never comes to rest.
 */
export function useChanges<Value extends object>(
  value: Value,
  onChange: (value: Value) => void,
  settle: (value: Value, before: Value) => Value = (merged) => merged
): (changes: Partial<Value>) => boolean {
  const latest = useRef(value);
  // Before the effects of what is inside, where pickers tell choices.
  useLayoutEffect(() => {
    latest.current = value;
  }, [value]);
  return (changes) => {
    if (hasFields(latest.current, changes)) {
      return false;
    }
    latest.current = settle({ ...latest.current, ...changes }, latest.current);
    onChange(latest.current);
    return true;
  };
}
