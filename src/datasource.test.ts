import {
  AbstractLabelOperator,
  CoreApp,
  type DataFrame,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  DataTopic,
  FieldType,
  hasQueryImportSupport,
} from '@grafana/data';
import { DataSourceWithBackend } from '@grafana/runtime';
import { firstValueFrom, of } from 'rxjs';

import { clusterDataSource, cpu, query, range } from './test/fixtures';
import { setVariables } from './test/templates';
import { type PyrofrontQuery } from './types';

// The range ends at :01 and is an hour long.
const rounded = { start: 1_700_000_010_000, end: 1_700_003_610_000 };

function request(fields: Partial<DataQueryRequest<PyrofrontQuery>>): DataQueryRequest<PyrofrontQuery> {
  const base = { targets: [query], range, scopedVars: {}, app: CoreApp.Dashboard };
  return { ...base, ...fields } as DataQueryRequest<PyrofrontQuery>;
}

function backendAnswers(response: DataQueryResponse) {
  return jest.spyOn(DataSourceWithBackend.prototype, 'query').mockReturnValue(of(response));
}

beforeEach(() => {
  setVariables({ many: ['a', 'b'], service: 'cart' });
});

afterEach(() => jest.restoreAllMocks());

describe('queries', () => {
  it('are brought up to date and to what the place can show', async () => {
    const { datasource } = clusterDataSource();
    const backend = backendAnswers({ data: [] });
    const old = { refId: 'A', queryType: 'both', profileTypeId: cpu } as PyrofrontQuery;
    await firstValueFrom(datasource.query(request({ targets: [old], app: CoreApp.Unknown })));
    expect(backend.mock.calls[0]?.[0].targets).toEqual([
      { refId: 'A', queryType: 'profile', profileTypeId: cpu, labelSelector: '{}', groupBy: [] },
    ]);
  });

  it('run once they have a profile type', () => {
    const { datasource } = clusterDataSource();
    expect(datasource.filterQuery(query)).toBe(true);
    expect(datasource.filterQuery({ ...query, profileTypeId: '' })).toBe(false);
    expect(datasource.filterQuery({ ...query, queryType: 'diff' })).toBe(false);
    expect(datasource.filterQuery({ ...query, queryType: 'diff', diff: { timeShift: '1d' } })).toBe(true);
  });

  it('take variables and ad hoc filters', () => {
    const { datasource } = clusterDataSource();
    const target = { ...query, labelSelector: '{service_name="$many"}', groupBy: ['$dimension'] };
    const filters = [{ key: 'pod', operator: '=', value: 'x' }];
    const scopedVars = { dimension: { text: 'zone', value: 'zone' } };
    const expected = { labelSelector: '{service_name=~"(a|b)", pod="x"}', groupBy: ['zone'] };
    expect(datasource.applyTemplateVariables(target, scopedVars, filters)).toMatchObject(expected);
    expect(datasource.interpolateVariablesInQueries([target], scopedVars, filters)).toEqual([
      { ...target, ...expected, datasource: datasource.getRef() },
    ]);
  });

  it('are narrowed by a filter on both sides of a diff', () => {
    const { datasource } = clusterDataSource();
    const diff = { labelSelector: '{service_name="checkout"}' };
    const filters = [{ key: 'service_name', operator: '!=', value: 'search' }];
    const asked = datasource.applyTemplateVariables({ ...query, queryType: 'diff', diff }, {}, filters);
    expect(asked.labelSelector).toBe('{service_name="cart", service_name!="search"}');
    expect(asked.diff?.labelSelector).toBe('{service_name="checkout", service_name!="search"}');
  });

  it('are refused with a filter that labels do not have, and say why', async () => {
    const { datasource } = clusterDataSource();
    const backend = backendAnswers({ data: [] });
    const filters = [{ key: 'pod', operator: '<', value: '5' }];
    const answer = await firstValueFrom(datasource.query(request({ filters })));
    expect(answer).toMatchObject({ data: [], state: 'Error', errors: [{ refId: 'A' }] });
    expect(answer.errors?.[0]?.message).toContain('pod < 5');
    expect(backend).not.toHaveBeenCalled();
    // Nor is it forgotten where a query is only passed on.
    expect(datasource.applyTemplateVariables(query, {}, filters).labelSelector).toContain('"pod" < "5"');
  });

  it('select everything with an empty selector', () => {
    const { datasource } = clusterDataSource();
    expect(datasource.applyTemplateVariables({ ...query, labelSelector: '' }, {}).labelSelector).toBe('{}');
  });

  it('begin with the default size of a flame graph', () => {
    const { datasource } = clusterDataSource();
    const first = datasource.getDefaultQuery(CoreApp.Explore);
    expect(first).toEqual({ queryType: 'both', profileTypeId: '', labelSelector: '{}', groupBy: [] });
  });

  it('are shown as a line', () => {
    const { datasource } = clusterDataSource();
    expect(datasource.getQueryDisplayText(query)).toBe('CPU time · Flame graph · {service_name="cart"}');
  });
});

