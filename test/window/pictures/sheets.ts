/**
 * `npm run pictures -- sheets [NAME…]`: every view as people meet it, four widths beside each other, light above dark, a
 * sheet for each language, in `out/sheets`; beside them each picture in its own size. To be looked at; nothing is compared.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { ip } from '../../../main/contract/address.ts';
import type { WindowFiles } from '../../../main/connect/window-files.ts';
import { serveWindow } from '../../../main/connect/window-server.ts';
import { hrefOf, type RouteParameters, type ViewName } from '../../../renderer/state/route.ts';
import type { AppHome } from '../../support/app-home.ts';
import { exampleSnapshots, type ExampleName } from '../../support/example-snapshots.ts';
import { browser } from '../stage/browser.ts';
import { ExampleOnStage } from '../stage/example-app.ts';
import { contextOptions } from '../stage/look.ts';
import type { StagedApp } from '../stage/staged-app.ts';
import { StagedPage } from '../stage/staged-page.ts';
import { dataUrl } from './camera.ts';
import { beginner, conflict, crowded, eventfulDay, newcomer, twoRouters, usualEvening } from './scenes.ts';
import { StillHome } from './still-home.ts';

interface Sheet {
  readonly scene: () => Promise<StagedApp>;
  /** Whatever the language is: by place, not by name. */
  readonly pose?: (page: Page) => Promise<void>;
}

const WIDTHS = [320, 900, 980, 1440] as const;
const HEIGHT = 720;
/** CSS pixels: what is longer has shown by then how it looks. */
const TALLEST = 2200;
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['en', 'de'] as const;
/** Milliseconds: the machine may be busy. */
const PATIENCE = 90_000;
/** Size of a picture on its sheet. */
const SCALE = 0.5;

const still = (scene: () => Promise<AppHome>) => async (): Promise<StagedApp> => new StillHome(await scene());
const example = (name: ExampleName) => async (): Promise<StagedApp> => new ExampleOnStage(exampleSnapshots[name]);

const at =
  (view: ViewName, parameters: RouteParameters = {}, ...places: readonly string[]) =>
  async (page: Page): Promise<void> => {
    await page.evaluate(
      (hash) => {
        location.hash = hash;
      },
      hrefOf(view, parameters),
    );
    await page.locator(`.view[data-view=${view}]`).waitFor();
    await clicked(...places)(page);
  };

/** Clicks one place after the other; waits for the last. */
const clicked =
  (...places: readonly string[]) =>
  async (page: Page): Promise<void> => {
    for (const place of places.slice(0, -1)) await page.locator(place).first().click();
    const last = places.at(-1);
    if (last !== undefined) await page.locator(last).first().waitFor();
  };

const searched =
  (query: string) =>
  async (page: Page): Promise<void> => {
    await at('presets')(page);
    await page.getByRole('searchbox').fill(query);
  };

const MENU = '.profile-head > .icon-button';

