import { expect, test } from './test.ts';

test('a label filter in the builder, with names and values from the cluster', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByRole('button', { name: 'Add a label filter' }).click();
  const filter = workbench.editor.getByRole('group', { name: 'Label filter 1' });
  await filter.getByLabel('Label', { exact: true }).click();
  await expect(page.getByRole('option', { name: 'region' })).toBeVisible();
  await page.getByRole('option', { name: 'pod' }).click();
  await filter.getByLabel('Value', { exact: true }).click();
  const pod = page.getByRole('option').first();
  const name = await pod.innerText();
  await pod.click();
  await expect.poll(() => workbench.executedQuery()).toContain(`pod="${name}"`);
  await workbench.expectAccessible();
  await workbench.screenshot('builder');

  await workbench.pick('Code');
  await expect(workbench.editor.locator('.view-line').first()).toContainText(`pod="${name}"`);
});

test('the same in code, with completion, run from the keyboard', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.pick('Code');
  await workbench.replaceCode('{');
  const offers = page.locator('.suggest-widget');
  await page.keyboard.press('Control+Space');
  await expect(offers).toContainText('service_name');
  await expect(offers).toContainText('region');
  await page.keyboard.type('service_');
  await expect(offers.locator('.monaco-list-row').first()).toContainText('service_name');
  await page.keyboard.press('Enter');
  await expect(offers).toContainText('search');
  await workbench.screenshot('completion');
  await page.keyboard.type('sea');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('End');
  await page.keyboard.type('}');
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => workbench.executedQuery()).toContain('service_name="search"');
  await expect(workbench.editor.getByLabel('Service')).toHaveValue('search');
});

test('what is wrong with a selector is said under it, and the builder waits', async ({ workbench, page }) => {
  // The query runs as it stands, and the plugin refuses it.
  workbench.expectConsoleError(/400.*\/api\//);
  await workbench.openFirstQuery();
  await workbench.pick('Code');
  await workbench.replaceCode('{service_name="checkout"');
  await expect(workbench.editor.getByText('The closing brace } is missing.').first()).toBeVisible();
  await expect(workbench.editor.getByRole('radio', { name: 'Builder' })).toBeDisabled();
  await workbench.expectAccessible();
  await page.keyboard.press('Shift+Enter');
  await expect(workbench.result.getByRole('alert')).toContainText(/selector/i);
  await workbench.screenshot('error');
});

test('an example of the help runs on a click', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await page.getByRole('button', { name: 'Query help' }).click();
  await page.getByRole('button', { name: /Which service uses the most/ }).click();
  await expect(workbench.editor.getByLabel('Query type')).toHaveValue('Metrics');
  await expect(workbench.box('Graph')).toContainText('search');
  await workbench.expectAccessible();
  await workbench.screenshot('help');
});

test('everything can be reached with the keyboard', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByLabel('Profile type').focus();
  await page.keyboard.press('Tab');
  await expect(workbench.editor.getByLabel('Service')).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { name: 'search' })).toBeVisible();
  await page.keyboard.press('Escape');
  const options = workbench.editor.getByRole('button', { name: /^Options/ });
  const isFocused = () => options.evaluate((button) => button === document.activeElement);
  for (let step = 0; step < 12 && !(await isFocused()); step++) {
    await page.keyboard.press('Tab');
  }
  await expect(options).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(workbench.editor.getByLabel('Max nodes')).toBeVisible();
});
