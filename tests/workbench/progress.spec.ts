import { type Page } from '@playwright/test';

import { expect, test } from './test.ts';

/** Makes each of the stack's query-backends read so many bytes a second; 0: as fast as they can. */
async function setPace(page: Page, bytes: number) {
  expect((await page.request.put(`/demo/pace/${bytes}`)).status()).toBe(204);
}

test.afterEach(({ page }) => setPace(page, 0));

test('a long query shows what there is, and then the whole', async ({ workbench, page }) => {
  await setPace(page, 10_000);
  // Settings that are saved make a data source that knows nothing of how fast the cluster was.
  const settings = '/api/datasources/uid/demo';
  await page.request.put(settings, { data: await (await page.request.get(settings)).json() });
  await workbench.open();
  const bar = workbench.editor.getByRole('progressbar', { name: 'Reading profiles' });
  await expect(bar).toBeVisible();
  await expect(bar).toHaveAttribute('aria-valuetext', /^\d+ % of [\d.]+ [kM]B, newest first/);
  await expect(workbench.box('Flame graph')).toBeVisible();
  await workbench.screenshot('progress');
  await setPace(page, 0);
  await expect(bar).toBeHidden();
  await expect(workbench.box('Flame graph')).toBeVisible();
  await expect(workbench.result).toHaveAttribute('aria-busy', 'false');
});
