import { createDataFrame, FieldType } from '@grafana/data';

import { functionsIn } from './functionsIn';

const enumerated = (values: number[], text: string[]) => ({
  name: 'label',
  type: FieldType.enum,
  values,
  config: { type: { enum: { text } } },
});
const numbers = (name: string, values: number[]) => ({ name, type: FieldType.number, values });

describe('the functions of frames', () => {
  const flameGraph = createDataFrame({
    fields: [
      numbers('level', [0, 1, 2, 2, 3]),
      numbers('value', [100, 100, 40, 50, 45]),
      enumerated([0, 1, 2, 3, 4], ['total', 'main.main', 'a[int,string]', 'b', 'other']),
    ],
  });

  it('are those of a flame graph, the largest first, without its total and what was cut off', () => {
    expect(functionsIn([flameGraph])).toEqual(['main.main', 'b', 'a[int,string]']);
  });

  it('are those of a table, each once', () => {
    const table = createDataFrame({
      fields: [{ name: 'function', type: FieldType.string, values: ['b', 'c'] }, numbers('total', [70, 60])],
    });
    expect(functionsIn([flameGraph, table])).toEqual(['main.main', 'b', 'c', 'a[int,string]']);
  });

  it('are none of series', () => {
    const series = createDataFrame({
      fields: [numbers('Time', [1]), { ...numbers('share', [2]), labels: { function: 'a' } }],
    });
    expect(functionsIn([series])).toEqual([]);
  });
});
