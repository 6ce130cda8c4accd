/** The window among others: where it stands, and the keys that make it larger. */
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { Desktop } from '../stage/desktop.ts';
import { until } from '../stage/until.ts';

const State = v.object({ window: v.object({ bounds: v.record(v.string(), v.number()) }) });

/** Starts the app, lets it end, and looks where it believes to have been. */
async function placeOf(desktop: Desktop, meanwhile = async (): Promise<void> => undefined): Promise<object> {
  const app = desktop.start(['--demo']);
  await (await app.page()).shows('11.22.33.44');
  await desktop.hasWindow();
  await meanwhile();
  app.signal('SIGTERM');
  await app.end();
  return v.parse(State, JSON.parse(await app.file('desktop.json'))).window.bounds;
}

test('is where it was left', async () => {
  const desktop = await Desktop.start();
  const before = await placeOf(desktop, async () => {
    await desktop.moveWindow({ x: 200, y: 100, width: 700, height: 600 });
  });
  expect(before).toMatchObject({ width: 700, height: 600 });
  expect(await placeOf(desktop)).toEqual(before);
});

async function growsBy(keys: string): Promise<void> {
  const desktop = await Desktop.start();
  const page = await desktop.start(['--demo']).page();
  await page.shows('11.22.33.44');
  await until('the focus', async () => (await page.evaluate('document.hasFocus()')) === true);
  // A busy window manager may lose a key.
  await until('larger letters', async () => {
    await desktop.press(keys);
    return Number(await page.evaluate('devicePixelRatio')) > 1;
  });
}

test('becomes larger by Ctrl and plus', async () => {
  await growsBy('ctrl+plus');
});

test.for(['ctrl+equal', 'ctrl+KP_Add'])('becomes larger by %s', async (keys) => {
  await growsBy(keys);
});
