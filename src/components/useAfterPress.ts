import { useCallback, useEffect, useRef } from 'react';

/**
 * Does something once the pointer is let go, and at once where none is pressed. A press takes the focus from a field: what
 * the field then moves must wait, or the click ends beside what it began on, and is none.
 */
export function useAfterPress() {
  const pressed = useRef(false);
  const waiting = useRef<(() => void) | undefined>(undefined);
  useEffect(() => {
    const onDown = () => {
      pressed.current = true;
    };
    const onEnd = () => {
      pressed.current = false;
      waiting.current?.();
      waiting.current = undefined;
    };
    // Before React's own handlers: those of the element that is pressed take the focus.
    window.addEventListener('pointerdown', onDown, true);
    window.addEventListener('pointerup', onEnd, true);
    window.addEventListener('pointercancel', onEnd, true);
    return () => {
      window.removeEventListener('pointerdown', onDown, true);
      window.removeEventListener('pointerup', onEnd, true);
      window.removeEventListener('pointercancel', onEnd, true);
    };
  }, []);
  return useCallback((act: () => void) => {
    if (pressed.current) {
      waiting.current = act;
    } else {
      act();
    }
  }, []);
}
