import { createDataFrame, type DataFrame, FieldType, LoadingState, type PanelData } from '@grafana/data';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import React from 'react';

import { clusterDataSource, query, range } from '../test/fixtures';
import { setVariables } from '../test/templates';
import { type PyrofrontQuery } from '../types';

import { AnswerRow } from './AnswerRow';

type Node = [level: number, name: string, value: number];

const whole: Node[] = [
  [0, 'total', 100],
  [1, 'main.main', 100],
];
const cut: Node[] = [...whole, [2, 'main.work', 40], [3, 'other', 30]];

function flameGraph(nodes: Node[], changes: Partial<DataFrame> = {}): DataFrame {
  return {
    ...createDataFrame({
      refId: 'A',
      meta: { preferredVisualisationType: 'flamegraph' },
      fields: [
        { name: 'level', type: FieldType.number, values: nodes.map(([level]) => level) },
        { name: 'value', type: FieldType.number, values: nodes.map(([, , value]) => value) },
        { name: 'label', type: FieldType.string, values: nodes.map(([, name]) => name) },
      ],
    }),
    ...changes,
  };
}

function show(series: DataFrame[], changes: Partial<PyrofrontQuery> = {}) {
  const onRun = jest.fn();
  const data: PanelData = { state: LoadingState.Done, series, timeRange: range };
  const { datasource } = clusterDataSource();
  render(<AnswerRow datasource={datasource} query={{ ...query, ...changes }} data={data} onRun={onRun} />);
  return { user: userEvent.setup(), onRun };
}

beforeEach(() => {
  setVariables({ service: 'cart' });
});

it('offers more nodes, and where most of them are missing', async () => {
  const { user, onRun } = show([flameGraph(cut)]);
  expect(screen.getByText(/30\.0 % of the total is in “other”/)).toBeInTheDocument();
  await user.click(screen.getByRole('button', { name: 'Up to 65,536 nodes' }));
  expect(onRun).toHaveBeenLastCalledWith({ maxNodes: 65_536 });
  await user.click(screen.getByRole('button', { name: 'Focus on main.work' }));
  expect(onRun).toHaveBeenLastCalledWith({ callSite: ['main.main', 'main.work'] });
});

it('offers no more nodes than the data source allows', () => {
  show([flameGraph(cut)], { maxNodes: 1_048_576 });
  expect(screen.queryByRole('button', { name: /nodes/ })).not.toBeInTheDocument();
  expect(screen.getByRole('button', { name: /Focus/ })).toBeInTheDocument();
});

it('downloads what is selected, whole or cut', () => {
  show([flameGraph(whole)], { callSite: ['main.main'] });
  expect(screen.queryByRole('button')).not.toBeInTheDocument();
  const link = screen.getByRole('link', { name: /Download pprof/ });
  const [path, form] = link.getAttribute('href')!.split('?');
  expect(path).toMatch(/\/api\/datasources\/uid\/profiles\/resources\/pprof$/);
  expect(new URLSearchParams(form).get('labelSelector')).toBe('{service_name="cart"}');
  expect(new URLSearchParams(form).get('callSite')).toBe('main.main');
  expect(link).toHaveAttribute('target', '_blank');
});

it('leads to what its functions took over time, or the one in focus', () => {
  show([flameGraph(whole)]);
  expect(seriesOf('Functions over time')).toMatchObject({ queryType: 'functionSeries', measure: 'self' });
  cleanup();
  show([flameGraph(whole)], { callSite: ['main.main', '(*T).Run'], labelSelector: '{service_name="$service"}' });
  expect(seriesOf('(*T).Run over time')).toMatchObject({
    functions: '\\(\\*T\\)\\.Run',
    labelSelector: '{service_name="cart"}',
  });
});

/** The query that a link leads to. */
function seriesOf(name: string) {
  const link = screen.getByRole('link', { name });
  expect(link).toHaveAttribute('target', '_blank');
  const { panes } = Object.fromEntries(new URLSearchParams(link.getAttribute('href')!.split('?')[1]));
  const { series } = JSON.parse(panes!);
  expect(series.datasource).toBe('profiles');
  return series.queries[0];
}

it.each([
  ['nothing', []],
  ['another query’s flame graph', [flameGraph(cut, { refId: 'B' })]],
  ['no flame graph', [flameGraph(cut, { meta: {} })]],
  ['an empty one', [flameGraph([])]],
  [
    'a diff',
    [flameGraph(cut, { fields: [...flameGraph(cut).fields, { ...flameGraph(cut).fields[1]!, name: 'valueRight' }] })],
  ],
])('has nothing to offer for %s', (_, series) => {
  show(series);
  expect(screen.queryByRole('link')).not.toBeInTheDocument();
});
