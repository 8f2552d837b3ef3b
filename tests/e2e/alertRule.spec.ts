import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

import { choose, expect, test } from './dataSource.ts';

test('an alert rule evaluates top functions', async ({ dataSource, alertRuleEditPage, page }) => {
  await expect(page.getByText(dataSource.name).or(page.getByPlaceholder(dataSource.name)).first()).toBeVisible();
  await alertRuleEditPage.alertRuleNameField.fill('Too much time in the runtime');
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await choose(page, 'Query type', /Top functions/);
  await expect(alertRuleEditPage.evaluate()).toBeOK();
  await page.screenshot({ path: path.join(screenshotsFolder, 'alert-rule.png') });
});
