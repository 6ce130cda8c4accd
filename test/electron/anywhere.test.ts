/** The packaged app on every system. */
import { expect, onTestFinished, test } from 'vitest';
import { Desktop } from './stage/desktop.ts';
import { Stage } from './stage/stage.ts';
import { until } from './stage/until.ts';

const DEMO_ADDRESS = '11.22.33.44';

async function computer(): Promise<Stage> {
  if (process.platform === 'linux') return await Desktop.start();
  const stage = await Stage.here();
  onTestFinished(() => stage.stop());
  return stage;
}

test('shows its window, with the router that its engine found', async () => {
  const stage = await computer();
  const page = await stage.start(['--demo']).page();
  await page.shows(DEMO_ADDRESS);
});

test('gives its page the bridge, and nothing else of Node or Electron', async () => {
  const stage = await computer();
  const page = await stage.start(['--demo']).page();
  await page.shows(DEMO_ADDRESS);
  const names = '[typeof require, typeof process, typeof module, ...Object.keys(portkeeper)]';
  expect(await page.evaluate(names)).toEqual(['undefined', 'undefined', 'undefined', 'ask', 'abort', 'watch']);
});

test('ends at --quit', async () => {
  const stage = await computer();
  const app = stage.start(['--demo', '--hidden']);
  await until('its log', () => app.file('portkeeper.log'));
  await stage.startAgain(['--quit']);
  expect(await app.end()).toEqual({ code: 0, signal: null });
});

test('a second start ends, and shows the window of the first', async () => {
  const stage = await computer();
  const app = stage.start(['--demo', '--hidden']);
  await until('its log', () => app.file('portkeeper.log'));
  await stage.startAgain();
  await (await app.page()).shows(DEMO_ADDRESS);
});

test('brings back a page whose process was killed', async () => {
  const stage = await computer();
  const app = stage.start(['--demo']);
  const page = await app.page();
  await page.shows(DEMO_ADDRESS);
  const before = await app.renderer();
  process.kill(before, 'SIGKILL');
  await until('another process for the page', async () => (await app.renderer()) !== before);
  await (await app.page()).shows(DEMO_ADDRESS);
});

test('brings a command line', async () => {
  const stage = await computer();
  const presets = stage.portkeeper('presets', 'minecraft');
  presets.endInput();
  const { code, stdout } = await presets.exited;
  expect(stdout).toContain('25565');
  expect(code).toBe(0);
});