describe('annotations', () => {
  const annotations: DataFrame = {
    length: 2,
    meta: { dataTopic: DataTopic.Annotations },
    fields: [
      { name: 'time', type: FieldType.time, config: {}, values: [1, 5] },
      { name: 'timeEnd', type: FieldType.time, config: {}, values: [3, 5] },
      { name: 'text', type: FieldType.string, config: {}, values: ['throttled', 'sampled'] },
    ],
  };
  const series: DataFrame = { length: 0, fields: [] };

  it('of a dashboard come without the series that they lie on', async () => {
    const { datasource } = clusterDataSource();
    backendAnswers({ data: [series, annotations] });
    const scopedVars = { __annotation: { text: '', value: {} } };
    const forDashboard = await firstValueFrom(datasource.query(request({ scopedVars })));
    expect(forDashboard.data).toEqual([annotations]);
    const forPanel = await firstValueFrom(datasource.query(request({})));
    expect(forPanel.data).toEqual([series, annotations]);
  });

  it('ask for metrics with annotations, and become events', async () => {
    const { annotations: support } = clusterDataSource().datasource;
    const saved = { name: 'x', target: { ...query, queryType: 'profile' } };
    const annotation = support!.prepareAnnotation!(saved);
    expect(annotation).toBe(saved);
    const old = { ...saved, target: { ...query, groupBy: undefined } };
    expect(support!.prepareAnnotation!(old).target).toEqual(query);
    expect(support!.prepareQuery!(annotation)).toMatchObject({ queryType: 'metrics', annotations: true });
    expect(support!.prepareQuery!({ ...annotation, target: undefined })).toBeUndefined();
    const events = await firstValueFrom(support!.processEvents!(annotation, [annotations, series]));
    expect(events).toEqual([
      { time: 1, timeEnd: 3, isRegion: true, text: 'throttled' },
      { time: 5, timeEnd: 5, isRegion: false, text: 'sampled' },
    ]);
  });
});

describe('resources', () => {
  it('are asked over the range, rounded, and no longer than it was', async () => {
    const { datasource, resources } = clusterDataSource();
    await datasource.getProfileTypes(range);
    await datasource.getLabelNames('{a="$service"}', range);
    await datasource.getLabelValues('pod', '', range);
    expect(resources.mock.calls).toEqual([
      ['profileTypes', rounded],
      ['labelNames', { query: '{a="cart"}', ...rounded }],
      ['labelValues', { label: 'pod', query: '{}', ...rounded }],
    ]);
  });

  it('list the labels that people know first', async () => {
    const { datasource, resources } = clusterDataSource();
    resources.mockResolvedValue(['__name__', '__type__', 'pod', 'service_name']);
    expect(await datasource.getLabelNames('{}', range)).toEqual(['pod', 'service_name', '__name__', '__type__']);
  });

  it('are asked over the last day where there is no range', async () => {
    const { datasource, resources } = clusterDataSource();
    await datasource.getProfileTypes();
    const { start, end } = resources.mock.calls[0]![1] as typeof rounded;
    expect(end).toBeGreaterThanOrEqual(Date.now() - 1000);
    expect(end - start).toBe(24 * 60 * 60 * 1000);
  });

  it('give the keys and values of ad hoc filters, limited by the other filters', async () => {
    const { datasource, resources } = clusterDataSource();
    const filters = [
      { key: 'pod', operator: '=', value: 'x' },
      { key: 'region', operator: '=|', value: 'eu', values: ['eu', 'us'] },
    ];
    const keys = await datasource.getTagKeys({ filters, timeRange: range });
    expect(keys).toEqual([{ text: 'service_name' }, { text: 'pod' }, { text: 'region' }]);
    const values = await datasource.getTagValues({ key: 'pod', filters, timeRange: range });
    expect(values).toEqual([{ text: 'cart-1' }, { text: 'cart-2' }]);
    expect(resources.mock.calls).toEqual([
      ['labelNames', { query: '{pod="x", region=~"eu|us"}', ...rounded }],
      ['labelValues', { label: 'pod', query: '{region=~"eu|us"}', ...rounded }],
    ]);
  });
});

