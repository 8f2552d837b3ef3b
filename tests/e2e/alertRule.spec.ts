import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

import { choose, expect, test } from './dataSource.ts';

test('an alert rule evaluates top functions', async ({ dataSource, alertRuleEditPage, page }) => {
  // The simple form has no row that @grafana/plugin-e2e knows.
  const picker = page.getByTestId('data-testid Select a data source');
  await picker.fill(dataSource.name);
  await picker.press('ArrowDown');
  await picker.press('Enter');
  await expect(picker).toHaveAttribute('placeholder', dataSource.name);
  await alertRuleEditPage.alertRuleNameField.fill('Too much time in the runtime');
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await choose(page, 'Query type', /Top functions/);
  await expect(alertRuleEditPage.evaluate()).toBeOK();
  await page.screenshot({ path: path.join(screenshotsFolder, 'alert-rule.png') });
});
