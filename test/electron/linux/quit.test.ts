/** The end of the app while its router does not answer. */
import { expect, test } from 'vitest';
import type { App } from '../stage/app.ts';
import { Desktop } from '../stage/desktop.ts';
import { MINECRAFT, type DemoRouter } from '../stage/stage.ts';
import { until } from '../stage/until.ts';

const IS_OPEN = /^25565\/TCP.*: open$/;

/** An open port at a router that has just died. */
async function deadRouter(): Promise<{ desktop: Desktop; router: DemoRouter; app: App }> {
  const desktop = await Desktop.start();
  const router = await desktop.demoRouter();
  await desktop.keep({ profiles: [MINECRAFT], settings: { gateway: router.url, welcomed: true } });
  const app = desktop.start();
  await (await app.page()).shows('Minecraft');
  await desktop.panel.entry(IS_OPEN);
  router.process.signal('SIGSTOP');
  return { desktop, router, app };
}

test('ends although the router is dead, and closes the port once it is back', async () => {
  const { desktop, router, app } = await deadRouter();
  await desktop.panel.choose('Quit Portkeeper');
  expect(await app.end()).toEqual({ code: 0, signal: null });
  await desktop.keep({ settings: { gateway: router.url } });
  desktop.start(['--hidden']);
  router.process.signal('SIGCONT');
  await desktop.panel.entry('No port is open');
  await until('a closed port', async () => !(await router.has(25_565)));
});

test('says meanwhile that it closes ports', async () => {
  const { desktop } = await deadRouter();
  await desktop.panel.choose('Quit Portkeeper');
  await desktop.hasWindow(/^Closing your ports/);
  await desktop.panel.entry(/^Closing 1 port/);
});

test('says in its page, too, that it closes ports', async () => {
  const { desktop, app } = await deadRouter();
  const page = await app.page();
  await desktop.panel.choose('Quit Portkeeper');
  await desktop.panel.entry(/^Closing 1 port/);
  await page.shows(/Closing/);
  expect(await page.text()).not.toMatch(/Opening/);
});

test('ends at once when that is chosen in the tray', async () => {
  const { desktop, app } = await deadRouter();
  await desktop.panel.choose('Quit Portkeeper');
  await desktop.panel.choose(/without waiting/);
  expect(await app.end()).toEqual({ code: 0, signal: null });
});
