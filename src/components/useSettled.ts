import { useEffect, useState } from 'react';

/** How long a text stays as it is before it counts as typed out. */
const settledAfterMs = 300;

/** A text that may be being typed, once it stays as it is. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), settledAfterMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
