import { expect, test } from './test.ts';

test('Enter takes the first match of what is typed, at the speed of a keyboard', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  const service = workbench.editor.getByLabel('Service');
  await service.click();
  await page.keyboard.type('sea');
  await page.keyboard.press('Enter');
  await expect(service).toHaveValue('search');
  await expect.poll(() => workbench.executedQuery()).toContain('service_name="search"');
});

test('a custom value comes last', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByLabel('Service').click();
  await page.keyboard.type('sea');
  await expect(page.getByRole('option')).toHaveText(['search', 'sea']);
  await workbench.screenshot('custom-last');
});

test('Tab through an open list changes nothing', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  const service = workbench.editor.getByLabel('Service');
  const before = await service.inputValue();
  for (let time = 0; time < 2; time++) {
    await service.click();
    await expect(page.getByRole('option').first()).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(service).toHaveValue(before);
  }
});

test('Tab in a picker of several takes the first match and goes on', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Metrics');
  await workbench.openOptions();
  const groupBy = workbench.editor.getByRole('combobox', { name: 'Group by' });
  await groupBy.click();
  // All at once: Grafana's picker of several values loses letters that come faster than it draws.
  await groupBy.fill('regi');
  await page.keyboard.press('Tab');
  const pill = workbench.editor.getByText('region', { exact: true });
  await expect(pill).toBeVisible();
  await expect(workbench.box('Graph')).toContainText('eu-west');
  await expect(groupBy).not.toBeFocused();
  await expect(groupBy).toHaveValue('');
  await expect(page.getByRole('option')).toHaveCount(0);
  await expect(workbench.editor.getByText('regi', { exact: true })).toHaveCount(0);
  // What is chosen stays so, with the list open and nothing typed, or with the arrow keys on it.
  await groupBy.click();
  await expect(page.getByRole('option', { name: 'region' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(pill).toBeVisible();
  await groupBy.click();
  await groupBy.fill('region');
  await expect(page.getByRole('option').first()).toHaveText('region');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await expect(pill).toBeVisible();
  await expect(page.getByRole('option')).toHaveCount(0);
});

test('typed options run with Enter, and on leaving the field', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Top functions');
  await workbench.openOptions();
  const table = workbench.box('functions').getByRole('grid');
  const functions = workbench.editor.getByLabel('Functions', { exact: true });
  await functions.fill('compress/.*');
  await functions.press('Enter');
  await expect(table).not.toContainText('runtime.');
  await expect(table).toContainText('compress/flate');
  await functions.fill('runtime\\..*');
  await page.keyboard.press('Tab');
  await expect(table).toContainText('runtime.');
  await expect(table).not.toContainText('compress/flate');
});

test('every field of every state has a name', async ({ workbench, page }) => {
  // Axe looks at eight states.
  test.slow();
  await workbench.openFirstQuery();
  await workbench.addFilter('region', 'eu-west');
  const filter = workbench.editor.getByRole('group', { name: 'Label filter 1' });
  await filter.getByLabel('Comparison', { exact: true }).click();
  await page.getByRole('option', { name: '=~' }).click();
  await expect(filter.getByRole('combobox', { name: 'Value', exact: true })).toBeVisible();
  await workbench.openOptions();
  for (const type of ['Metrics', 'Flame graph', 'Top functions', 'Diff', 'Heat map', 'Query plan', 'Both']) {
    await workbench.chooseQueryType(type);
    await workbench.expectNamed();
    await workbench.expectAccessible();
  }
  await workbench.pick('Code');
  await workbench.expectNamed();
  await workbench.expectAccessible();
});

test('a list that is open is accessible too', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  for (const label of ['Profile type', 'Service', 'Query type']) {
    await workbench.editor.getByLabel(label, { exact: true }).click();
    await expect(page.getByRole('option').first()).toBeVisible();
    await workbench.expectAccessible();
    await page.keyboard.press('Escape');
  }
});

test('a limit stays with its query type', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Metrics');
  await workbench.openOptions();
  const limit = workbench.editor.getByLabel('Limit', { exact: true });
  await limit.fill('1');
  await limit.press('Enter');
  await workbench.chooseQueryType('Top functions');
  await expect(limit).toHaveValue('');
  await expect(workbench.box('functions').getByRole('row').nth(3)).toBeVisible();
  await workbench.chooseQueryType('Metrics');
  await expect(limit).toHaveValue('1');
});

test('a rule on functions asks which', async ({ workbench }) => {
  await workbench.openFirstQuery();
  await workbench.pick('Alert rule');
  await workbench.chooseQueryType('Top functions');
  await expect(workbench.editor.getByRole('status')).toContainText('an instance for each function');
  const functions = workbench.editor.getByLabel('Functions', { exact: true });
  await functions.fill('runtime\\..*');
  await functions.press('Enter');
  await expect(workbench.editor.getByRole('status')).toHaveCount(0);
  await workbench.screenshot('rule-functions');
});

test('a profile type that the service does not have is told', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  const type = workbench.editor.getByLabel('Profile type');
  await type.click();
  await page.keyboard.type('wall:wall:nanoseconds:wall:nanoseconds');
  await page.keyboard.press('Enter');
  await expect(workbench.editor.getByRole('status')).toContainText('no profiles of this type');
  await workbench.expectAccessible();
  await workbench.screenshot('no-such-type');
});