// Grafana asks importQueries where the other data source cannot say its queries by labels.
/* eslint-disable @typescript-eslint/no-deprecated */
describe('changing the data source of queries', () => {
  const abstract = {
    refId: 'A',
    labelMatchers: [{ name: 'service_name', operator: AbstractLabelOperator.Equal, value: 'cart' }],
  };

  it('keeps everything of the core Pyroscope data source, which exports labels alone', async () => {
    const exportToAbstractQueries = async () => [abstract];
    const origin = { type: 'grafana-pyroscope-datasource', exportToAbstractQueries } as unknown as DataSourceApi;
    const saved = { ...query, groupBy: ['pod'], maxNodes: 50 };
    const { datasource } = clusterDataSource();
    expect(await datasource.importQueries([saved], origin)).toEqual([saved]);
    // Grafana asks by labels where it can.
    expect(hasQueryImportSupport(datasource)).toBe(false);
  });

  it('keeps the labels of one that can say them', async () => {
    const origin = { type: 'loki', exportToAbstractQueries: async () => [abstract] } as unknown as DataSourceApi;
    const imported = await clusterDataSource().datasource.importQueries([{ refId: 'A' }], origin);
    expect(imported).toMatchObject([{ refId: 'A', labelSelector: '{service_name="cart"}' }]);
  });

  it('keeps nothing of any other', async () => {
    const origin = { type: 'mysql' } as DataSourceApi;
    expect(await clusterDataSource().datasource.importQueries([{ refId: 'A' }], origin)).toEqual([]);
  });

  it('gives its labels to others', async () => {
    expect(await clusterDataSource().datasource.exportToAbstractQueries([query])).toEqual([abstract]);
  });
});

describe('variables', () => {
  it('list the services at first', () => {
    const first = clusterDataSource().datasource.variables!.getDefaultQuery!();
    expect(first).toEqual({ type: 'labelValue', labelName: 'service_name' });
  });

  it.each([
    [
      { type: 'profileType' },
      [
        { text: 'Memory in use', value: 'memory:inuse_space:bytes:space:bytes' },
        { text: 'CPU time', value: cpu },
      ],
      undefined,
    ],
    [
      { type: 'label', profileTypeId: cpu },
      [{ text: 'service_name' }, { text: 'pod' }, { text: 'region' }],
      `{__profile_type__="${cpu}"}`,
    ],
    [
      { type: 'labelValue', labelName: 'pod', labelSelector: '{service_name="$service"}' },
      [{ text: 'cart-1' }, { text: 'cart-2' }],
      '{service_name="cart"}',
    ],
    // service → type → pod
    [
      { type: 'profileType', labelSelector: '{service_name="$service"}' },
      [
        { text: 'Memory in use', value: 'memory:inuse_space:bytes:space:bytes' },
        { text: 'CPU time', value: cpu },
      ],
      '{service_name="cart"}',
    ],
    [
      { type: 'labelValue', labelName: 'pod', labelSelector: '{service_name="$service"}', profileTypeId: '$many' },
      [{ text: 'cart-1' }, { text: 'cart-2' }],
      '{__profile_type__=~"(a|b)", service_name="cart"}',
    ],
    [{ type: 'labelValue' }, [], undefined],
    [{}, [], undefined],
  ])('%j', async (target, expected, asked) => {
    const { datasource, resources } = clusterDataSource();
    const variables = datasource.variables as unknown as {
      query: (request: unknown) => ReturnType<typeof datasource.query>;
    };
    const { data } = await firstValueFrom(variables.query({ targets: [{ refId: 'A', ...target }], range }));
    expect(data).toEqual(expected);
    expect((resources.mock.calls[0]?.[1] as { query?: string } | undefined)?.query).toBe(asked);
  });
});
