import { test } from './test.ts';
const types = ['Flame graph','Metrics', 'Both','Top functions', 'Functions over time', 'Diff', 'Heat map','Query plan'] as const;
for (const mode of ['Builder','Code'] as const) {
  test('look '+mode, async ({ workbench, page }) => {
    test.setTimeout(400_000);
    await page.setViewportSize({ width: 1440, height: 900 });
    await workbench.openFirstQuery();
    await workbench.addFilter('region', 'eu-west');
    await workbench.pick(mode);
    for (const type of types) {
      await workbench.chooseQueryType(type);
      await workbench.openOptions();
      if (type === 'Diff') {
        await page.waitForTimeout(1500);
        await workbench.editor.locator('.monaco-editor').last().click();
        await page.keyboard.insertText('{service_name="checkout",pod="checkout-1"}');
        await page.keyboard.press('Escape');
        await page.keyboard.press('Shift+Enter');
      }
      await page.waitForTimeout(1200);
      for (const width of [1200, 800, 600, 500]) {
        await page.setViewportSize({ width, height: 900 });
        await page.waitForTimeout(700);
        const out = await workbench.outside();
        if (out.length) console.log(mode, type, width, out);
        await page.screenshot({ path: `/tmp/remarks-shots/${mode}-${type.replace(/ /g,'_')}-${width}.png`, fullPage: true });
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
  });
}
