/** The window in a real browser, with a real gateway: both run on the client, and what is forwarded is looked at there
 * where it happens. */
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { ARGUMENTS, CHROMIUM } from '../window/stage/browser.ts';
import { addPreset, goTo, leaveFirstSteps, readsOfIt, sees, turn } from '../window/stage/deeds.ts';
import { contextOptions } from '../window/stage/look.ts';
import { StagedPage } from '../window/stage/staged-page.ts';
import { PUBLIC_WAN, type Flavour } from './lab/flavours.ts';
import type { Home } from './lab/home.ts';
import { within } from './lab/holding.ts';
import { upnpc } from './lab/observers.ts';
import { homeFor } from './lab/opening.ts';
import { portkeeper, type Portkeeper } from './lab/portkeeper.ts';

const MINECRAFT = 'Minecraft: Java Edition';
const FACTORIO = 'Factorio';

interface AtWindow {
  readonly home: Home;
  readonly program: Portkeeper;
  readonly staged: StagedPage;
}

/** `portkeeper serve` on the client, and its window in a browser there, past the first steps. */
async function atWindow(flavour: Flavour): Promise<AtWindow> {
  const home = await homeFor(flavour);
  await home.client.echo.tcp(25_565);
  await home.client.echo.udp(34_197);
  const program = portkeeper(home.client, ['serve', '--json', '--window-dir', inject('window')]);
  const { window } = await program.until(({ event }) => event === 'serving');
  const staged = await browserOn(home);
  await staged.page.goto(String(window));
  return { home, program, staged };
}

/** It speaks to us through pipes: its network is the client's alone. */
async function browserOn(home: Home): Promise<StagedPage> {
  const executablePath = join(home.folder, 'browser');
  const command = `exec ip netns exec ${home.client.namespace.name} ${CHROMIUM} "$@"`;
  await writeFile(executablePath, `#!/bin/sh\nPATH="$PATH:/usr/sbin:/sbin"\n${command}\n`);
  await chmod(executablePath, 0o755);
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  onTestFinished(() => browser.close());
  return new StagedPage(await (await browser.newContext(contextOptions({}))).newPage());
}

const rule = (home: Home, transport: 'tcp' | 'udp', port: number) => ({
  transport,
  external: port,
  client: home.client.address,
  internal: port,
});

describe.each(['igd2', 'pxp-only'] as const)('the window, with a gateway like %s', (flavour) => {
  test('adds, opens, recovers and closes; the gateway agrees each time', { timeout: 400_000 }, async () => {
    const { home, program, staged } = await atWindow(flavour);
    const { page } = staged;
    await leaveFirstSteps(page, 'Found: ');
    await addPreset(page, MINECRAFT);
    await addPreset(page, FACTORIO);
    await goTo(page, 'Forwards');
    expect(await home.gateway.nftRules()).toEqual([]);

    await turn(page, MINECRAFT).click();
    await turn(page, FACTORIO).click();
    await sees(page, MINECRAFT, 'Open');
    await sees(page, FACTORIO, 'Open');
    const both = [rule(home, 'tcp', 25_565), rule(home, 'udp', 34_197)];
    const forwards = async () => (await home.gateway.nftRules()).toSorted((a, b) => a.external - b.external);
    const isReached = async () =>
      (await home.internet.reach('tcp', PUBLIC_WAN.address, 25_565)) === 'client' &&
      (await home.internet.reach('udp', PUBLIC_WAN.address, 34_197)) === 'client';
    expect(await forwards()).toEqual(both);
    if (flavour === 'igd2') {
      const entries = await upnpc(home.other, home.gateway).list();
      expect(entries.map(({ transport, external }) => `${external}/${transport}`).toSorted()).toEqual([
        '25565/tcp',
        '34197/udp',
      ]);
    }
    expect(await isReached()).toBe(true);
    // The address for friends is the one just reached, and the program that answered is shown.
    await page.getByText(`${PUBLIC_WAN.address}:25565`).waitFor();
    await page.getByText(/^A program on this computer is listening on port (?:25565|34197)\.$/).waitFor();
    await page.getByRole('button', { name: 'Got it' }).click();

    await readsOfIt(page, /was found; its public IP address is 11\.22\.33\.44/);
    await goTo(page, 'Forwards');
    await home.gateway.kill();
    await home.gateway.daemon.forget();
    expect(await isReached()).toBe(false);
    await home.gateway.start();
    await within(150_000, program, isReached);
    await expect.poll(forwards, { interval: 250 }).toEqual(both);
    await sees(page, MINECRAFT, 'Open');
    await sees(page, FACTORIO, 'Open');
    await readsOfIt(page, /restarted\./);

    await goTo(page, 'Forwards');
    await turn(page, FACTORIO).click();
    await sees(page, FACTORIO, 'Off');
    expect(await forwards()).toEqual(both.slice(0, 1));
    await turn(page, MINECRAFT).click();
    await sees(page, MINECRAFT, 'Off');
    expect(await forwards()).toEqual([]);
    expect(staged.takeFaults()).toEqual([]);
    expect(await program.interrupt()).toMatchObject({ code: 0 });
  });
});
