import { expect, test } from './test.ts';

test('the first query is a service’s CPU time, with flame graph and metrics', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await expect(workbench.editor.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await expect(workbench.editor.getByLabel('Service')).not.toHaveValue('');
  await expect(workbench.box('Graph').locator('canvas').first()).toBeVisible();
  await expect(workbench.box('Flame graph').locator('canvas').first()).toBeVisible();
  await workbench.expectAccessible();
  await workbench.screenshot('query-editor');
});

test('flame graph', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Flame graph');
  await expect(workbench.box('Graph')).toBeHidden();
  await expect(workbench.box('Flame graph').locator('canvas').first()).toBeVisible();
  await expect(workbench.box('Flame graph')).toContainText('Symbol');
  await workbench.screenshot('flame-graph');
});

test('metrics by label', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Metrics');
  await expect(workbench.box('Flame graph')).toBeHidden();
  await workbench.openOptions();
  await workbench.choose('Group by', 'pod');
  await workbench.page.keyboard.press('Escape');
  await expect(workbench.box('Graph')).toContainText(/checkout-\w+/);
  await workbench.expectAccessible();
  await workbench.screenshot('metrics');
});

test('top functions, only those that match', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Top functions');
  const table = workbench.box('functions').getByRole('grid');
  await expect(table).toContainText('share');
  await workbench.openOptions();
  const functions = workbench.editor.getByLabel('Functions', { exact: true });
  await functions.fill('compress/.*');
  await functions.press('Shift+Enter');
  await expect(table).not.toContainText('runtime.');
  await expect(table).toContainText('compress/flate');
  await workbench.expectAccessible();
  await workbench.screenshot('top-functions');
});

test('diff with one of the pods', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Diff');
  await expect(workbench.editor.getByRole('status')).toContainText('Say what to compare with');
  await expect(workbench.result).toContainText('No data');
  await workbench.expectAccessible();
  await workbench.replaceCode('{service_name="checkout",pod="checkout-1"}');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Enter');
  await expect(workbench.box('Flame graph').locator('canvas').first()).toBeVisible();
  await expect(workbench.box('Flame graph')).toContainText('Baseline');
  await expect(workbench.result.getByRole('alert')).toHaveCount(0);
  await workbench.expectAccessible();
  await workbench.screenshot('diff');
});

test('diff with an earlier time', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Diff');
  await workbench.choose('Baseline time shift', '1 day earlier');
  // The demo has no day before this one.
  await expect(workbench.result.getByText('The baseline is empty')).toBeVisible();
  await expect(workbench.editor.getByRole('status')).toHaveCount(0);
});

test('heat map', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Heat map');
  await expect(workbench.box('Heat map').locator('rect').first()).toBeVisible();
  await workbench.expectAccessible();
  await workbench.screenshot('heat-map');
});

test('query plan', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByRole('button', { name: 'Clear value' }).click();
  await workbench.chooseQueryType('Query plan');
  await expect(workbench.box('Node graph').getByText(/read/i).first()).toBeVisible();
  await workbench.expectAccessible();
  await workbench.screenshot('plan');
});

test('every other type tells its plan in the query inspector', async ({ workbench }) => {
  await workbench.openFirstQuery();
  expect(await workbench.executedQuery()).toMatch(/service_name="[^"]+".*\n(.*\n)*.*Read/);
  await workbench.page.getByText('Query inspector').click();
  await expect(workbench.result.getByRole('row', { name: /Bytes fetched/ })).toBeVisible();
});

test('an alert rule’s query', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.pick('Alert rule');
  await expect(workbench.editor.getByLabel('Query type')).toHaveValue('Metrics');
  await workbench.editor.getByLabel('Query type').click();
  await expect(page.getByRole('option')).toHaveText([/Metrics/, /Top functions/, /Functions over time/]);
  await page.getByRole('option', { name: /Top functions/ }).click();
  await workbench.openOptions();
  await workbench.editor.getByLabel('Functions', { exact: true }).fill('runtime\\..*');
  await workbench.editor.getByLabel('Functions', { exact: true }).press('Shift+Enter');
  await expect(workbench.box('functions').getByRole('grid')).toContainText('runtime.');
  await workbench.screenshot('alert-query');
});
