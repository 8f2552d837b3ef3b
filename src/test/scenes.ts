import {
  CustomVariable,
  EmbeddedScene,
  LocalValueVariable,
  QueryVariable,
  SceneCanvasText,
  sceneGraph,
  type SceneVariable,
  SceneVariableSet,
  TextBoxVariable,
} from '@grafana/scenes';

import { type Replace } from '../query/references';

type Value = string | string[];

const optionsOf = (...values: string[]) => values.map((value) => ({ label: value, value }));
const all = '$__all';

/** Variables as people make them in a dashboard. */
export const make = {
  textBox: (name: string, value: string) => new TextBoxVariable({ name, value }),
  custom: (name: string, value: Value) =>
    new CustomVariable({ name, value, text: value, isMulti: Array.isArray(value), query: 'a.b,checkout-.*' }),
  query: (name: string, value: Value) =>
    new QueryVariable({ name, value, text: value, isMulti: Array.isArray(value), includeAll: true }),
  all: (name: string, values: string[], allValue?: string) =>
    new QueryVariable({ name, value: all, text: 'All', options: optionsOf(...values), includeAll: true, allValue }),
  repeated: (name: string, value: string) => new LocalValueVariable({ name, value, text: value, isMulti: true }),
};

/** Grafana's own interpolation over a dashboard with these variables. */
export function interpolationOf(variables: SceneVariable[]): Replace {
  const scene = new EmbeddedScene({
    $variables: new SceneVariableSet({ variables }),
    body: new SceneCanvasText({ text: '' }),
  });
  return (text, format) =>
    sceneGraph.interpolate(scene, text, undefined, format as Parameters<typeof sceneGraph.interpolate>[3]);
}
