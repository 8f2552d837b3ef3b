import { type DataFrame } from '@grafana/data';

/** What query-backends call the stacks that they cut off. It is no function. */
export const otherFunctions = 'other';

/** How much of a flame graph was cut off. */
export interface CutOff {
  /** Of the total, 0 to 1. */
  share: number;
  /** The functions below which most of it is, root first. */
  callSite: string[];
}

/** Reads a flame graph's frame, a nested set, depth first. Undefined: nothing was cut off. */
export function cutOff(frame: DataFrame): CutOff | undefined {
  const column = (name: string) => frame.fields.find((field) => field.name === name);
  const [levels, values, labels] = [column('level'), column('value'), column('label')];
  if (!levels || !values || !labels) {
    return undefined;
  }
  const names = labels.config.type?.enum?.text;
  const path: string[] = [];
  let [sum, largest]: [number, number] = [0, 0];
  let callSite: string[] = [];
  for (let row = 0; row < frame.length; row++) {
    const level = Number(levels.values[row]);
    const name = String(names ? names[labels.values[row]] : labels.values[row]);
    path.length = level;
    path[level] = name;
    if (name === otherFunctions && level > 0) {
      const value = Number(values.values[row]);
      sum += value;
      if (value > largest) {
        largest = value;
        callSite = path.slice(1, level); // the first one is the total
      }
    }
  }
  const total = Number(values.values[0]);
  return sum > 0 && total > 0 ? { share: sum / total, callSite } : undefined;
}
