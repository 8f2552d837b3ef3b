import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

import { expect, test } from './dataSource.ts';
import { openExplore, outside, rows } from './explore.ts';

const widths = [1440, 1024, 768, 600, 500];
const filters = '{service_name="checkout", region=~"eu-.*|us-.*", namespace="shop"}';

for (const theme of ['dark', 'light'] as const) {
  for (const mode of ['Builder', 'Code'] as const) {
    test(`Explore, ${mode} in ${theme}: nothing lies outside of its row at any width`, async ({ dataSource, page }) => {
      await openExplore(page, dataSource, {
        theme,
        query: {
          queryType: 'both',
          profileTypeId: 'process_cpu:cpu:nanoseconds:cpu:nanoseconds',
          labelSelector: filters,
          groupBy: ['pod'],
        },
      });
      await page.getByRole('radio', { name: mode }).check({ force: true });
      await page.getByRole('button', { name: /^Options/ }).click();
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => outside(rows(page).first()), { message: `at ${width} px` }).toEqual([]);
      }
      await page.screenshot({ path: path.join(screenshotsFolder, `explore-${mode.toLowerCase()}-${theme}-500.png`) });
    });
  }
}

test('both panes of a split hold their editors, in both modes', async ({ dataSource, page }) => {
  await openExplore(page, dataSource, { panes: 2 });
  for (const mode of ['Code', 'Builder'] as const) {
    for (const radio of await page.getByRole('radio', { name: mode }).all()) {
      await radio.check({ force: true });
    }
    for (const row of await rows(page).all()) {
      await expect.poll(() => outside(row)).toEqual([]);
      if (mode === 'Code') {
        // A selector of one line is a line high, however late Monaco learns how wide it is.
        await expect(row.locator('.view-line').first()).toBeVisible();
        expect((await row.locator('.monaco-editor').first().boundingBox())!.height).toBeLessThan(60);
      }
    }
    await page.screenshot({ path: path.join(screenshotsFolder, `explore-split-${mode.toLowerCase()}.png`) });
  }
});
