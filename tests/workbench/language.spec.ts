import { expect, test } from './test.ts';

test('speaks German where Grafana does', async ({ workbench, page }) => {
  await workbench.open({ language: 'de-DE' });
  await expect(workbench.editor.getByLabel('Profiltyp', { exact: true })).toBeVisible();
  await expect(workbench.editor.getByLabel('Abfragetyp', { exact: true })).toHaveValue('Beides');
  await workbench.editor.getByRole('button', { name: /^Optionen/ }).click();
  await expect(workbench.editor.getByLabel('Max. Knoten')).toBeVisible();
  expect(await workbench.outside()).toEqual([]);
  await workbench.expectNamed();
  await workbench.screenshot('german');

  await page.getByRole('tab', { name: 'Settings' }).click();
  await expect(page.getByLabel('Adresse des Metastores')).toBeVisible();
  await workbench.expectAccessible();
  await workbench.screenshot('german-config');

  await page.getByLabel('Language').click();
  await page.getByText('en-US', { exact: true }).last().click();
  await expect(page.getByLabel('Profile type', { exact: true })).toBeVisible();
});
