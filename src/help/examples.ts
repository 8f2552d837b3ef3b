import { type texts } from '../texts';
import { type PyrofrontQuery } from '../types';

export interface Example {
  name: keyof typeof texts.help.examples;
  query: Omit<PyrofrontQuery, 'refId'>;
  /** It is an example for every profile type. */
  anyType: boolean;
}

const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
const allocations = 'memory:alloc_space:bytes:space:bytes';
const everything = { profileTypeId: cpu, labelSelector: '{}', groupBy: [] };

/** The examples of the help page, from the first question to the last. */
export const examples: Example[] = [
  { name: 'cpu', query: { ...everything, queryType: 'profile' }, anyType: false },
  {
    name: 'series',
    query: { ...everything, queryType: 'metrics', groupBy: ['service_name'], limit: 10 },
    anyType: true,
  },
  {
    name: 'regex',
    query: {
      ...everything,
      queryType: 'profile',
      labelSelector: '{service_name=~"checkout|cart.*", service_name!="cart-test"}',
    },
    anyType: true,
  },
  {
    name: 'top',
    query: { ...everything, queryType: 'topFunctions', functions: 'runtime\\.(gc|mallocgc).*' },
    anyType: false,
  },
  {
    name: 'functionSeries',
    query: { ...everything, queryType: 'functionSeries', functions: 'runtime\\.(gc|mallocgc).*' },
    anyType: false,
  },
  { name: 'diff', query: { ...everything, queryType: 'diff', diff: { timeShift: '1d' } }, anyType: true },
  { name: 'allocations', query: { ...everything, queryType: 'profile', profileTypeId: allocations }, anyType: false },
  { name: 'heatmap', query: { ...everything, queryType: 'heatmap', exemplars: 'individual' }, anyType: true },
  { name: 'plan', query: { ...everything, queryType: 'plan' }, anyType: true },
];
