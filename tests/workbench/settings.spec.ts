import { expect, test } from './test.ts';

test.describe('config editor', () => {
  // The host keeps what a test saves: each starts from what there was at first.
  let original: object;
  test.beforeAll(async ({ request }) => {
    original = await (await request.get('/api/datasources/uid/demo')).json();
  });
  test.afterEach(async ({ request }) => {
    await request.put('/api/datasources/uid/demo', { data: original });
  });

  test('saves and tells which services answer', async ({ workbench, page }) => {
    await workbench.open({ page: 'settings' });
    await expect(page.getByLabel('Metastore address')).toHaveValue(/^127\.0\.0\.1:\d+/);
    await page.getByRole('button', { name: 'Save & test' }).click();
    const outcome = page.getByRole('status');
    await expect(outcome).toContainText('Metastore answers');
    await expect(outcome).toContainText('Query-backend answers');
    await workbench.expectAccessible();
    await workbench.screenshot('config');
  });

  test('says what is wrong with an address as it is typed', async ({ workbench, page }) => {
    await workbench.open({ page: 'settings' });
    const address = page.getByLabel('Metastore address');
    await address.fill('http://metastore:9095');
    await expect(page.getByText('gRPC addresses have no http://')).toBeVisible();
    await address.fill('metastore');
    await expect(page.getByText('is not of the form host:port')).toBeVisible();
    await workbench.expectAccessible();
    await address.fill('dns:///metastore:9095');
    await expect(page.getByText('is not of the form host:port')).toBeHidden();
  });

  test('says which service does not answer', async ({ workbench, page }) => {
    // Health checks that fail have status 400, which the browser logs.
    workbench.expectConsoleError(/400.*\/health/);
    await workbench.open({ page: 'settings' });
    // Port 1 of this machine: nobody listens there.
    await page.getByLabel('Query-backend address').fill('127.0.0.1:1');
    await page.getByRole('button', { name: 'Save & test' }).click();
    const outcome = page.getByRole('alert').last();
    await expect(outcome).toContainText('Metastore answers');
    await expect(outcome).toContainText('127.0.0.1:1');
    await workbench.screenshot('config-error');
  });

  test('keeps tenants and limits, and is red for a tenant of whom there is nothing', async ({ workbench, page }) => {
    workbench.expectConsoleError(/400.*\/health/);
    await workbench.open({ page: 'settings' });
    await page.getByPlaceholder(/press Enter to add/).fill('second');
    await page.getByPlaceholder(/press Enter to add/).press('Enter');
    await page
      .getByRole('button', { name: /limits/i })
      .first()
      .click();
    await page.getByLabel('Default flame graph size').fill('4096');
    await page.getByLabel('Largest message').fill('536870912');
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(page.getByRole('alert').last()).toContainText('Nothing is found for tenant "second"');
    await page.reload();
    await expect(page.getByText('second', { exact: true })).toBeVisible();
    const saved = await (await page.request.get('/api/datasources/uid/demo')).json();
    expect(saved.jsonData).toMatchObject({
      tenants: ['anonymous', 'second'],
      maxNodesDefault: 4096,
      maxMessageBytes: 536_870_912,
    });
  });

  test('a tenant is as long as Pyroscope allows, and one that cannot be is red and stays red', async ({
    workbench,
    page,
  }) => {
    // The backend refuses the settings.
    workbench.expectConsoleError(/400.*\/api\//);
    await workbench.open({ page: 'settings' });
    const tenants = page.getByRole('textbox', { name: /^Tenants/ });
    const long = `${'team-'.repeat(29)}12345`;
    await tenants.fill(long);
    await tenants.press('Enter');
    await expect(page.getByText(long)).toBeVisible();
    await expect(page.getByText('is not a tenant')).toHaveCount(0);
    await tenants.fill('t1:product=k6');
    await expect(page.getByText('“t1:product=k6” is not a tenant')).toBeVisible();
    const save = page.getByRole('button', { name: 'Save & test' });
    await save.click();
    await expect(page.getByText('t1:product=k6', { exact: true })).toBeVisible();
    await expect(page.getByText('“t1:product=k6” is not a tenant')).toBeVisible();
    await expect(tenants).toHaveAttribute('aria-invalid', 'true');
    // Said by the page, not by the field: the click that left the field was one on the button.
    await expect(page.getByRole('alert').last()).toContainText('tenants: entry 3');
    await workbench.expectAccessible();
    await workbench.screenshot('bad-tenant');
    const saved = await (await page.request.get('/api/datasources/uid/demo')).json();
    expect(saved.jsonData.tenants).toEqual(['anonymous', long, 't1:product=k6']);
  });

  test('keeps a secret and never shows it', async ({ workbench, page }) => {
    await workbench.open({ page: 'settings' });
    await page.getByLabel('Authentication method').click();
    await page.getByRole('option', { name: /Bearer token/ }).click();
    await page.getByRole('textbox', { name: /^Token/ }).fill('s3cret-token');
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(page.getByRole('status')).toContainText('Metastore answers');
    await page.reload();
    await expect(page.getByRole('textbox', { name: /^Token/ })).toBeDisabled();
    const saved = await (await page.request.get('/api/datasources/uid/demo')).json();
    expect(saved.secureJsonFields).toEqual({ bearerToken: true });
    expect(JSON.stringify(saved)).not.toContain('s3cret-token');
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(page.getByRole('status')).toContainText('Metastore answers');
  });
});

test('a provisioned data source can be looked at and tested, not changed', async ({ workbench, page }) => {
  await workbench.open({ page: 'settings', dataSource: 'demo-provisioned' });
  await expect(page.getByLabel('Metastore address')).toBeDisabled();
  for (const field of await page.getByRole('main').getByRole('textbox').all()) {
    await expect(field).toBeDisabled();
  }
  for (const field of await page.getByRole('main').getByRole('switch').all()) {
    await expect(field).toBeDisabled();
  }
  for (const field of await page.getByRole('main').getByRole('combobox').all()) {
    await expect(field).toBeDisabled();
  }
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(page.getByRole('status').last()).toContainText('Metastore answers');
  await workbench.expectAccessible();
  await workbench.screenshot('config-provisioned');
  const refused = await page.request.put('/api/datasources/uid/demo-provisioned', {
    data: { name: 'x', jsonData: {} },
  });
  expect(refused.status()).toBe(403);
});
