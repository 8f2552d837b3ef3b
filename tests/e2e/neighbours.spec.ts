import { cpu, removeDashboard, saveDashboard } from './dashboards.ts';
import { expect, pluginType, test } from './dataSource.ts';

const coreType = 'grafana-pyroscope-datasource';

test('a panel that changes from the core data source keeps its query', async ({
  dataSource,
  coreDataSource,
  request,
  gotoPanelEditPage,
  page,
}) => {
  const query = {
    queryType: 'metrics',
    profileTypeId: cpu,
    labelSelector: '{service_name="search"}',
    groupBy: ['pod'],
  };
  const uid = await saveDashboard(request, { ...coreDataSource, type: coreType }, [{ type: 'timeseries', query }]);
  const panel = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await panel.datasource.set(dataSource.name);
  await expect(page.getByLabel('Service', { exact: true })).toHaveValue('search');
  // Grafana does not run a query by itself when its data source changes.
  const asked = page.waitForRequest((sent) => Boolean(sent.postData()?.includes(pluginType)));
  await page.getByTestId('data-testid RefreshPicker run button').click();
  const { queries } = (await asked).postDataJSON() as { queries: Array<Record<string, unknown>> };
  expect(queries[0]).toMatchObject(query);
  await removeDashboard(request, uid);
});

test('a panel that changes to the core data source keeps its labels', async ({
  dataSource,
  coreDataSource,
  request,
  gotoPanelEditPage,
  page,
}) => {
  const query = {
    queryType: 'metrics',
    profileTypeId: cpu,
    labelSelector: '{service_name="search"}',
    groupBy: ['pod'],
  };
  const uid = await saveDashboard(request, dataSource, [{ type: 'timeseries', query }]);
  const panel = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await panel.datasource.set(coreDataSource.name);
  await expect(page.getByText('service_name="search"').first()).toBeVisible();
  await removeDashboard(request, uid);
});
