import type { Locator, Page } from '@playwright/test';
import { copyFile } from 'node:fs/promises';

import { expect, test } from '../workbench/test.ts';

const catalog = new URL('../../src/img/', import.meta.url).pathname;
const docs = new URL('../../docs/img/', import.meta.url).pathname;

const margin = 8;

test.use({ viewport: { width: 1200, height: 900 } });

test.beforeEach(async ({ workbench, page }) => {
  // Icons come over the network here, and may come late: the second time they are there.
  await workbench.openFirstQuery();
  await page.waitForLoadState('networkidle');
});

/** Takes a picture of a part of the page, and of what is below it up to a height, without the workbench around. */
async function picture(page: Page, name: string, part: Locator, height?: number) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    window.scrollTo(0, 0);
  });
  const box = await part.boundingBox();
  const clip = {
    x: box!.x - margin,
    y: box!.y - margin,
    width: box!.width + 2 * margin,
    height: (height ?? box!.height) + 2 * margin,
  };
  const path = `${catalog}${name}.png`;
  await page.screenshot({ path, fullPage: true, animations: 'disabled', clip });
  await copyFile(path, `${docs}${name}.png`);
}

test('query editor', async ({ workbench, page }) => {
  // The demo's profiles are of the minute before it served.
  await workbench.openFirstQuery({ from: 'now-5m' });
  await workbench.editor.getByRole('button', { name: 'Add a label filter' }).click();
  const filter = workbench.editor.getByRole('group', { name: 'Label filter 1' });
  await filter.getByLabel('Label', { exact: true }).click();
  await page.getByRole('option', { name: 'region' }).click();
  await filter.getByLabel('Comparison', { exact: true }).click();
  await page.getByRole('option', { name: '=~' }).click();
  await filter.getByLabel('Value', { exact: true }).click();
  await page.getByRole('option').nth(0).click();
  await page.getByRole('option').nth(1).click();
  await page.keyboard.press('Escape');
  await expect.poll(() => workbench.executedQuery()).toContain('region=~');
  await workbench.openOptions();
  await workbench.choose('Group by', 'pod');
  await page.keyboard.press('Escape');
  await expect(workbench.box('Graph')).toContainText(/checkout-\w+/);
  await picture(page, 'query-editor', workbench.editor, 760);
});

test('flame graph', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Flame graph');
  await expect(workbench.box('Graph')).toBeHidden();
  await expect(workbench.box('Flame graph')).toContainText('Symbol');
  await picture(page, 'flame-graph', workbench.editor, 760);
});

test('diff', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.chooseQueryType('Diff');
  await workbench.replaceCode('{service_name="checkout", pod="checkout-1"}');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Enter');
  await expect(workbench.box('Flame graph')).toContainText('Baseline');
  await workbench.openOptions();
  await picture(page, 'diff', workbench.editor, 760);
});

test('plan', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByRole('button', { name: 'Clear value' }).click();
  await workbench.chooseQueryType('Query plan');
  await expect(workbench.box('Node graph').getByText(/read/i).first()).toBeVisible();
  await picture(page, 'plan', workbench.editor, 520);
});

test('alert query', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.pick('Alert rule');
  await workbench.chooseQueryType('Top functions');
  await workbench.openOptions();
  const functions = workbench.editor.getByLabel('Functions', { exact: true });
  await functions.fill('runtime\\..*');
  await functions.press('Shift+Enter');
  await expect(workbench.box('functions').getByRole('grid')).not.toContainText('compress');
  await picture(page, 'alert-query', workbench.editor, 700);
});

test('config', async ({ workbench, page }) => {
  await page.setViewportSize({ width: 800, height: 900 });
  await workbench.open({ page: 'settings' });
  await page.getByLabel('Metastore address').fill('dns:///pyroscope-metastore-headless:9095');
  await page.getByLabel('Query-backend address').fill('dns:///pyroscope-query-backend-headless:9095');
  await picture(page, 'config', page.getByRole('main').locator('> div'));
});
