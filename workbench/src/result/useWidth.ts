import { type RefCallback, useCallback, useRef, useState } from 'react';

/** The width of an element in pixels, 0 before it is known. */
export function useWidth(): [number, RefCallback<HTMLElement>] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const ref = useCallback((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element) {
      observer.current = new ResizeObserver(() => setWidth(element.clientWidth));
      observer.current.observe(element);
    }
  }, []);
  return [width, ref];
}
