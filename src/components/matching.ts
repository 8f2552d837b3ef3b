import { type ComboboxOption } from '@grafana/ui';

/**
 * The options whose text holds what is typed: the same first, then those that begin with it, then the others. Groups
 * stay together in Grafana's list, in the order of their first options.
 */
export function matching(options: ComboboxOption[], typed: string): ComboboxOption[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') {
    return options;
  }
  const ranked = options
    .map((option) => ({ option, rank: rankOf(option, wanted) }))
    .filter(({ rank }) => rank < noMatch);
  return ranked.sort((left, right) => left.rank - right.rank).map(({ option }) => option);
}

const noMatch = 4;

function rankOf({ label, value, description }: ComboboxOption, wanted: string): number {
  const text = (label ?? value).toLowerCase();
  if (text === wanted) {
    return 0;
  }
  if (text.startsWith(wanted)) {
    return 1;
  }
  if (text.includes(wanted)) {
    return 2;
  }
  return description?.toLowerCase().includes(wanted) ? 3 : noMatch;
}
