import { type DataQuery } from '@grafana/schema';

import { type PyrofrontQuery } from '../types';

import { migrateQuery } from './migrate';

const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

function saved(fields: object): DataQuery {
  return { refId: 'A', ...fields };
}

describe('migrateQuery', () => {
  it('leaves a query alone that is up to date', () => {
    const query: PyrofrontQuery = {
      refId: 'A',
      queryType: 'topFunctions',
      profileTypeId: cpu,
      labelSelector: '{a="b"}',
      groupBy: ['pod'],
      limit: 5,
      callSite: ['main'],
      diff: { timeShift: '1d' },
    };
    expect(migrateQuery(query)).toBe(query);
  });

  it('takes a query of the core data source as it is', () => {
    const core = saved({
      queryType: 'both',
      profileTypeId: cpu,
      labelSelector: '{service_name="a"}',
      groupBy: ['pod'],
      limit: 3,
      maxNodes: 100,
      spanSelector: ['1111111111111111'],
      annotations: true,
      datasource: { uid: 'x' },
      hide: true,
    });
    expect(migrateQuery(core)).toBe(core);
  });

  it('leaves an empty selector alone, which somebody may be about to write', () => {
    const query = saved({ queryType: 'profile', profileTypeId: cpu, labelSelector: '', groupBy: [] });
    expect(migrateQuery(query)).toBe(query);
  });

  it.each([
    ['no group', {}, { groupBy: [] }],
    ['a single group', { groupBy: 'pod' }, { groupBy: ['pod'] }],
    ['no selector', { labelSelector: undefined }, { labelSelector: '{}' }],
    ['counts of 0', { limit: 0, maxNodes: 0 }, {}],
    ['counts as text', { limit: '7', maxNodes: null }, { limit: 7 }],
    ['an empty span', { spanSelector: [''] }, { spanSelector: [] }],
    ['exemplars', { includeExemplars: true }, { exemplars: 'individual' }],
    ['no exemplars', { includeExemplars: false }, {}],
    ['no query type', { queryType: undefined }, { queryType: 'both' }],
    ['no profile type', { profileTypeId: undefined }, { profileTypeId: '' }],
  ])('mends %s', (_, change, expected) => {
    const base = { refId: 'A', queryType: 'metrics', profileTypeId: cpu, labelSelector: '{a="b"}' };
    expect(migrateQuery(saved({ ...base, ...change }))).toEqual({ ...base, groupBy: [], ...expected });
  });

  it.each([
    [{ query: 'my.app.cpu{region="eu"}' }, cpu, '{service_name="my.app", region="eu"}'],
    [{ name: 'shop.alloc_space' }, 'memory:alloc_space:bytes:space:bytes', '{service_name="shop"}'],
    [{ name: 'shop', format: 'json', from: 'now-1h', until: 'now' }, '', '{service_name="shop"}'],
  ])('reads %j of the first Pyroscope plugin', (fields, profileTypeId, labelSelector) => {
    expect(migrateQuery(saved(fields))).toEqual({
      refId: 'A',
      queryType: 'profile',
      profileTypeId,
      labelSelector,
      groupBy: [],
    });
  });

  it('has nothing left to do after it was done', () => {
    const once = migrateQuery(saved({ groupBy: 'pod', limit: 0, includeExemplars: true }));
    expect(migrateQuery(once)).toBe(once);
  });
});
