import { expect, test } from './test.ts';

const widths = [500, 600, 768, 1024, 1440];

for (const theme of ['dark', 'light'] as const) {
  for (const mode of ['Builder', 'Code'] as const) {
    test(`${mode} in ${theme}: nothing lies outside at any width`, async ({ workbench, page }) => {
      test.slow();
      // As wide as possible first: what was wide has to become narrow again, as when Explore is split.
      await page.setViewportSize({ width: 1440, height: 900 });
      await workbench.openFirstQuery({ theme });
      await workbench.addFilter('region', 'eu-west');
      await workbench.pick(mode);
      await workbench.openOptions();
      for (const width of [...widths].reverse()) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => workbench.outside(), { message: `at ${width} px` }).toEqual([]);
        await workbench.screenshot(`layout-${mode.toLowerCase()}-${theme}-${width}`);
      }
      await workbench.expectAccessible();
    });
  }
}

for (const type of ['Metrics', 'Top functions', 'Diff', 'Heat map'] as const) {
  test(`the options of ${type} at 500 px`, async ({ workbench, page }) => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await workbench.openFirstQuery();
    await workbench.chooseQueryType(type);
    if (type !== 'Diff') {
      await workbench.openOptions();
    }
    await page.setViewportSize({ width: 500, height: 900 });
    await expect.poll(() => workbench.outside()).toEqual([]);
    await workbench.expectAccessible();
    await workbench.screenshot(`layout-options-${type.toLowerCase().replace(' ', '-')}-500`);
  });
}

test('the code editor has its width from the start', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await page.evaluate(() => {
    const widths: number[] = [];
    const look = () => {
      const editor = document.querySelector('.monaco-editor');
      if (editor) {
        widths.push(Math.round(editor.getBoundingClientRect().width));
      }
      requestAnimationFrame(look);
    };
    look();
    Object.assign(window, { editorWidths: widths });
  });
  await workbench.pick('Code');
  // Monaco is loaded now.
  await expect(workbench.editor.locator('.view-line').first()).toBeVisible({ timeout: 60_000 });
  const seen = await page.evaluate(() => [...new Set((window as unknown as { editorWidths: number[] }).editorWidths)]);
  const field = await workbench.editor.getByRole('group', { name: 'Labels' }).boundingBox();
  for (const width of seen.filter((width) => width > 10)) {
    expect(Math.abs(width - field!.width)).toBeLessThan(10);
  }
});

test('descriptions of comparisons can be read', async ({ workbench, page }) => {
  await workbench.openFirstQuery();
  await workbench.editor.getByRole('button', { name: 'Add a label filter' }).click();
  const filter = workbench.editor.getByRole('group', { name: 'Label filter 1' });
  await filter.getByLabel('Comparison', { exact: true }).click();
  const description = page.getByText('does not match');
  await expect(description).toBeVisible();
  const cut = await description.evaluate((element) => element.scrollWidth > element.clientWidth + 1);
  expect(cut).toBe(false);
  await workbench.screenshot('comparisons');
});
