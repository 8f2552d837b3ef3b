import { type DataFrame } from '@grafana/data';

import { otherFunctions } from './cutOff';

/** The functions that flame graphs and tables of functions show, the largest first; none of other frames. */
export function functionsIn(frames: DataFrame[]): string[] {
  const totals = new Map<string, number>();
  for (const frame of frames) {
    for (const [name, total] of rowsOf(frame)) {
      if (name !== otherFunctions) {
        totals.set(name, Math.max(total, totals.get(name) ?? 0));
      }
    }
  }
  return [...totals].sort(([, left], [, right]) => right - left).map(([name]) => name);
}

/** Names and totals: of a flame graph's nodes below its root, or of a table's rows. */
function rowsOf(frame: DataFrame): Array<[string, number]> {
  const column = (name: string) => frame.fields.find((field) => field.name === name);
  const [levels, labels, functions] = [column('level'), column('label'), column('function')];
  const values = column('value') ?? column('total');
  const names = functions ?? labels;
  if (!names || !values || (names === labels && !levels)) {
    return [];
  }
  const texts = names.config.type?.enum?.text;
  const rows: Array<[string, number]> = [];
  for (let row = 0; row < frame.length; row++) {
    if (functions || Number(levels?.values[row]) > 0) {
      rows.push([String(texts ? texts[names.values[row]] : names.values[row]), Number(values.values[row])]);
    }
  }
  return rows;
}
