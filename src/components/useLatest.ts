import { useCallback, useLayoutEffect, useRef } from 'react';

/** Tells what a value is in the last render, to functions that outlive the render that made them. Stays the same. */
export function useLatest<Value>(value: Value): () => Value {
  const latest = useRef(value);
  // Before the effects of what is inside, which may call such functions.
  useLayoutEffect(() => {
    latest.current = value;
  });
  return useCallback(() => latest.current, []);
}
