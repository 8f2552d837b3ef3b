import { expect, test } from './dataSource.ts';

test('an annotation query runs', async ({ dataSource, annotationEditPage, page }) => {
  await annotationEditPage.datasource.set(dataSource.name);
  await expect(page.getByLabel('Profile type')).toHaveValue(/CPU time/);
  await expect(annotationEditPage.runQuery()).toBeOK();
});
