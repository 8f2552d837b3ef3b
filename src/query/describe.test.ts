import table from '../../pkg/profile/types.json';
import { cpu, query } from '../test/fixtures';
import { type PyrofrontQuery } from '../types';

import { describeQuery } from './describe';

const metrics: PyrofrontQuery = { ...query, queryType: 'metrics' };

it.each<[Partial<PyrofrontQuery>, string]>([
  [{}, 'CPU time · Metrics · {service_name="cart"}'],
  [{ groupBy: ['pod'], limit: 5 }, 'CPU time · Metrics · {service_name="cart"} · Group by: pod · Limit: 5'],
  [
    { aggregation: 'average', legendFormat: '{{pod}}' },
    'CPU time · Metrics · {service_name="cart"} · Aggregation: Average · Legend: {{pod}}',
  ],
  [
    { queryType: 'diff', diff: { timeShift: '1d', labelSelector: '{a="b"}' } },
    'CPU time · Diff · {service_name="cart"} · Baseline: {a="b"}, 1d earlier',
  ],
  [
    { profileTypeId: 'process_cpu:cpu:nanoseconds::nanoseconds' },
    'CPU time (process_cpu:cpu:nanoseconds::nanoseconds) · Metrics · {service_name="cart"}',
  ],
])('%j', (changes, expected) => {
  expect(describeQuery({ ...metrics, ...changes })).toBe(expected);
});

it('never reads the same for two queries', () => {
  const ids = [
    ...new Set(table.types.flatMap(({ examples = [] }) => examples)),
    'memory:alloc_space:kilobytes:a:b',
    'x_y:z:count::',
    'x:y_z:count::',
  ];
  const changes: Array<Partial<PyrofrontQuery>> = [
    ...ids.map((profileTypeId) => ({ profileTypeId })),
    { groupBy: ['a'] },
    { groupBy: ['a', 'b'] },
    { limit: 1 },
    { limit: 2 },
    { aggregation: 'average' },
    { exemplars: 'individual' },
    { annotations: true },
    { legendFormat: 'a' },
    { queryType: 'profile' },
    { queryType: 'profile', maxNodes: 5 },
    { queryType: 'profile', callSite: ['a', 'b'] },
    { queryType: 'profile', callSite: ['a'] },
    { queryType: 'profile', spanSelector: ['1111111111111111'] },
    { queryType: 'profile', traceIdSelector: ['1111111111111111'] },
    { queryType: 'topFunctions', functions: 'a' },
    { queryType: 'diff', diff: { timeShift: '1d' } },
    { queryType: 'diff', diff: { from: '1d', to: '2' } },
    { queryType: 'diff', diff: { labelSelector: '{}' } },
  ];
  const texts = changes.map((change) => describeQuery({ ...metrics, profileTypeId: cpu, ...change }));
  expect(new Set(texts).size).toBe(texts.length);
});
