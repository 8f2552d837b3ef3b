import { query, range } from '../test/fixtures';

import { explorePath, functionSeriesOf } from './functionSeries';

describe('what a flame graph’s functions took over time', () => {
  const asked = { ...query, queryType: 'both' as const, maxNodes: 16, legendFormat: '{{pod}}', groupBy: ['pod'] };

  it('is of the functions in which most was spent', () => {
    expect(functionSeriesOf(asked)).toEqual({
      refId: 'A',
      queryType: 'functionSeries',
      profileTypeId: query.profileTypeId,
      labelSelector: query.labelSelector,
      groupBy: [],
      measure: 'self',
    });
  });

  it('is of the function in focus, of all that is selected', () => {
    const focused = {
      ...asked,
      callSite: ['main.main', 'Map[int,string].(*T).Get$1'],
      spanSelector: ['64f170a95f537095'],
    };
    expect(functionSeriesOf(focused)).toMatchObject({
      functions: 'Map\\[int,string\\]\\.\\(\\*T\\)\\.Get\\$1',
      measure: 'total',
      spanSelector: ['64f170a95f537095'],
    });
    expect(functionSeriesOf(focused)).not.toHaveProperty('callSite');
  });
});

it('leads to Explore with its own range', () => {
  const ref = { uid: 'profiles', type: 'pyrofront-pyroscope-datasource' };
  const panes = (path: string) => JSON.parse(new URLSearchParams(path.split('?')[1]).get('panes')!);
  expect(panes(explorePath(query, ref, range))).toEqual({
    series: { datasource: 'profiles', queries: [{ ...query, datasource: ref }], range: { from: 'now-1h', to: 'now' } },
  });
  const fixed = { ...range, raw: { from: range.from, to: range.to } };
  expect(panes(explorePath(query, ref, fixed)).series.range).toEqual({ from: '1700000001000', to: '1700003601000' });
});
