import { CoreApp } from '@grafana/data';

import { type PyrofrontQuery, type QueryType } from '../types';

import { describeQuery, summariseOptions } from './describe';
import { defaultQueryType, forApp, isComplete, optionsFor, queryTypesFor, withoutConflicts } from './options';
import { baselineProblem, functionsProblem, idProblem, isDuration } from './validate';

const query: PyrofrontQuery = {
  refId: 'A',
  queryType: 'profile',
  profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
  labelSelector: '{a="b"}',
  groupBy: [],
};

describe('query types', () => {
  it.each([
    [CoreApp.Explore, 'both'],
    [CoreApp.PanelEditor, 'profile'],
    [undefined, 'profile'],
    [CoreApp.UnifiedAlerting, 'metrics'],
    [CoreApp.CloudAlerting, 'metrics'],
  ])('in %s a new query is %s', (app, expected) => {
    expect(defaultQueryType(app)).toBe(expected);
    expect(queryTypesFor(app)).toContain(expected);
  });

  it('shows both pictures in Explore only', () => {
    const both: PyrofrontQuery = { ...query, queryType: 'both' };
    expect(forApp(both, CoreApp.Explore)).toBe(both);
    expect(forApp(both, CoreApp.Dashboard).queryType).toBe('profile');
  });

  it('alerts on numbers only', () => {
    expect(queryTypesFor(CoreApp.UnifiedAlerting)).toEqual(['metrics', 'topFunctions', 'functionSeries']);
    expect(forApp(query, CoreApp.UnifiedAlerting).queryType).toBe('metrics');
  });

  it.each<[QueryType, string[]]>([
    ['profile', ['maxNodes', 'callSite', 'spanSelector', 'traceIdSelector', 'profileIdSelector']],
    ['metrics', ['groupBy', 'limit', 'aggregation', 'legendFormat', 'exemplars', 'annotations']],
    ['heatmap', ['groupBy', 'limit', 'exemplars']],
    // Both are made of a flame graph's call tree, which these fields select.
    ['plan', optionsFor('profile')],
    ['topFunctions', ['functions', 'limit', ...optionsFor('profile')]],
    ['functionSeries', ['functions', 'measure', 'show', 'limit', 'legendFormat', ...optionsFor('profile')]],
  ])('%s knows its options only', (type, expected) => {
    expect(optionsFor(type)).toEqual(expected);
  });

  it('draws nothing in an alert rule', () => {
    expect(optionsFor('metrics', CoreApp.UnifiedAlerting)).toEqual(['groupBy', 'limit', 'aggregation']);
  });

  it.each<[Partial<PyrofrontQuery>, PyrofrontQuery['exemplars']]>([
    [{ queryType: 'heatmap', exemplars: 'span' }, 'span'],
    [{ queryType: 'metrics', exemplars: 'span' }, undefined],
    [{ queryType: 'metrics', exemplars: 'individual' }, 'individual'],
    [{ queryType: 'metrics', exemplars: 'individual', aggregation: 'average' }, undefined],
  ])('drops exemplars that %j cannot have', (changes, expected) => {
    expect(withoutConflicts({ ...query, ...changes }).exemplars).toBe(expected);
  });

  it.each<[Partial<PyrofrontQuery>, boolean]>([
    [{}, true],
    [{ profileTypeId: '' }, false],
    [{ queryType: 'diff' }, false],
    [{ queryType: 'diff', diff: { timeShift: '' } }, false],
    [{ queryType: 'diff', diff: { timeShift: '1d' } }, true],
  ])('with %j is complete: %s', (changes, expected) => {
    expect(isComplete({ ...query, ...changes })).toBe(expected);
  });
});

