/**
 * The window of the application from end to end: the built page and the built preload script in Chromium, their calls
 * through the real handlers over Electron's double, the real engine in a simulated home.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { inSeconds, millis } from '../../main/contract/units.ts';
import { PAGE_URL, answerPage } from '../../main/desktop/window/page.ts';
import { DesktopScene } from '../desktop/desktop-scene.ts';
import { electron, invoke, preventable } from '../desktop/electron-double.ts';
import { tcp } from '../support/app-home.ts';
import { browser, endBrowser } from './stage/browser.ts';
import { buildPreload } from './stage/build-window.ts';
import { contextOptions, type Look } from './stage/look.ts';
import { StagedPage } from './stage/staged-page.ts';

vi.mock('electron', async () => (await import('../desktop/electron-double.ts')).electronModule);

/** Chromium takes no scheme of ours; nothing at this address is ever asked for. */
const STAND_IN = 'https://portkeeper.test/';

let folder: string;
let preload: string;
let scene: DesktopScene;
let shown: StagedPage;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-preload-'));
  preload = await buildPreload(folder);
});
afterAll(async () => {
  await rm(folder, { recursive: true, maxRetries: 5 });
  await endBrowser();
});
beforeEach(async () => {
  scene = await DesktopScene.start();
});
afterEach(async () => {
  await shown.page.context().close();
  await scene.end();
  expect(shown.takeFaults()).toEqual([]);
});

/** The sandbox of a preload script: `require('electron')`, as far as ours uses it. */
const SANDBOX = (script: string): string => `{
  const require = (name) => {
    if (name !== 'electron') throw new Error('there is no ' + name + ' in the sandbox');
    return {
      contextBridge: { exposeInMainWorld: (key, api) => Object.defineProperty(window, key, { value: api }) },
      ipcRenderer: { invoke: async (channel, ...args) => {
        const answer = await window.invokeInTest(channel, args);
        if ('error' in answer) throw new Error(answer.error);
        return answer.value;
      } },
    };
  };
  ${script}
}`;

async function open(look: Look = {}): Promise<StagedPage> {
  const context = await (await browser()).newContext(contextOptions(look));
  const page = await context.newPage();
  shown = new StagedPage(page);
  await page.clock.install({ time: scene.world.now });
  await page.exposeFunction('invokeInTest', async (channel: string, args: readonly unknown[]) => {
    try {
      return { value: await invoke(scene.page.frame(), channel, ...args) };
    } catch (error) {
      return { error: String(error) };
    }
  });
  await page.addInitScript(SANDBOX(preload));
  await page.route(`${STAND_IN}**`, async (route) => {
    const url = route.request().url().replace(STAND_IN, PAGE_URL);
    const answer = await answerPage(inject('window'), { method: route.request().method(), url });
    const headers = Object.fromEntries(answer.headers);
    await route.fulfill({ status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) });
  });
  await during(page.goto(STAND_IN));
  return shown;
}

/** Lets the home's time pass, a little for each moment of ours, until that is done. */
async function during<Value>(work: Promise<Value>): Promise<Value> {
  const done = new AbortController();
  const finish = (): void => done.abort();
  work.then(finish, finish);
  while (!done.signal.aborted) {
    await scene.run(millis(25));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return await work;
}

test('a switch in the window opens a port, and the tray says so; a switch in the tray shows in the window', async () => {
  await scene.do('settings.change', { settings: { welcomed: true } });
  await scene.add('Minecraft', [tcp(25_565)]);
  const { page } = await open();
  await during(page.getByRole('switch', { name: /Minecraft/ }).click());
  await scene.until(() => scene.table.length === 1, 'the port');
  await scene.run(inSeconds(5));
  expect(scene.menu.item('Minecraft')).toMatchObject({ checked: true });
  expect(scene.tray.image).toContain('open');
  scene.menu.click('Minecraft');
  await scene.until(() => scene.table.length === 0, 'the port closed');
  await during(expect.poll(() => page.getByRole('switch', { name: /Minecraft/ }).isChecked()).toBe(false));
});

test('a page that was loaded again after it broke shows what is', async () => {
  await scene.do('settings.change', { settings: { welcomed: true } });
  await scene.add('Minecraft', [tcp(25_565)]);
  const { page } = await open();
  await during(page.getByText('Minecraft').first().waitFor());
  scene.page.send('render-process-gone', preventable(), { reason: 'crashed', exitCode: 5 });
  expect(scene.page.reloads).toBe(1);
  await during(page.reload());
  await during(page.getByText('Minecraft').first().waitFor());
  await scene.add('Valheim', [tcp(2456)]);
  await during(page.getByText('Valheim').first().waitFor());
});

test('speaks German where the computer does, and is as dark', async () => {
  await scene.do('settings.change', { settings: { welcomed: true } });
  const { page } = await open({ language: 'de', theme: 'dark' });
  await during(page.getByRole('link', { name: 'Einstellungen' }).click());
  expect(new URL(page.url()).hash).toBe('#/settings');
});

test('has nothing beyond the bridge, and its policy lets nothing else in', async () => {
  const { page } = await open();
  const has = await page.evaluate(() => ({
    bridge: Object.keys((globalThis as unknown as { readonly portkeeper: object }).portkeeper).toSorted(),
    node: ['process', 'require', 'module', 'Buffer'].filter((name) => name in globalThis),
  }));
  expect(has).toEqual({ bridge: ['abort', 'ask', 'watch'], node: [] });
  const policy = await page.evaluate(async () => {
    const refused = new Set<string>();
    const { promise: bothRefused, resolve } = Promise.withResolvers<undefined>();
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      if (refused.add(effectiveDirective).size === 2) resolve(undefined);
    });
    await fetch('https://evil.example/').catch(() => undefined);
    const script = document.createElement('script');
    script.textContent = 'globalThis.ran = true';
    document.body.append(script);
    await bothRefused;
    return { refused: [...refused].toSorted(), ran: 'ran' in globalThis };
  });
  // The page shows it as well.
  expect(shown.takeFaults().length).toBeGreaterThan(0);
  expect(policy).toEqual({ refused: ['connect-src', 'script-src-elem'], ran: false });
  expect(electron.opened).toEqual([]);
});
