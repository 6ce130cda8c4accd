/** Takes pictures of the built window, as README shows them: twice as fine, with round corners and a thin edge. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { inSeconds } from '../../../main/contract/units.ts';
import type { WindowFiles } from '../../../main/connect/window-files.ts';
import { serveWindow } from '../../../main/connect/window-server.ts';
import type { AppHome } from '../../support/app-home.ts';
import { browser } from '../stage/browser.ts';
import { contextOptions, type Look } from '../stage/look.ts';
import { StagedPage } from '../stage/staged-page.ts';
import { smallPng, type Pixels } from './small-png.ts';
import { StillHome } from './still-home.ts';

const FINENESS = 2;
const RADIUS = 10;
/** Seconds that the page's clock has gone on without us, at most. */
const SLACK = 60;

/** Lets time pass in the window and at home, second by second. */
export type Pass = (seconds: number) => Promise<void>;
export type Pose = (page: Page, pass: Pass) => Promise<void>;

/** @param pose brings the page to what is to be seen @throws Error when the browser complained about the page */
export async function windowPicture(files: WindowFiles, home: AppHome, look: Look, pose: Pose): Promise<Uint8Array> {
  const app = new StillHome(home);
  const server = await serveWindow({ dispatch: app.dispatch, log: app.log, files, port: 0 });
  const context = await (await browser()).newContext({ ...contextOptions(look), deviceScaleFactor: FINENESS });
  try {
    const page = await context.newPage();
    const staged = new StagedPage(page);
    await page.clock.install({ time: app.now() });
    await page.goto(server.address);
    await page.locator('main:not(.splash)').first().waitFor();
    await pose(page, (seconds) => passBoth(page, app, seconds));
    await page.clock.setFixedTime(app.now());
    await page.mouse.move(0, 0);
    const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
    const faults = staged.takeFaults();
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return await framed(picture, look);
  } finally {
    await context.close();
    await server.stop();
    await app.stop();
  }
}

async function passBoth(page: Page, app: StillHome, seconds: number): Promise<void> {
  const underWay = new Set<unknown>();
  page.on('request', (request) => underWay.add(request));
  page.on('requestfinished', (request) => underWay.delete(request));
  await app.elapse(inSeconds(SLACK));
  // From here on the page's time passes only with ours.
  await page.clock.pauseAt(app.now());
  for (let second = 0; second < seconds; second++) {
    await app.elapse(inSeconds(1));
    await page.clock.runFor(1000);
    while (underWay.size > 0) await sleep(1);
  }
}

/** A page of this script's own, with transparent surroundings. */
export async function pagePicture(html: string, size: { readonly width: number; readonly height: number }) {
  const context = await (await browser()).newContext({ viewport: size, deviceScaleFactor: FINENESS });
  try {
    const page = await context.newPage();
    await page.setContent(html, { waitUntil: 'load' });
    return smallPng(await pixelsOf(page, await page.screenshot({ omitBackground: true, animations: 'disabled' })));
  } finally {
    await context.close();
  }
}

/** The browser can read what it wrote. */
async function pixelsOf(page: Page, png: Uint8Array): Promise<Pixels> {
  const { width, height, text } = await page.evaluate(async (source) => {
    const bitmap = await createImageBitmap(await (await fetch(source)).blob(), { premultiplyAlpha: 'none' });
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('there is no canvas');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let at = 0; at < data.length; at += 0x8000) text += String.fromCharCode(...data.subarray(at, at + 0x8000));
    return { width: bitmap.width, height: bitmap.height, text: btoa(text) };
  }, dataUrl(png));
  // A copy, which begins where four bytes may begin.
  return { width, height, rgba: Uint8Array.from(Buffer.from(text, 'base64')) };
}

export const dataUrl = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

async function framed(picture: Uint8Array, { width = 1000, height = 700, theme = 'light' }: Look): Promise<Uint8Array> {
  const edge = theme === 'light' ? 'rgb(0 0 0 / 16%)' : 'rgb(255 255 255 / 18%)';
  const html = `<!doctype html><style>
    body { margin: 0 }
    div { width: ${width}px; height: ${height}px; border-radius: ${RADIUS}px; overflow: hidden; position: relative }
    img { display: block; width: 100%; height: 100% }
    div::after { content: ''; position: absolute; inset: 0; border: 1px solid ${edge}; border-radius: inherit }
    </style><div><img src="${dataUrl(picture)}"></div>`;
  return await pagePicture(html, { width, height });
}
