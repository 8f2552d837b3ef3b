import { type ComboboxOption } from '@grafana/ui';
import { type FormEvent, type KeyboardEvent, useCallback, useRef } from 'react';

import { texts } from '../texts';

import { useLatest } from './useLatest';

/** Options for what is typed, the best first. */
export type Offer = (typed: string) => Promise<ComboboxOption[]>;

interface Picking {
  offer: Offer;
  /** Whether what is typed may be taken as it is. */
  custom: boolean;
  /** Whether there may be several values: Grafana's picker of several drops what is typed when the focus leaves it. */
  several?: boolean;
  /** Chooses by hand, where Grafana's picker does not know the options yet. */
  onPick: (option: ComboboxOption, input: HTMLInputElement) => void;
}

/**
 * Has the keyboard choose what it seems to in Grafana's pickers: Enter and Tab take the first match of what is typed,
 * and what is typed itself only where nothing matches. Grafana's own custom value comes first, and its pickers load
 * options a moment late: a quick Enter would take one that was offered before. Tab alone changes nothing.
 */
export function usePicking(picking: Picking) {
  const latest = useLatest(picking);
  const typed = useRef<string | undefined>(undefined);
  const answered = useRef<string | undefined>(undefined);
  const moved = useRef(false);

  const offers = useCallback(
    async (text: string): Promise<ComboboxOption[]> => {
      const { offer, custom } = latest();
      return withCustom(await offer(text), custom ? text.trim() : '');
    },
    [latest]
  );
  const options = useCallback(
    async (text: string) => {
      if (text === '') {
        typed.current = undefined;
      }
      const offered = await offers(text);
      // Grafana's picker shows them in a moment.
      setTimeout(() => {
        answered.current = text;
      });
      return offered;
    },
    [offers]
  );

  const pickFirst = (text: string, input: HTMLInputElement) => {
    void offers(text).then(([first]) => first && !first.infoOption && latest().onPick(first, input));
  };
  /** Takes what the arrow keys are on, or the first match of what is typed, once the focus has left. */
  const leave = (input: HTMLInputElement, text = '') => {
    if (!moved.current) {
      typed.current = undefined;
      setTimeout(() => pickFirst(text, input));
    } else if (!isChosen(input)) {
      // Comes back here as a key of its own.
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    }
  };

  const onInputCapture = (event: FormEvent) => {
    typed.current = (event.target as HTMLInputElement).value;
    moved.current = false;
  };
  const onKeyDownCapture = (event: KeyboardEvent) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.getAttribute('aria-expanded') !== 'true') {
      moved.current = false;
      return;
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      moved.current = true;
    }
    if (event.key !== 'Enter' && event.key !== 'Tab') {
      return;
    }
    const text = typed.current;
    if (latest().several && event.key === 'Tab' && (text || moved.current)) {
      leave(input, text);
      return;
    }
    const early = Boolean(text) && answered.current !== text && !moved.current;
    if (event.key === 'Enter' && early) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (early || (event.key === 'Tab' && !text && !moved.current)) {
      close(input);
    }
    if (early && text) {
      pickFirst(text, input);
    }
    typed.current = undefined;
  };
  return { options, wrapperProps: { onInputCapture, onKeyDownCapture, onKeyDown: keepInside } };
}

/** Adds what is typed as the last option. After a failure it is the first: there is no other. */
function withCustom(offered: ComboboxOption[], typed: string): ComboboxOption[] {
  if (typed === '' || offered.some(({ value, label }) => value === typed || label === typed)) {
    return offered;
  }
  const own = { value: typed, label: typed, group: texts.editor.customValue };
  return offered.every((option) => option.infoOption) ? [own, ...offered] : [...offered, own];
}

/**
 * Whether a picker of several values has the option that the arrow keys are on: Enter would take it away. The option that
 * is on is the selected one of the list; `aria-activedescendant` names an element that is not there (@grafana/ui 12.4.2).
 */
function isChosen(input: HTMLInputElement): boolean {
  const list = document.getElementById(input.getAttribute('aria-controls') ?? '');
  const option = list?.querySelector('[role="option"][aria-selected="true"]');
  return option?.querySelector<HTMLInputElement>('input[type="checkbox"]')?.checked ?? false;
}

const closing = new WeakSet<Event>();

/** Closes the list of a picker with nothing chosen, as Escape does. */
function close(input: HTMLInputElement) {
  const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true });
  closing.add(escape);
  input.dispatchEvent(escape);
}

/** Grafana leaves a page on Escape: that one is for the picker alone. */
function keepInside({ nativeEvent }: KeyboardEvent) {
  if (closing.has(nativeEvent)) {
    nativeEvent.stopPropagation();
  }
}

/** Empties a picker's text field, as if the text was deleted. */
export function emptyText(input: HTMLInputElement) {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, '');
  input.dispatchEvent(new Event('input', { bubbles: true }));
}
