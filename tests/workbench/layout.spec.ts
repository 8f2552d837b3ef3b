import { expect, test } from './test.ts';

// The least is half of a small Explore, or the panel editor beside its options.
const widths = [400, 500, 600, 768, 1024, 1440];

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

test('the options of every type at every width', async ({ workbench, page }) => {
  test.slow();
  await page.setViewportSize({ width: 1440, height: 900 });
  await workbench.openFirstQuery();
  await workbench.pick('Code');
  for (const type of ['Metrics', 'Top functions', 'Functions over time', 'Diff', 'Heat map', 'Query plan']) {
    await workbench.chooseQueryType(type);
    await workbench.openOptions();
    if (type === 'Diff') {
      // A selector that is longer than the field is wide.
      await workbench.editor.locator('.monaco-editor .view-lines').last().click();
      await page.keyboard.insertText('{service_name="checkout", region="eu-west", pod=~"checkout-1|checkout-0"}');
      await page.keyboard.press('Escape');
    }
    for (const width of [800, 600, 500, 400]) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => workbench.outside(), { message: `${type} at ${width} px` }).toEqual([]);
      if (type === 'Top functions' && width === 600) {
        const share = await workbench.box('functions').getByRole('columnheader', { name: 'share' }).boundingBox();
        expect(share!.x + share!.width).toBeLessThanOrEqual(width);
      }
      if (width === 500) {
        await workbench.screenshot(`layout-options-${type.toLowerCase().replaceAll(' ', '-')}-500`);
      }
    }
    await workbench.expectAccessible();
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});

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
