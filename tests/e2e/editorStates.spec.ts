import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

import { choose, expect, test } from './dataSource.ts';

// New queries are of the test's data source, which is the default one. It has to be there before the page.
test.beforeEach(({ dataSource }) => {
  expect(dataSource.uid).not.toBe('');
});

/** The rules that are about names and values of fields: those that the editor's own parts decide. */
const rules = ['aria-input-field-name', 'aria-required-attr', 'aria-valid-attr-value', 'button-name', 'label'];

/** No field of the query's editor is without a name, in this Grafana's versions of the parts. */
async function expectNamed(page: Page) {
  const axe = new AxeBuilder({ page }).include('[data-testid="query-editor-row"]').withRules(rules);
  const { violations } = await axe.analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))).toEqual([]);
}

test('every state of the editor names its fields', async ({ explorePage }) => {
  // Axe looks at seven states.
  test.slow();
  const { page } = explorePage.ctx;
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await page.getByRole('button', { name: 'Add a label filter' }).click();
  await choose(page, 'Comparison', /=~/);
  await page.getByRole('button', { name: /^Options/ }).click();
  for (const type of [/^Metrics/, /^Flame graph/, /^Top functions/, /^Diff/, /^Heat map/, /^Query plan/]) {
    await choose(page, 'Query type', type);
    await expectNamed(page);
  }
  await page.getByRole('radio', { name: 'Code' }).check({ force: true });
  await expectNamed(page);
});

test('a split pane holds its editor', async ({ explorePage }) => {
  const { page } = explorePage.ctx;
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await page.getByRole('radio', { name: 'Code' }).check({ force: true });
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await page.getByRole('button', { name: /^Split/ }).click();
  await expect(page.getByLabel('Profile type')).toHaveCount(2);
  const row = page.getByTestId('query-editor-row').first();
  const editor = row.locator('.monaco-editor').first();
  await expect
    .poll(async () => {
      const [outer, inner] = [await row.boundingBox(), await editor.boundingBox()];
      return inner!.x + inner!.width - (outer!.x + outer!.width);
    })
    .toBeLessThan(1);
  await page.screenshot({ path: path.join(screenshotsFolder, 'explore-split.png') });
});

test('Enter takes the first match', async ({ explorePage }) => {
  const { page } = explorePage.ctx;
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await page.getByLabel('Profile type').click();
  await page.keyboard.type('cpu t');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Profile type')).toHaveValue(/^CPU time/);
});
