import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import path from 'node:path';

import { screenshotsFolder } from '../chromium.ts';

export { expect };

interface OpenOptions {
  page?: 'explore' | 'settings';
  dataSource?: string;
  theme?: 'dark' | 'light';
  from?: string;
  language?: string;
}

/**
 * What axe finds in Grafana's own parts, whatever they are given (@grafana/ui 12.4.2, 13.0.1, 13.2.3). The list of a combobox is a
 * `listbox` whose only child is the box that scrolls, and the description of the option that is chosen has a contrast of
 * 4.09 in the dark theme: `text.secondary` on `action.selected`. Its field names the option that is on by the id that
 * downshift gives, and the option has another. Axe cuts off long names of attributes, and long values.
 */
const grafanas = [
  { rule: 'aria-required-children', node: /^<div class="[^"]*-combobox-menu"[^>]* role="listbox"/ },
  { rule: 'color-contrast', node: /^<div class="[^"]*-combobox-option-description"/ },
  { rule: 'aria-valid-attr-value', node: /^<input [^>]*aria-activedescendan[^=]*="downshift-/ },
];

/** The workbench's page, as its users see it. */
export class Workbench {
  readonly editor: Locator;
  readonly result: Locator;
  private readonly errors: string[] = [];
  private expected: RegExp[] = [];

  constructor(readonly page: Page) {
    this.editor = page.getByRole('region', { name: 'Query A' });
    this.result = page.getByTestId('result');
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.errors.push(`${message.text()} (${message.location().url})`);
      }
    });
  }

  async open({ page = 'explore', dataSource = 'demo', theme = 'dark', from = 'now-1h', language = 'en-US' }: OpenOptions = {}) {
    const parameters = new URLSearchParams({ page, ds: dataSource, theme, from, to: 'now', language });
    await this.page.goto(`/?${parameters}`);
  }

  /** Opens Explore and waits for the first query's flame graph. */
  async openFirstQuery(options: OpenOptions = {}) {
    await this.open({ ...options, page: 'explore' });
    await expect(this.box('Flame graph')).toBeVisible();
  }

  /** A part of the result. */
  box(name: string): Locator {
    return this.result.getByRole('region', { name, exact: true });
  }

  /** Chooses an option of one of the editor's pickers. */
  async choose(label: string, option: string) {
    await this.editor.getByLabel(label, { exact: true }).click();
    await this.page.getByRole('option', { name: option }).first().click();
  }

  async chooseQueryType(type: string) {
    await this.choose('Query type', type);
  }

  /** Chooses one of a group of radio buttons, which Grafana draws over. */
  async pick(name: string) {
    await this.page.getByRole('radio', { name, exact: true }).check({ force: true });
  }

  /** Replaces the text of the code editor and leaves the cursor behind it. */
  async replaceCode(text: string) {
    const { keyboard } = this.page;
    await this.editor.locator('.monaco-editor').first().click();
    // A brace would go round what is selected.
    await keyboard.press('Control+A');
    await keyboard.press('Delete');
    await keyboard.insertText(text);
    // Monaco may have closed a brace by itself, behind the cursor.
    await keyboard.press('Delete');
  }

  /** Adds a label filter in the builder. */
  async addFilter(label: string, value: string) {
    const add = this.editor.getByRole('button', { name: 'Add a label filter' });
    const count = await this.editor.getByRole('group', { name: /^Label filter/ }).count();
    await add.click();
    const filter = this.editor.getByRole('group', { name: `Label filter ${count + 1}` });
    await filter.getByLabel('Label', { exact: true }).click();
    await this.page.getByRole('option', { name: label, exact: true }).click();
    await filter.getByLabel('Value', { exact: true }).fill(value);
    await filter.getByLabel('Value', { exact: true }).press('Enter');
    await expect(filter.getByLabel('Value', { exact: true })).toHaveValue(value);
  }

  /** What of the editor lies outside of the page, left or right of it. */
  async outside(): Promise<string[]> {
    return this.editor.evaluate((editor) => {
      const right = document.documentElement.clientWidth;
      // What Monaco hides has a place of its own.
      const shown = Array.from(editor.querySelectorAll('input, button, textarea, label, [role], .monaco-editor')).filter(
        (element) => !element.parentElement?.closest('.monaco-editor') && element.checkVisibility()
      );
      return shown
        .filter((element) => {
          const box = element.getBoundingClientRect();
          return box.width > 1 && (box.right > right + 1 || box.left < -1);
        })
        .map((element) => element.outerHTML.slice(0, 120));
    });
  }

  /** Opens the options, which are open already where one of them has to be set. */
  async openOptions() {
    const options = this.editor.getByRole('button', { name: /^Options/ });
    if ((await options.getAttribute('aria-expanded')) !== 'true') {
      await options.click();
    }
  }

  /** The executed query, as the inspector shows it. */
  async executedQuery(): Promise<string> {
    await expect(this.result).toHaveAttribute('aria-busy', 'false');
    return (await this.result.locator('details pre').textContent()) ?? '';
  }

  /** Allows one kind of console error in this test. */
  expectConsoleError(pattern: RegExp) {
    this.expected.push(pattern);
  }

  unexpectedErrors(): string[] {
    return this.errors.filter((error) => !this.expected.some((pattern) => pattern.test(error)));
  }

  /** No violation of WCAG that axe calls serious or critical, but for those in Grafana's own panels and parts. */
  async expectAccessible() {
    // Colours under a pointer, and on their way to others, are no colours of the page.
    await this.page.mouse.move(0, 0);
    await this.page.evaluate(async () => {
      const frame = () => new Promise((done) => requestAnimationFrame(done));
      await frame();
      await frame();
      const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
      await Promise.allSettled(ending.map((one) => one.finished));
    });
    const axe = new AxeBuilder({ page: this.page }).exclude('[aria-label="Flame graph"]').exclude('[role="grid"]');
    const { violations } = await axe.analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    const found = grave.flatMap(({ id, nodes }) =>
      nodes
        .filter(({ html }) => !grafanas.some(({ rule, node }) => rule === id && node.test(html)))
        .map(({ html, any }) => `${id}: ${html} ${any.map(({ message }) => message).join()}`)
    );
    expect(found).toEqual([]);
  }

  /** Every field of the editor has a name of its own, which is more than a placeholder. */
  async expectNamed() {
    const fields = this.editor.locator('input:visible, textarea:visible, [role="combobox"]:visible');
    for (const field of await fields.all()) {
      const name = await field.evaluate((element: HTMLInputElement) => {
        const byId = element.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
        const named = byId.map((id) => document.getElementById(id)?.textContent ?? '').join('');
        return (
          element.getAttribute('aria-label') || named || Array.from(element.labels ?? []).map((l) => l.textContent).join('')
        );
      });
      expect(name, await field.evaluate((element) => element.outerHTML.slice(0, 200))).not.toBe('');
    }
  }

  async screenshot(name: string) {
    // Nothing that only a pointer or a focus shows.
    await this.page.mouse.move(0, 0);
    await this.page.screenshot({
      path: path.join(screenshotsFolder, `${name}.png`),
      fullPage: true,
      animations: 'disabled',
      caret: 'hide',
    });
  }
}

/** Every test fails on what the browser's console says unasked. */
export const test = base.extend<{ workbench: Workbench }>({
  workbench: async ({ page }, use) => {
    const workbench = new Workbench(page);
    await use(workbench);
    expect(workbench.unexpectedErrors()).toEqual([]);
  },
});
