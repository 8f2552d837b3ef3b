import { expect, test } from './test.ts';

interface Pane {
  queries: Array<{ queryType: string; functions?: string }>;
}

/** The query that a link to Explore has, in the form of today or in the one of Grafana's own links. */
function linkedQuery(href: string | null) {
  const parameters = new URL(href ?? '', 'http://grafana').searchParams;
  const panes = JSON.parse(parameters.get('panes') ?? `{"left":${parameters.get('left')}}`) as Record<string, Pane>;
  return Object.values(panes)[0]!.queries[0]!;
}

test('functions over time: names to add, and links that lead there', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  const overTime = workbench.editor.getByRole('link', { name: 'Functions over time' });
  expect(linkedQuery(await overTime.getAttribute('href'))).toMatchObject({ queryType: 'functionSeries' });

  await workbench.chooseQueryType('Top functions');
  const table = workbench.box('functions');
  const method = table.getByRole('link', { name: '(*' }).first();
  await expect(method).toBeVisible();
  const [name, href] = [await method.textContent(), await method.getAttribute('href')];
  const linked = linkedQuery(href);
  expect(linked.queryType).toBe('functionSeries');
  expect(name).toMatch(new RegExp(`^${linked.functions}$`));

  await workbench.chooseQueryType('Functions over time');
  await expect(workbench.box('Graph').locator('canvas').first()).toBeVisible();
  await workbench.openOptions();
  const add = workbench.editor.getByLabel('Add a function');
  await add.fill('mallocgc');
  await page.getByRole('option', { name: 'runtime.mallocgc', exact: true }).waitFor();
  await add.press('Enter');
  await expect(workbench.editor.getByLabel('Functions', { exact: true })).toHaveValue('runtime\\.mallocgc');
  await expect(add).toBeFocused();
  await expect(workbench.box('Graph')).toContainText('runtime.mallocgc');
  await expect(workbench.box('Graph')).not.toContainText('main.main');
  await workbench.expectAccessible();
  await workbench.expectNamed();
  await workbench.screenshot('function-series');
});
