import { addresses, expect, pluginType, test } from './dataSource.ts';

test('save and test says that both services answer', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: pluginType });
  await page.getByLabel('Metastore address').fill(addresses.metastoreAddress);
  await page.getByLabel('Query-backend address').fill(addresses.queryBackendAddress);
  await expect(config.saveAndTest()).toBeOK();
  await expect(config).toHaveAlert('success', { hasText: 'Metastore answers' });
});

test('save and test says which service does not answer', async ({ createDataSourceConfigPage, page }) => {
  const config = await createDataSourceConfigPage({ type: pluginType });
  await page.getByLabel('Metastore address').fill('127.0.0.1:1');
  await page.getByLabel('Query-backend address').fill(addresses.queryBackendAddress);
  await expect(config.saveAndTest()).not.toBeOK();
  await expect(config).toHaveAlert('error', { hasText: '127.0.0.1:1' });
});
