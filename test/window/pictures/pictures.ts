/**
 * `npm run pictures`: makes the pictures of README.md, in `assets/pictures`, from the built window and the menu's own
 * description; the same each time. `npm run pictures -- NAME` makes only those whose names begin so, and
 * `npm run pictures -- sheets` makes sheets of every view in place of them.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { readWindow } from '../../../main/connect/window-files.ts';
import { hrefOf, type ViewName } from '../../../renderer/state/route.ts';
import type { AppHome } from '../../support/app-home.ts';
import { endBrowser } from '../stage/browser.ts';
import { buildWindow } from '../stage/build-window.ts';
import type { Look } from '../stage/look.ts';
import { windowPicture, type Pose } from './camera.ts';
import { makeSheets } from './sheets.ts';
import { beginner, busyRouter, conflict, eventfulDay, newcomer, trayMoments, usualEvening } from './scenes.ts';
import { trayPicture } from './tray-picture.ts';

interface Picture {
  readonly scene: () => Promise<AppHome>;
  readonly look: Look;
  readonly pose: Pose;
}

async function goTo(page: Page, view: ViewName): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, hrefOf(view));
  await page.locator(`.view[data-view=${view}]`).waitFor();
}

const forwards: Pose = async (page) => {
  await page.getByRole('button', { name: /^Minecraft/ }).click();
  await page.locator('.forward').first().waitFor();
};

const PICTURES: Readonly<Record<string, Picture>> = {
  'forwards-light': { scene: usualEvening, look: { width: 960, height: 586 }, pose: forwards },
  'forwards-dark': { scene: usualEvening, look: { width: 960, height: 586, theme: 'dark' }, pose: forwards },
  presets: {
    scene: beginner,
    look: { width: 1160, height: 640 },
    pose: async (page) => {
      await goTo(page, 'presets');
      await page.getByRole('searchbox').fill('craft');
    },
  },
  router: {
    scene: busyRouter,
    look: { width: 960, height: 981 },
    pose: async (page, pass) => {
      await goTo(page, 'router');
      await page.getByRole('rowheader').first().waitFor();
      await pass(TWO_MINUTES);
    },
  },
  activity: {
    scene: eventfulDay,
    look: { width: 960, height: 736 },
    pose: async (page) => {
      await goTo(page, 'activity');
      await page.locator('.timeline-entry').first().waitFor();
    },
  },
  conflict: {
    scene: conflict,
    look: { width: 960, height: 480 },
    pose: async (page) => {
      await page.locator('.forward').first().waitFor();
    },
  },
  'first-run': {
    scene: newcomer,
    look: { width: 960, height: 700 },
    pose: async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
    },
  },
  narrow: {
    scene: usualEvening,
    look: { width: 360, height: 680, theme: 'dark', language: 'de' },
    pose: async (page) => {
      await page.locator('.profile').first().waitFor();
    },
  },
};

/** Seconds: all that the chart shows. */
const TWO_MINUTES = 124;

const TO = path.join(import.meta.dirname, '../../../assets/pictures');
const SHEETS_TO = path.join(import.meta.dirname, '../../../out/sheets');
const wanted = process.argv.slice(2);
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.some((each) => name.startsWith(each));

async function keep(name: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path.join(TO, `${name}.png`), bytes);
  process.stdout.write(`${name}.png ${Math.round(bytes.length / 1000)} kB\n`);
}

async function tray(): Promise<Uint8Array> {
  const evening = await usualEvening();
  const { snapshot } = evening;
  await evening.stop();
  const { idle, working, open, problem } = await trayMoments();
  return await trayPicture(snapshot, [open, working, problem, idle]);
}

const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-pictures-'));
try {
  await mkdir(TO, { recursive: true });
  await buildWindow(folder);
  const files = await readWindow(folder);
  if (files === undefined) throw new Error('the window was not built');
  if (wanted[0] === 'sheets') await makeSheets(files, wanted.slice(1), SHEETS_TO);
  else {
    for (const [name, { scene, look, pose }] of Object.entries(PICTURES)) {
      if (isWanted(name)) await keep(name, await windowPicture(files, await scene(), look, pose));
    }
    if (isWanted('tray')) await keep('tray', await tray());
  }
} finally {
  await endBrowser();
  await rm(folder, { recursive: true, force: true });
}
