/** The window in a real browser, watched for whatever a person's browser would complain about. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { contextOptions, type Look } from './look.ts';

const SCREENSHOTS = path.join(import.meta.dirname, '../../../out/screenshots');

/** WCAG 2.2 at level AA, and axe-core's own recommendations. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Rows out of sight keep the colours and widths that they had before; others pass through those between. */
const AT_ONCE = '*, ::before, ::after { content-visibility: visible !important; transition: none !important }';

/** Set in the page by a script of ours. */
interface WithAxe {
  readonly axe: Pick<typeof axe, 'run'>;
}

export class StagedPage {
  readonly page: Page;
  readonly #faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on('pageerror', (error) => this.#faults.push(`error: ${error.stack ?? error.message}`));
    // Violations of the content security policy and files that could not be loaded are reported here, too.
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.#faults.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('crash', () => this.#faults.push('the page has crashed'));
  }

  /** The browser's complaints since the last call. */
  takeFaults(): readonly string[] {
    return this.#faults.splice(0);
  }

  /** Somebody else looks at it, who has the same language. */
  async showTo(look: Omit<Look, 'language'>): Promise<void> {
    const { viewport, colorScheme, reducedMotion, forcedColors } = contextOptions(look);
    await this.page.evaluate((rules) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(rules);
      document.adoptedStyleSheets = [sheet];
    }, AT_ONCE);
    await this.page.emulateMedia({ colorScheme, reducedMotion, forcedColors });
    await this.page.setViewportSize(viewport);
    await this.drawn();
  }

  /** By day and by night, in a window of this size. */
  async inLightAndDark(size: Pick<Look, 'width' | 'height'>, see: (theme: string) => Promise<void>): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await this.showTo({ ...size, theme });
      await see(theme);
    }
  }

  /** Waits until changes are painted, and key listeners, which start after the paint, are active. */
  async drawn(): Promise<void> {
    await this.page.evaluate(async () => {
      for (const wait of [requestAnimationFrame, requestAnimationFrame, setTimeout]) {
        await new Promise((done) => wait(done));
      }
    });
  }

  /** Writes `out/screenshots/NAME.png` for whoever wants to look (`SHOTS=1`): drawing it takes longer than most tests. */
  async shot(name: string, whole = true): Promise<void> {
    if (process.env['SHOTS'] === undefined) return;
    await mkdir(SCREENSHOTS, { recursive: true });
    const before = this.page.viewportSize();
    if (whole) await this.showAll(6000);
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
    if (before !== null) await this.page.setViewportSize(before);
  }

  /** Makes the window as high as what it scrolls. @param tallest CSS pixels: longer pictures are of no use */
  async showAll(tallest: number): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 1000, height: 700 };
    const hidden = await this.page.evaluate(() => {
      const all = [...document.querySelectorAll('main, .dialog-body')];
      return Math.max(0, ...all.map(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight));
    });
    await this.page.setViewportSize({ width, height: Math.min(height + hidden, tallest) });
  }

  /** Faults that axe-core finds for people who see, hear or move differently; a line for each element. */
  async accessibilityFaults(): Promise<readonly string[]> {
    // Not as a script of the page: its policy forbids that, as it should.
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(async (values) => {
      const { axe: here } = globalThis as unknown as WithAxe;
      return await here.run({ runOnly: { type: 'tag', values }, resultTypes: ['violations'] });
    }, RULES);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary ?? ''}`),
    );
  }
}
