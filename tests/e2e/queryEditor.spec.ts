import { choose, expect, test } from './dataSource.ts';

// New queries are of the test's data source, which is the default one. It has to be there before the page.
test.beforeEach(({ dataSource }) => {
  expect(dataSource.uid).not.toBe('');
});

test('Explore shows the first service’s flame graph', async ({ explorePage }) => {
  const { page } = explorePage.ctx;
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await expect(page.getByLabel('Service', { exact: true })).not.toHaveValue('');
  await expect(page.getByTestId('flameGraph')).toBeVisible();
});

test('a new panel begins with a query that it draws', async ({ panelEditPage, page }) => {
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await expect(page.getByLabel('Query type')).toHaveValue('Metrics');
  await expect(panelEditPage.panel.locator).toContainText('cpu');
});

test('Explore shows the functions that cost the most', async ({ explorePage }) => {
  const { page } = explorePage.ctx;
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await choose(page, 'Query type', /Top functions/);
  await expect(page.getByRole('columnheader', { name: /share/ })).toBeVisible();
});
