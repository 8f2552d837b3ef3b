import { expect, type Locator, type Page } from '@playwright/test';

import { pluginType } from './dataSource.ts';

export interface ExploreOptions {
  theme?: 'dark' | 'light';
  /** The fields of the query; without them it is a new one. */
  query?: Record<string, unknown>;
  /** How many panes stand side by side. */
  panes?: 1 | 2;
}

/** Opens Explore on a query of the test's data source, as a link to it does. */
export async function openExplore(
  page: Page,
  { uid }: { uid: string },
  { theme = 'dark', query = {}, panes = 1 }: ExploreOptions = {}
) {
  const pane = {
    datasource: uid,
    queries: [{ refId: 'A', datasource: { type: pluginType, uid }, ...query }],
    range: { from: 'now-1h', to: 'now' },
  };
  const sides = panes === 2 ? { a: pane, b: pane } : { a: pane };
  const parameters = new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify(sides), orgId: '1', theme });
  await page.goto(`/explore?${parameters}`);
  await expect(page.getByLabel('Profile type')).toHaveCount(panes);
  for (const field of await page.getByLabel('Profile type').all()) {
    await expect(field).toHaveValue(/CPU time/);
  }
}

/** The rows of queries, a row a pane. */
export const rows = (page: Page) => page.getByTestId('query-editor-row');

/** What of a query's editor lies outside of its row, left or right of it. */
export async function outside(row: Locator): Promise<string[]> {
  return row.evaluate((outer) => {
    const bounds = outer.getBoundingClientRect();
    const parts = Array.from(outer.querySelectorAll('input, button, textarea, label, [role], .monaco-editor'));
    return parts
      .filter((element) => !element.parentElement?.closest('.monaco-editor') && element.checkVisibility())
      .filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && (box.right > bounds.right + 1 || box.left < bounds.left - 1);
      })
      .map((element) => element.outerHTML.slice(0, 160));
  });
}
