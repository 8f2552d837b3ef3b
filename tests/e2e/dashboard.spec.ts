import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

import { cpu, removeDashboard, saveDashboard } from './dashboards.ts';
import { expect, test } from './dataSource.ts';

const checkout = '{service_name="checkout"}';

test('a public dashboard draws a query that was saved with the core data source', async ({
  dataSource,
  request,
  browser,
  baseURL,
}) => {
  // Nobody's browser migrates what a public dashboard asks: the backend has to.
  const uid = await saveDashboard(request, dataSource, [
    { type: 'flamegraph', query: { queryType: 'both', profileTypeId: cpu, labelSelector: checkout } },
  ]);
  const published = await request.post(`/api/dashboards/uid/${uid}/public-dashboards`, {
    data: { isEnabled: true, share: 'public' },
  });
  const { accessToken } = (await published.json()) as { accessToken: string };
  const context = await browser.newContext({ baseURL, storageState: { cookies: [], origins: [] } });
  const page = await context.newPage();
  await page.goto(`/public-dashboards/${accessToken}`);
  await expect(page.getByTestId('flameGraph')).toBeVisible();
  await page.screenshot({ path: path.join(screenshotsFolder, 'public-dashboard.png') });
  await context.close();
  await removeDashboard(request, uid);
});

test('a panel that cannot draw a query says which one can', async ({ dataSource, request, page }) => {
  const uid = await saveDashboard(request, dataSource, [
    { type: 'timeseries', query: { queryType: 'heatmap', profileTypeId: cpu, labelSelector: checkout } },
  ]);
  await page.goto(`/d/${uid}?editPanel=1`);
  await expect(page.getByText(/“Time series” cannot draw this. Use Heatmap/)).toBeVisible();
  await removeDashboard(request, uid);
});

test('the table of functions has room for their names', async ({ dataSource, request, page }) => {
  const uid = await saveDashboard(request, dataSource, [
    { type: 'table', query: { queryType: 'topFunctions', profileTypeId: cpu, labelSelector: checkout } },
  ]);
  await page.goto(`/d/${uid}`);
  const [names, numbers] = [/function/, /self/].map((name) => page.getByRole('columnheader', { name }).first());
  await expect(names!).toBeVisible();
  const [wide, narrow] = [await names!.boundingBox(), await numbers!.boundingBox()];
  expect(wide!.width).toBeGreaterThan(narrow!.width);
  await page.screenshot({ path: path.join(screenshotsFolder, 'functions-table.png') });
  await removeDashboard(request, uid);
});

test('the legend of a plan names what it shows', async ({ dataSource, request, page }) => {
  const uid = await saveDashboard(request, dataSource, [
    { type: 'nodeGraph', query: { queryType: 'plan', profileTypeId: cpu, labelSelector: checkout } },
  ]);
  await page.goto(`/d/${uid}`);
  await expect(page.getByText('Bytes', { exact: true })).toBeVisible();
  await expect(page.getByText(/mainstat|secondarystat/i)).toHaveCount(0);
  await page.screenshot({ path: path.join(screenshotsFolder, 'plan.png') });
  await removeDashboard(request, uid);
});

test('a variable on All narrows nothing, and a panel repeats for each value', async ({ dataSource, request, page }) => {
  const uid = await saveDashboard(
    request,
    dataSource,
    [
      {
        type: 'timeseries',
        query: { queryType: 'metrics', profileTypeId: cpu, labelSelector: '{pod="$pod"}', groupBy: ['pod'] },
      },
    ],
    [
      {
        name: 'pod',
        type: 'query',
        multi: true,
        includeAll: true,
        refresh: 1,
        query: { refId: 'pod', type: 'labelValue', labelName: 'pod', profileTypeId: cpu, labelSelector: checkout },
        current: { text: ['All'], value: ['$__all'] },
      },
    ]
  );
  await page.goto(`/d/${uid}`);
  await expect(page.getByText('checkout-0')).toBeVisible();
  await expect(page.getByText('checkout-1')).toBeVisible();
  await expect(page.getByText('search-0')).toHaveCount(0);
  await removeDashboard(request, uid);
});

test('a function in the table leads to what it took over time', async ({ dataSource, request, page }) => {
  const uid = await saveDashboard(request, dataSource, [
    { type: 'table', query: { queryType: 'topFunctions', profileTypeId: cpu, labelSelector: checkout } },
  ]);
  await page.goto(`/d/${uid}`);
  // A name that is full of what means something in an expression.
  const method = page.getByRole('link', { name: '(*' }).first();
  const name = (await method.textContent())!;
  await method.click();
  await expect(page).toHaveURL(/\/explore/);
  await expect(page.getByLabel('Query type')).toHaveValue('Functions over time');
  // The legend of the one series.
  await expect(page.getByRole('button', { name, exact: true })).toHaveCount(1);
  await page.screenshot({ path: path.join(screenshotsFolder, 'function-series.png') });
  await removeDashboard(request, uid);
});
