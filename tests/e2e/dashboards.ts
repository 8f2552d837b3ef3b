import type { APIRequestContext } from '@playwright/test';

import { pluginType } from './dataSource.ts';

export const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

interface PanelOptions {
  type: string;
  title?: string;
  query: Record<string, unknown>;
}

/** Saves a dashboard of panels that ask a data source, and gives its uid. */
export async function saveDashboard(
  request: APIRequestContext,
  { uid, type: dataSourceType = pluginType }: { uid: string; type?: string },
  panels: PanelOptions[],
  variables: Array<Record<string, unknown>> = []
): Promise<string> {
  const datasource = { type: dataSourceType, uid };
  const dashboard = {
    title: `Pyrofront ${uid}`,
    schemaVersion: 41,
    time: { from: 'now-1h', to: 'now' },
    templating: { list: variables.map((variable) => ({ datasource, ...variable })) },
    panels: panels.map(({ type, title = type, query }, index) => ({
      id: index + 1,
      type,
      title,
      datasource,
      gridPos: { x: 0, y: index * 12, w: 24, h: 12 },
      targets: [{ refId: 'A', datasource, ...query }],
    })),
  };
  const saved = await request.post('/api/dashboards/db', { data: { dashboard, overwrite: true } });
  return ((await saved.json()) as { uid: string }).uid;
}

export async function removeDashboard(request: APIRequestContext, uid: string) {
  await request.delete(`/api/dashboards/uid/${uid}`);
}
