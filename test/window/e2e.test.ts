/** The whole of it: a person, the window in a real browser, the engine, and the simulated router. */
import { expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { addPreset, goTo, readsOfIt, sees, seesTrouble, turn } from './stage/deeds.ts';
import { loopbackStage } from './stage/stage.ts';
import { openView, settledStage } from './stage/views.ts';

const MINECRAFT = 'Minecraft: Java Edition';
const VALHEIM = 'Valheim';

test('add a preset, switch on, see it open; the router reboots; it recovers; switch off, and all is gone', async () => {
  const stage = await settledStage();
  const { app } = stage;
  const { page } = await openView(stage, 'forwards');
  await addPreset(page, MINECRAFT);
  await addPreset(page, VALHEIM);
  await goTo(page, 'Forwards');
  await expect.poll(() => app.home.table).toEqual([]);

  await turn(page, MINECRAFT).click();
  await turn(page, VALHEIM).click();
  await sees(page, MINECRAFT, 'Open');
  await sees(page, VALHEIM, 'Open');
  const whole = ['tcp 25565 -> 192.168.1.10:25565', 'udp 2456 -> 192.168.1.10:2456', 'udp 2457 -> 192.168.1.10:2457'];
  expect(app.home.table).toEqual(whole);

  app.home.home.router.reboot({ downFor: inMinutes(3) });
  expect(app.home.table).toEqual([]);
  await app.elapse(inMinutes(2));
  await stage.setClocks();
  await seesTrouble(page, MINECRAFT);
  await page.getByRole('main').getByText('Not answering').waitFor();
  await app.elapse(inMinutes(3));
  await stage.setClocks();
  await sees(page, MINECRAFT, 'Open');
  await sees(page, VALHEIM, 'Open');
  expect(app.home.table).toEqual(whole);
  await readsOfIt(page, /restarted\./);

  await goTo(page, 'Forwards');
  await turn(page, VALHEIM).click();
  await sees(page, VALHEIM, 'Off');
  await expect.poll(() => app.home.table).toEqual(whole.slice(0, 1));
  await turn(page, MINECRAFT).click();
  await sees(page, MINECRAFT, 'Off');
  expect(app.home.table).toEqual([]);
});

test('the same on real sockets, where time is our own', { timeout: 300_000 }, async () => {
  const stage = await loopbackStage();
  const { app } = stage;
  await app.dispatch.command('settings.change', { settings: { welcomed: true } }, new AbortController().signal);
  const { page } = await openView(stage, 'forwards');
  await addPreset(page, MINECRAFT);
  await goTo(page, 'Forwards');
  await turn(page, MINECRAFT).click();
  await sees(page, MINECRAFT, 'Open');
  expect(app.table).toEqual(['tcp 25565']);

  app.router.router.reboot({ downFor: inSeconds(2) });
  expect(app.table).toEqual([]);
  await expect.poll(() => app.table, { timeout: 150_000 }).toEqual(['tcp 25565']);
  await sees(page, MINECRAFT, 'Open');

  await turn(page, MINECRAFT).click();
  await sees(page, MINECRAFT, 'Off');
  expect(app.table).toEqual([]);
});

test('waiting for a router that does not answer blocks nothing else', async () => {
  const stage = await settledStage();
  const { app } = stage;
  const names = Array.from({ length: 12 }, (_, each) => `Game ${each + 1}`);
  for (const [each, name] of names.entries()) {
    const ports = {
      transports: ['tcp' as const],
      external: { first: 9000 + each, last: 9000 + each },
      internal: { first: 9000 + each },
    };
    await app.alone(() => app.home.add(name, [ports]));
  }
  const { page } = await openView(stage, 'forwards', { height: 1200 });
  app.home.home.router.powerOff();
  // More than a browser opens connections.
  for (const name of names) await turn(page, name).click();
  await expect.poll(() => app.home.snapshot.profiles.every(({ on }) => on)).toBe(true);
  for (const name of names) await turn(page, name).click();
  await expect.poll(() => app.home.snapshot.profiles.some(({ on }) => on)).toBe(false);
});
