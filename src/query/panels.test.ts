import { type DataFrame, type DataQueryRequest, FieldType } from '@grafana/data';

import { query } from '../test/fixtures';
import { type PyrofrontQuery, type QueryType } from '../types';

import { withPanelNotices } from './panelNotices';
import { panelProblem, typeForPanel } from './panels';

describe('panelProblem', () => {
  it.each<[QueryType, string, RegExp | undefined]>([
    ['profile', 'timeseries', /^Flame graph: .*Time series.* cannot draw.*Use Flame graph/],
    ['heatmap', 'timeseries', /^Heat map: .*Time series.* cannot draw.*Use Heatmap/],
    ['plan', 'flamegraph', /Use Node graph/],
    ['topFunctions', 'timeseries', /Use Table/],
    ['metrics', 'flamegraph', /Use Time series/],
    ['diff', 'heatmap', /Use Flame graph/],
    ['profile', 'flamegraph', undefined],
    ['both', 'timeseries', undefined],
    ['topFunctions', 'bargauge', undefined],
    ['heatmap', 'somebodys-panel', undefined],
  ])('%s in %s', (queryType, panel, expected) => {
    const problem = panelProblem({ ...query, queryType }, panel);
    expect(problem ?? '').toEqual(expected ? expect.stringMatching(expected) : '');
  });

  it('knows nothing outside of panels', () => {
    expect(panelProblem({ ...query, queryType: 'heatmap' }, undefined)).toBeUndefined();
  });
});

describe('typeForPanel', () => {
  it.each<[string | undefined, QueryType | undefined]>([
    ['timeseries', 'metrics'],
    ['stat', 'metrics'],
    ['flamegraph', 'profile'],
    ['table', 'topFunctions'],
    ['heatmap', 'heatmap'],
    ['nodeGraph', 'plan'],
    ['somebodys-panel', undefined],
    [undefined, undefined],
  ])('%s draws %s', (panel, expected) => {
    expect(typeForPanel(panel)).toBe(expected);
    if (expected) {
      expect(panelProblem({ ...query, queryType: expected }, panel)).toBeUndefined();
    }
  });
});

describe('withPanelNotices', () => {
  const frame = (refId: string): DataFrame => ({
    refId,
    length: 1,
    fields: [{ name: 'level', type: FieldType.number, config: {}, values: [0] }],
    meta: { notices: [{ severity: 'info', text: 'cut' }] },
  });
  const requestIn = (panelPluginId: string) =>
    ({
      targets: [query, { ...query, refId: 'B', queryType: 'metrics' }],
      panelPluginId,
    }) as unknown as DataQueryRequest<PyrofrontQuery>;

  it('are on the first frame of the query that is not drawn, beside its own', () => {
    const { data } = withPanelNotices({ data: [frame('A'), frame('A'), frame('B')] }, requestIn('timeseries'));
    expect(data.map((one) => one.meta?.notices?.length)).toEqual([2, 1, 1]);
    expect(data[0].meta?.notices?.[1]).toEqual({
      severity: 'warning',
      text: expect.stringContaining('Use Flame graph'),
    });
  });

  it('leave alone what is drawn', () => {
    const response = { data: [frame('A')] };
    expect(withPanelNotices(response, requestIn('flamegraph'))).toBe(response);
  });
});
