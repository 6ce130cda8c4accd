/**
 * `npm run bench:window`: what the window costs its main thread with 50 profiles and 500 forwards, in milliseconds; a
 * frame has 16.7. Medians, as the browser itself measures; nothing is asserted.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import type { MappingView } from '../../main/contract/model.ts';
import { after, inMinutes } from '../../main/contract/units.ts';
import { readWindow } from '../../main/remote/window-files.ts';
import { serveWindow } from '../../main/remote/window-server.ts';
import { median, table } from '../bench/statistics.ts';
import { exampleSnapshots } from '../support/example-snapshots.ts';
import { browser, endBrowser } from './browser.ts';
import { buildWindow } from './build-window.ts';
import { ExampleOnStage } from './example-app.ts';

const TIMES = 20;
/** Milliseconds; long enough for a step to be drawn. */
const PAUSE = 120;

const { many } = exampleSnapshots;

interface Cost {
  readonly script: number;
  readonly style: number;
  readonly layout: number;
  /** All of the above, and what lies between. */
  readonly whole: number;
}

async function costSoFar(session: CDPSession): Promise<Cost> {
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => (metrics.find((metric) => metric.name === name)?.value ?? NaN) * 1000;
  return {
    script: of('ScriptDuration'),
    style: of('RecalcStyleDuration'),
    layout: of('LayoutDuration'),
    whole: of('TaskDuration'),
  };
}

async function measure(session: CDPSession, what: string, step: (at: number) => Promise<void> | void) {
  const costs: Cost[] = [];
  for (let at = 0; at < TIMES; at++) {
    const before = await costSoFar(session);
    await step(at);
    await sleep(PAUSE);
    const later = await costSoFar(session);
    costs.push({
      script: later.script - before.script,
      style: later.style - before.style,
      layout: later.layout - before.layout,
      whole: later.whole - before.whole,
    });
  }
  const figure = (name: keyof Cost): string => median(costs.map((cost) => cost[name])).toFixed(1);
  return [what, figure('script'), figure('style'), figure('layout'), figure('whole')];
}

const withMappings = (revision: number, mappings: readonly MappingView[]): AppSnapshot => ({
  ...many,
  revision,
  engine: { ...many.engine, mappings },
});

/** One lease is being renewed: what comes most often. */
function oneRenews(at: number): AppSnapshot {
  return withMappings(
    1000 + at,
    many.engine.mappings.map((mapping, index) =>
      index === at && mapping.status.at === 'open'
        ? { ...mapping, status: { at: 'renewing', lease: mapping.status.lease } }
        : mapping,
    ),
  );
}

/** All were renewed together: what comes once an hour. */
function allRenewed(at: number): AppSnapshot {
  return withMappings(
    2000 + at,
    many.engine.mappings.map((mapping) => {
      const { status } = mapping;
      if (status.at !== 'open' || status.lease.expiresAt === 'never') return mapping;
      const lease = { ...status.lease, expiresAt: after(status.lease.expiresAt, inMinutes(at + 1)) };
      return { ...mapping, status: { at: 'open', lease } };
    }),
  );
}

async function rows(page: Page, session: CDPSession, app: ExampleOnStage, where: string): Promise<readonly string[][]> {
  const search = page.getByRole('searchbox');
  await search.focus();
  return [
    await measure(session, `${where}: a second passes`, () => sleep(1000)),
    await measure(session, `${where}: a snapshot in which nothing has changed`, (at) =>
      app.show({ ...many, revision: at }),
    ),
    await measure(session, `${where}: a snapshot in which one lease has changed`, (at) => app.show(oneRenews(at))),
    await measure(session, `${where}: a snapshot in which all leases have changed`, (at) => app.show(allRenewed(at))),
    await measure(session, `${where}: a letter typed into the filter`, (at) =>
      page.keyboard.press(at % 2 === 0 ? '4' : 'Backspace'),
    ),
    await measure(session, `${where}: a turn of the wheel`, (at) => page.mouse.wheel(0, at < TIMES / 2 ? 400 : -400)),
  ];
}

const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-window-bench-'));
try {
  await buildWindow(folder);
  const files = await readWindow(folder);
  if (files === undefined) throw new Error('the window was not built');
  const app = new ExampleOnStage(many);
  const server = await serveWindow({ dispatch: app.dispatch, log: app.log, files, port: 0 });
  const page = await (await browser()).newPage({ viewport: { width: 1000, height: 800 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(server.address);
  await page.locator('.profile').first().waitFor();
  await page.mouse.move(600, 500);
  const closed = await rows(page, session, app, 'closed');
  await page.evaluate(() => {
    for (const each of document.querySelectorAll<HTMLElement>('.profile-open[aria-expanded=false]')) each.click();
  });
  await sleep(2000);
  const open = await rows(page, session, app, 'opened out');
  console.log(table([['', 'script', 'style', 'layout', 'whole'], ...closed, ...open], 1));
  console.log(`ms of the main thread, medians of ${TIMES}; load of this machine: ${loadavg()[0]?.toFixed(1) ?? '?'}`);
  await endBrowser();
  await server.stop();
} finally {
  await rm(folder, { recursive: true, force: true });
}
