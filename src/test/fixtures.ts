import { type DataSourceInstanceSettings, dateTime, PluginType, type TimeRange } from '@grafana/data';

import { PyrofrontDataSource } from '../datasource';
import { type PyrofrontOptions, type PyrofrontQuery } from '../types';

export const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';
export const memory = 'memory:inuse_space:bytes:space:bytes';

export const query: PyrofrontQuery = {
  refId: 'A',
  queryType: 'profile',
  profileTypeId: cpu,
  labelSelector: '{service_name="cart"}',
  groupBy: [],
};

export const range: TimeRange = {
  from: dateTime(1_700_000_001_000),
  to: dateTime(1_700_003_601_000),
  raw: { from: 'now-1h', to: 'now' },
};

const settings = {
  uid: 'profiles',
  type: 'pyrofront-pyroscope-datasource',
  name: 'Profiles',
  access: 'proxy',
  readOnly: false,
  jsonData: {},
  meta: {
    id: 'pyrofront-pyroscope-datasource',
    name: 'Pyrofront',
    type: PluginType.datasource,
    module: '',
    baseUrl: '',
    info: {
      author: { name: '' },
      description: '',
      links: [],
      logos: { large: '', small: '' },
      screenshots: [],
      updated: '',
      version: '',
    },
  },
} as unknown as DataSourceInstanceSettings<PyrofrontOptions>;

const labels: Record<string, string[]> = {
  service_name: ['cart', 'checkout'],
  pod: ['cart-1', 'cart-2'],
  region: ['eu.west', 'us.east'],
};

/** A data source whose resources answer from a small cluster. `resources` records what was asked. */
export function clusterDataSource() {
  const datasource = new PyrofrontDataSource(settings);
  const resources = jest.fn(async (path: string, params?: Record<string, unknown>): Promise<unknown> => {
    switch (path) {
      case 'profileTypes':
        return [memory, cpu].map((id) => ({ id, label: id }));
      case 'labelNames':
        return Object.keys(labels);
      case 'functionNames':
        return ['main.main', 'Map[int,string].Get', 'runtime.mallocgc'];
      default:
        return labels[String(params?.label)] ?? [];
    }
  });
  datasource.getResource = resources as typeof datasource.getResource;
  return { datasource, resources };
}