const SHEETS: Readonly<Record<string, Sheet>> = {
  welcome: { scene: still(newcomer), pose: clicked('h1') },
  'forwards-empty': { scene: example('empty') },
  'forwards-searching': { scene: example('searching') },
  'forwards-no-router': { scene: example('noRouter'), pose: clicked('.problem .more', '.problem-rest') },
  'forwards-first': { scene: still(() => beginner({ firstOpenSeen: false })), pose: clicked('.first') },
  'forwards-one': { scene: still(beginner), pose: clicked('.profile-open', '.forward-facts') },
  'forwards-usual': { scene: still(usualEvening), pose: clicked('.profile-open', '.forward .more', '.forward-facts') },
  'forwards-mixed': { scene: example('usual') },
  'forwards-conflict': { scene: still(conflict), pose: clicked('.problem .more', '.problem-rest') },
  'two-routers-asked': { scene: still(() => twoRouters()), pose: clicked('.problem .more', '.problem-rest') },
  'two-routers': { scene: still(() => twoRouters(ip('10.0.0.1'))), pose: clicked('.forward-hops') },
  'forwards-away': { scene: example('away') },
  'forwards-terminal': { scene: example('terminal') },
  'forwards-paused': { scene: example('paused') },
  'forwards-closing': { scene: example('closing') },
  'forwards-demo': { scene: example('demo') },
  'forwards-refused': { scene: example('refusedEach') },
  'forwards-troubles': { scene: example('troubles') },
  'forwards-many': { scene: example('many') },
  'forwards-crowded': { scene: still(crowded), pose: clicked('.profile-open') },
  'close-theirs': { scene: still(conflict), pose: clicked('.problem .button >> nth=1', 'dialog[open]') },
  'code-for-phones': { scene: still(beginner), pose: clicked('.share .icon-button', '.qr-code') },
  menu: { scene: still(beginner), pose: clicked(MENU, '[role=menuitem]') },
  'turn-on-for': { scene: still(beginner), pose: clicked(MENU, '[role=menuitem] >> nth=1', 'dialog[open]') },
  toast: { scene: still(usualEvening), pose: clicked(MENU, '[role=menuitem] >> nth=-1', '.toast') },
  question: {
    scene: still(beginner),
    pose: async (page) => {
      await clicked('[data-shortcut=new]', 'dialog[open]')(page);
      await page.locator('dialog .input').nth(0).fill('SSH');
      await page.locator('dialog .input').nth(1).fill('22');
      await clicked('dialog [type=submit]', 'dialog >> nth=1')(page);
    },
  },
  'keep-tried': { scene: async () => new ExampleOnStage(tried()), pose: clicked('.banner .button', 'dialog[open]') },
  shortcuts: {
    scene: example('usual'),
    pose: async (page) => {
      await page.keyboard.press('?');
      await page.locator('dialog[open]').waitFor();
    },
  },
  'editor-new': { scene: example('usual'), pose: clicked('[data-shortcut=new]', 'dialog[open]') },
  'editor-edit': { scene: example('usual'), pose: at('forwards', { edit: 'home-server/1' }, 'dialog[open]') },
  'editor-fault': {
    scene: example('usual'),
    pose: clicked('[data-shortcut=new]', 'dialog[open] [type=submit]', '.field-error'),
  },
  presets: { scene: still(beginner), pose: at('presets', {}, '.preset-open') },
  'preset-details': { scene: still(beginner), pose: at('presets', {}, '.preset-open', '.preset-details') },
  'preset-search': { scene: still(beginner), pose: searched('remote') },
  'preset-none': { scene: still(beginner), pose: searched('wetterstation') },
  router: { scene: still(usualEvening), pose: at('router', {}, '.router-table') },
  'router-crowded': { scene: still(crowded), pose: at('router', {}, 'summary >> nth=0', '.router-table') },
  'router-none': { scene: example('noRouter'), pose: at('router') },
  activity: { scene: still(eventfulDay), pose: at('activity', {}, '.timeline-entry') },
  'activity-first-day': { scene: still(beginner), pose: at('activity', {}, '.timeline-entry') },
  check: { scene: still(beginner), pose: at('check') },
  'check-fine': { scene: still(beginner), pose: at('check', {}, '.empty-state .button', '.check-verdict') },
  'check-cause': { scene: still(conflict), pose: at('check', {}, '.empty-state .button', '.check-cause') },
  settings: { scene: still(usualEvening), pose: at('settings', {}, '.row') },
};

function tried() {
  const { demo, usual } = exampleSnapshots;
  return { ...demo, tried: usual.profiles };
}

/** @param names sheets whose names begin so; all when there are none */
export async function makeSheets(files: WindowFiles, names: readonly string[], to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const [name, sheet] of Object.entries(SHEETS)) {
    if (names.length > 0 && !names.some((each) => name.startsWith(each))) continue;
    for (const language of LANGUAGES) await makeSheet(files, sheet, language, path.join(to, `${name}-${language}`));
  }
}

async function makeSheet(files: WindowFiles, { scene, pose }: Sheet, language: (typeof LANGUAGES)[number], to: string) {
  const app = await scene();
  const server = await serveWindow({ dispatch: app.dispatch, log: app.log, files, port: 0 });
  const context = await (await browser()).newContext(contextOptions({ width: 1440, height: HEIGHT, language }));
  try {
    const page = await context.newPage();
    const staged = new StagedPage(page);
    page.setDefaultTimeout(PATIENCE);
    if (app.now !== undefined) await page.clock.install({ time: app.now() });
    await page.goto(server.address);
    await page.locator('main:not(.splash)').first().waitFor();
    await pose?.(page);
    const rows: string[] = [];
    for (const colorScheme of THEMES) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHT });
        // Rows that were not drawn before have another height than was thought.
        for (let look = 0; look < 2; look++) await staged.showAll(TALLEST);
        const picture = await page.screenshot({ path: `${to}-${colorScheme}-${width}.png`, animations: 'disabled' });
        const { height = HEIGHT } = page.viewportSize() ?? {};
        rows.push(`<img src="${dataUrl(picture)}" width="${width * SCALE}" height="${height * SCALE}">`);
      }
      rows.push('<br>');
    }
    const faults = staged.takeFaults();
    await writeFile(`${to}.png`, await montage(rows));
    process.stdout.write(`${path.basename(to)}\n${faults.map((fault) => `  ${fault}\n`).join('')}`);
  } catch (error) {
    // The other sheets can be looked at all the same.
    process.stdout.write(`${path.basename(to)}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await context.close();
    await server.stop();
    await app.stop();
  }
}

async function montage(rows: readonly string[]): Promise<Uint8Array> {
  const width = WIDTHS.reduce((sum, each) => sum + each * SCALE + 12, 12);
  const page = await (await browser()).newPage({ viewport: { width, height: 400 } });
  try {
    await page.setContent(
      `<style>body { margin: 6px; background: #888; font-size: 0; white-space: nowrap } img { margin: 6px; vertical-align: top }</style>${rows.join('')}`,
    );
    return await page.screenshot({ fullPage: true });
  } finally {
    await page.close();
  }
}
