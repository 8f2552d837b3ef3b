import type { Page } from '@playwright/test';

import { choose, expect, test } from './dataSource.ts';

const previews = (page: Page) => page.getByTestId('data-testid Variable editor Preview of Values option');

test('a variable lists the values of a label', async ({ dataSource, variableEditPage, page }) => {
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(dataSource.name);
  await choose(page, 'List', /Label values/);
  await choose(page, 'Label', /service_name/);
  await variableEditPage.runQuery();
  await expect(previews(page).first()).toBeVisible();
});

test('a variable lists the profile types', async ({ dataSource, variableEditPage, page }) => {
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(dataSource.name);
  await choose(page, 'List', /Profile types/);
  await variableEditPage.runQuery();
  await expect(previews(page).filter({ hasText: 'CPU time' })).toBeVisible();
});