describe('describing a query', () => {
  it('says type, picture and selector', () => {
    expect(describeQuery(query)).toBe('CPU time · Flame graph · {a="b"}');
    expect(describeQuery({ ...query, profileTypeId: '', labelSelector: '' })).toBe(
      'No profile type · Flame graph · {}'
    );
  });

  it.each<[Partial<PyrofrontQuery>, string[]]>([
    [{}, []],
    [{ maxNodes: 100, groupBy: ['pod'] }, ['Max nodes: 100']],
    [{ callSite: ['main', 'run'], spanSelector: [] }, ['Call site: main → run']],
    [
      {
        queryType: 'metrics',
        groupBy: ['pod', 'zone'],
        limit: 3,
        aggregation: 'average',
        exemplars: 'span',
        annotations: true,
      },
      ['Group by: pod, zone', 'Limit: 3', 'Aggregation: Average', 'Exemplars: Spans', 'Annotations: on'],
    ],
    [{ queryType: 'metrics', exemplars: 'none', annotations: false }, []],
    [{ queryType: 'topFunctions', functions: 'gc.*' }, ['Functions: gc.*']],
    [{ queryType: 'diff', diff: { timeShift: '1d', labelSelector: '{c="d"}' } }, ['Baseline: {c="d"}, 1d earlier']],
    [{ queryType: 'diff', diff: { from: '1', to: '2' } }, ['Baseline: 1 – 2']],
    [{ queryType: 'diff' }, ['Baseline: not set']],
  ])('sums up %j', (changes, expected) => {
    expect(summariseOptions({ ...query, ...changes })).toEqual(expected);
  });
});

describe('checks as typed', () => {
  it.each([
    ['spanSelector', '64f170a95f537095', true],
    ['spanSelector', '64f170', false],
    ['spanSelector', '$span', true],
    ['traceIdSelector', '4bf92f3577b34da6a3ce929d0e0e4736', true],
    ['traceIdSelector', '64f170a95f537095', false],
    ['profileIdSelector', '7c9e6679-7425-40de-944b-e07fc1f90ae7', true],
    ['profileIdSelector', '7c9e6679', false],
  ] as const)('%s %s', (field, id, good) => {
    expect(idProblem(field, { [field]: [id] }) === undefined).toBe(good);
  });

  it('takes spans or traces, not both', () => {
    const both = { spanSelector: ['64f170a95f537095'], traceIdSelector: ['4bf92f3577b34da6a3ce929d0e0e4736'] };
    expect(idProblem('spanSelector', both)).toContain('not both');
    expect(idProblem('traceIdSelector', both)).toContain('not both');
    expect(idProblem('profileIdSelector', both)).toBeUndefined();
  });

  it('wants a regular expression for functions', () => {
    expect(functionsProblem('a(')).toContain('Not a regular expression');
    expect(functionsProblem('a.*')).toBeUndefined();
    expect(functionsProblem(undefined)).toBeUndefined();
  });

  it.each([
    [undefined, undefined],
    [{ timeShift: '1d' }, undefined],
    [{ timeShift: '$shift' }, undefined],
    [{ timeShift: 'yesterday' }, 'no duration'],
    [{ from: '1' }, 'both ends'],
    [{ from: '1', to: '2' }, undefined],
    [{ from: 'now-1d', to: '2026-01-31T12:00:00Z' }, undefined],
    [{ from: '$from', to: 'noon' }, '“noon” is no time'],
    [{ timeShift: '1d', from: '1', to: '2' }, 'not both'],
  ])('baseline %j', (diff, expected) => {
    const problem = baselineProblem({ ...query, diff });
    expect(problem === undefined).toBe(expected === undefined);
    expect(problem ?? '').toContain(expected ?? '');
  });
});

describe('durations', () => {
  it.each(['90s', '1d', '2w', '1M', '1y', '1h30m', '1.5h', '250ms'])('takes %s', (text) => {
    expect(isDuration(text)).toBe(true);
  });
  it.each(['', '90', '1d12h', '0d', '1.5d', 'd', '-1h', 'yesterday'])('refuses %s, as the backend does', (text) => {
    expect(isDuration(text)).toBe(false);
  });
});
