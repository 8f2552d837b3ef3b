import { expect, test } from './dataSource.ts';
import { openExplore } from './explore.ts';

const cpu = 'process_cpu:cpu:nanoseconds:cpu:nanoseconds';

test('Enter takes the first match, at the speed of a keyboard', async ({ dataSource, page }) => {
  await openExplore(page, dataSource);
  const service = page.getByLabel('Service', { exact: true });
  await service.click();
  await page.keyboard.type('sea');
  await page.keyboard.press('Enter');
  await expect(service).toHaveValue('search');
});

test('what is typed among values runs the match, not the beginning of it', async ({ dataSource, page }) => {
  await openExplore(page, dataSource);
  await page.getByRole('button', { name: 'Add a label filter' }).click();
  // The new row's first field has the focus.
  await page.keyboard.type('regio');
  await page.keyboard.press('Enter');
  const filter = page.getByRole('group', { name: 'Label filter 1' });
  await expect(filter.getByLabel('Label', { exact: true })).toHaveValue('region');
  await filter.getByLabel('Value', { exact: true }).click();
  await page.keyboard.type('eu');
  await page.keyboard.press('Enter');
  await expect(filter.getByLabel('Value', { exact: true })).toHaveValue('eu-west');
});

test('typed options run with Enter, and on leaving their field', async ({ dataSource, page }) => {
  const query = { queryType: 'topFunctions', profileTypeId: cpu, labelSelector: '{service_name="checkout"}' };
  await openExplore(page, dataSource, { query });
  await page.getByRole('button', { name: /^Options/ }).click();
  const functions = page.getByLabel('Functions', { exact: true });
  const asked = (text: string) =>
    page.waitForRequest((request) => request.url().includes('/api/ds/query') && !!request.postData()?.includes(text));
  await Promise.all([asked('"compress/.*"'), functions.fill('compress/.*').then(() => functions.press('Enter'))]);
  await Promise.all([
    asked('"limit":3'),
    page
      .getByLabel('Limit', { exact: true })
      .fill('3')
      .then(() => page.keyboard.press('Tab')),
  ]);
});
