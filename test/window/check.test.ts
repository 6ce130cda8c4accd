/** The view that says why nobody can connect. */
import { text as textFrom } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inSeconds, port } from '../../main/contract/units.ts';
import type { System, WaitingSocket } from '../../main/system/system.ts';
import { tcp } from '../support/app-home.ts';
import type { HomeOnStage } from './stage/staged-app.ts';
import type { Stage } from './stage/stage.ts';
import { openView, settledStage, toEach } from './stage/views.ts';

/** A machine on which somebody waits, or nobody. */
const waiting =
  (sockets: () => readonly WaitingSocket[]) =>
  (system: System): System => ({ ...system, listeners: async () => sockets(), programOn: async () => 'java' });

const java = (address: string): WaitingSocket => ({ transport: 'tcp', address: ip(address), port: port(25_565) });

/** A game's port is open, and its program listens to this computer alone, until it is restarted. */
async function lonelyServer(): Promise<{ readonly stage: Stage<HomeOnStage>; readonly restart: () => void }> {
  let address = '127.0.0.1';
  const stage = await settledStage({ around: waiting(() => [java(address)]) });
  const { app } = stage;
  await app.alone(() => app.home.add('Minecraft', [tcp(25_565)], true));
  await app.elapse(inSeconds(20));
  return {
    stage,
    restart: () => {
      address = '0.0.0.0';
    },
  };
}

test('the cause stands first, with what to do; once it is fixed, all is well', async () => {
  const { stage, restart } = await lonelyServer();
  const { page } = await openView(stage, 'check');
  await page.getByRole('heading', { name: 'Why can nobody connect?' }).waitFor();
  await page.getByRole('button', { name: 'Check now' }).click();
  const cause = page.getByRole('region', { name: 'The cause' });
  await cause.getByRole('heading', { name: '“java” listens on port 25565/TCP for this computer only.' }).waitFor();
  await cause.getByText(/to 0\.0\.0\.0 \(all addresses\)/).waitFor();
  restart();
  await page.getByRole('button', { name: 'Check again' }).click();
  await page.getByText('No problem found.').waitFor();
  expect(await cause.count()).toBe(0);
});

test('the report is saved as a text, without addresses unless they are wanted', async () => {
  const { stage } = await lonelyServer();
  const { page } = await openView(stage, 'check');
  await page.getByRole('button', { name: 'Check now' }).click();
  const save = page.getByRole('button', { name: 'Save…' });
  const saved = async (): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
    return await textFrom(await download.createReadStream());
  };
  expect(await saved()).toMatch(/^Portkeeper .*\n\n“java” listens on port 25565\/TCP for this computer only\./);
  expect(await saved()).not.toContain('192.168.1.');
  await page.getByRole('checkbox', { name: 'Hide addresses and names' }).uncheck();
  expect(await saved()).toContain('192.168.1.1');
});

test('a problem links to the checks that bear on it', async () => {
  const stage = await settledStage({ stopped: true });
  await stage.app.alone(() => stage.app.home.add('Minecraft', [tcp(25_565)], true));
  await stage.app.elapse(inSeconds(60));
  const { page } = await openView(stage, 'forwards');
  await page.getByRole('button', { name: 'Details' }).first().click();
  await page.getByRole('link', { name: 'Find the cause' }).first().click();
  await page.locator('.view[data-view=check]').waitFor();
  await page.getByRole('region', { name: 'The cause' }).waitFor();
  expect(await page.locator('.check-row').count()).toBe(6);
  await page.getByRole('button', { name: 'Run all checks' }).click();
  await expect.poll(() => page.locator('.check-row').count()).toBe(12);
});

test('it can be used by everybody', async () => {
  const looks = [
    { width: 1440, height: 900 },
    { width: 900, height: 900, theme: 'dark' },
    { width: 320, height: 640, language: 'de' },
    { width: 480, height: 900, theme: 'dark', language: 'de' },
  ] as const;
  const { stage } = await lonelyServer();
  const staged = await openView(stage, 'check', looks[0]);
  const { page } = staged;
  await staged.shot('check-empty');
  await page.locator('.empty-state button').click();
  await page.locator('.check-cause').waitFor();
  await toEach(stage, staged, looks, async (look) => {
    await staged.shot(`check-${look}`);
    expect.soft(await staged.accessibilityFaults(), look).toEqual([]);
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), look).toBe(true);
  });
});
