import { createDataFrame, FieldType } from '@grafana/data';

import { cutOff } from './cutOff';

type Node = [level: number, name: string, value: number];

function flameGraph(nodes: Node[], asEnum = true) {
  const text = [...new Set(nodes.map(([, name]) => name))];
  return createDataFrame({
    fields: [
      { name: 'level', type: FieldType.number, values: nodes.map(([level]) => level) },
      { name: 'value', type: FieldType.number, values: nodes.map(([, , value]) => value) },
      asEnum
        ? {
            name: 'label',
            type: FieldType.enum,
            config: { type: { enum: { text } } },
            values: nodes.map(([, name]) => text.indexOf(name)),
          }
        : { name: 'label', type: FieldType.string, values: nodes.map(([, name]) => name) },
    ],
  });
}

const cut: Node[] = [
  [0, 'total', 100],
  [1, 'main', 90],
  [2, 'small', 10],
  [3, 'other', 5],
  [2, 'large', 60],
  [3, 'work', 50],
  [4, 'other', 20],
  [2, 'other', 5],
  [1, 'other', 10],
];

it.each([true, false])('finds where most was cut off (as an enum: %s)', (asEnum) => {
  expect(cutOff(flameGraph(cut, asEnum))).toEqual({ share: 0.4, callSite: ['main', 'large', 'work'] });
});

it('knows no call site where the root itself was cut', () => {
  expect(
    cutOff(
      flameGraph([
        [0, 'total', 4],
        [1, 'other', 3],
      ])
    )
  ).toEqual({ share: 0.75, callSite: [] });
});

it('is undefined where nothing was cut off', () => {
  expect(cutOff(flameGraph([[0, 'total', 4]]))).toBeUndefined();
  expect(cutOff(flameGraph([[0, 'other', 4]]))).toBeUndefined();
  expect(cutOff(flameGraph([]))).toBeUndefined();
  expect(cutOff(createDataFrame({ fields: [] }))).toBeUndefined();
});
