/**
 * `npm run smoke`: starts the app that `npm run dist` packaged, in a data folder of its own, and looks whether its window
 * shows itself and reaches the engine. Over Chromium's own debugging port: Node's is closed by the fuses.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

/** Milliseconds; a fresh machine is slow to start a program for the first time. */
const PATIENCE = 120_000;
const PAUSE = 250;

const dist = path.join(import.meta.dirname, '../../dist');

/** What `npm run dist` left for this system and processor. @throws Error when there is none */
function packagedProgram(): string {
  const folders = existsSync(dist) ? readdirSync(dist) : [];
  const candidates = folders.flatMap((folder) => [
    path.join(dist, folder, 'Portkeeper.app/Contents/MacOS/Portkeeper'),
    path.join(dist, folder, 'Portkeeper.exe'),
    path.join(dist, folder, 'portkeeper-desktop'),
  ]);
  const program = candidates.find((file) => existsSync(file) && fits(file));
  if (program === undefined) throw new Error(`No packaged app for this machine below ${dist}: run npm run dist first.`);
  return program;
}

/** electron-builder names other processors than x64 in the folder. */
function fits(file: string): boolean {
  const other = process.arch === 'arm64' ? /(?:win|linux)-unpacked/ : /arm64-unpacked/;
  return !other.test(file);
}

/** Chromium writes the port that it chose among what it keeps. @throws Error when it does not within {@link PATIENCE} */
async function debuggingAddress(folder: string): Promise<string> {
  const file = path.join(folder, 'window/DevToolsActivePort');
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const [port = ''] = text.split('\n');
    if (port !== '') return `http://127.0.0.1:${port}`;
    await sleep(PAUSE);
  }
  throw new Error(`The app did not open its debugging port within ${PATIENCE / 1000} s.`);
}

async function windowOf(browser: Browser): Promise<Page> {
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const page = browser.contexts().flatMap((context) => context.pages())[0];
    if (page !== undefined) return page;
    await sleep(PAUSE);
  }
  throw new Error(`The app showed no window within ${PATIENCE / 1000} s.`);
}

const program = process.argv[2] ?? packagedProgram();
const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-smoke-'));
const child = spawn(program, ['--remote-debugging-port=0', '--demo'], {
  env: { ...process.env, PORTKEEPER_DATA_DIR: folder },
  stdio: ['ignore', 'inherit', 'inherit'],
});
const ended = once(child, 'exit');
try {
  const address = await Promise.race([
    debuggingAddress(folder),
    ended.then(([code]) => {
      throw new Error(`The app ended at once, with exit code ${String(code)}.`);
    }),
  ]);
  const browser = await chromium.connectOverCDP(address);
  const page = await windowOf(browser);
  // The first steps: the simulated router is found by the engine, over the bridge.
  await page.getByRole('heading', { level: 1 }).waitFor({ timeout: PATIENCE });
  await page.getByText('11.22.33.44').first().waitFor({ timeout: PATIENCE });
  const title = await page.title();
  await page.screenshot({ path: path.join(dist, 'smoke.png') });
  console.log(
    `The packaged app shows its window ("${title}") and reaches its engine. A picture: ${path.join(dist, 'smoke.png')}`,
  );
  await browser.close();
} finally {
  child.kill();
  await Promise.race([ended, sleep(PATIENCE)]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
