import { expect, test as base } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';

export { expect };

export const pluginType = 'pyrofront-pyroscope-datasource';

/** Where Grafana reaches the cluster. The defaults are docker-compose.yaml's. */
export const addresses = {
  metastoreAddress: process.env.METASTORE_ADDRESS ?? 'dns:///pyroscope:9095',
  queryBackendAddress: process.env.QUERY_BACKEND_ADDRESS ?? 'dns:///pyroscope:9095',
};

interface DataSource {
  uid: string;
  name: string;
}

interface Fixtures {
  dataSource: DataSource;
  /** A data source of the core type over `dataSource`, for what looks for that type. */
  coreDataSource: DataSource;
}

/** Each test has a data source of its own, the default one, which is there before the page and goes when it ends. */
export const test = base.extend<Fixtures>({
  // Grafana gives a session another token every ten minutes; the one that all tests begin with is of no use then.
  context: async ({ context, grafanaAPICredentials: { user, password } }, use) => {
    const answer = await context.request.post('/login', { data: { user, password } });
    expect(answer).toBeOK();
    await use(context);
  },
  dataSource: [
    async ({ createDataSource, request, grafanaAPICredentials }, use, { testId }) => {
      const created = await createDataSource({
        type: pluginType,
        name: `Pyrofront ${testId}`,
        // New queries begin with the default data source.
        isDefault: true,
        jsonData: { ...addresses, tenants: ['anonymous'] },
      } as Parameters<typeof createDataSource>[0]);
      await use(created);
      const { user, password } = grafanaAPICredentials;
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      await request.delete(`/api/datasources/uid/${created.uid}`, { headers: { authorization } });
    },
    { auto: true },
  ],
  coreDataSource: async (
    { dataSource, createDataSource, request, baseURL, grafanaAPICredentials },
    use,
    { testId }
  ) => {
    const { user, password } = grafanaAPICredentials;
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const created = await createDataSource({
      type: 'grafana-pyroscope-datasource',
      name: `Core ${testId}`,
      url: `${baseURL}/api/datasources/uid/${dataSource.uid}/resources`,
      jsonData: { httpHeaderName1: 'Authorization' },
      secureJsonData: { httpHeaderValue1: authorization },
    } as Parameters<typeof createDataSource>[0]);
    await use(created);
    await request.delete(`/api/datasources/uid/${created.uid}`, { headers: { authorization } });
  },
});

/** Chooses an option of a picker. Grafana may close a picker again while the page around it still loads. */
export async function choose(page: Page, label: string, name: RegExp) {
  const option = page.getByRole('option', { name }).first();
  await expect(async () => {
    await page.getByRole('combobox', { name: label, exact: true }).last().click();
    await expect(option).toBeVisible({ timeout: 3_000 });
  }).toPass();
  await option.click();
}
