/**
 * The window's samples, as JSON: `node test/window/bench/measure.ts`. The window is rebuilt, and shown in one browser;
 * of the browser's own time nothing is in them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readWindow } from '../../../main/connect/window-files.ts';
import { serveWindow } from '../../../main/connect/window-server.ts';
import { NOON } from '../../support/problems.ts';
import { browser, endBrowser } from '../stage/browser.ts';
import { buildWindow } from '../stage/build-window.ts';
import { ExampleOnStage } from '../stage/example-app.ts';
import { BenchPage, type Frames, type Sample } from './bench-page.ts';
import { FORWARDS, PROFILES, everythingOpen, renewedAtOnce, switchedInTurn } from './many-profiles.ts';

interface Measured {
  readonly browser: string;
  readonly frameMs: number;
  readonly profiles: number;
  readonly forwards: number;
  readonly snapshotBytes: number;
  /** By what was done. */
  readonly painted: Readonly<Record<string, readonly Sample[]>>;
  /** By what was scrolled. */
  readonly frames: Readonly<Record<string, Frames>>;
}

const FIRST_RENDERS = 5;
const UPDATES = 40;
const RENEWALS = 10;
const ROUNDS = 3;
/** Milliseconds for each part, and for all: a slow machine takes fewer samples, at least one round of each part. */
const LONGEST_PART = 2000;
const LONGEST = 40_000;
/** CSS pixels, and pixels per second: a quick turn of the wheel. */
const DISTANCE = 6000;
const SPEED = 4000;
/** Milliseconds. */
const IDLE = 500;
/** This machine at its best. */
const PLAIN = 'a page of plain lines';

const backspace = (count: number): readonly string[] => Array.from({ length: count }, () => 'Backspace');
/** Leaves many, few, and one; each word is taken back. */
const FILTER_KEYS = [...Array.from('server 12'), ...backspace(9), ...Array.from('20 udp'), ...backspace(6)];
const PRESET_KEYS = [...Array.from('minecraft'), ...backspace(9), ...Array.from('wire guard'), ...backspace(10)];

class Bench {
  readonly #address: string;
  readonly #painted = new Map<string, Sample[]>();
  readonly #frames = new Map<string, Frames>();
  readonly #first = everythingOpen();
  readonly #end = performance.now() + LONGEST;
  #frame = 0;

  /** @param address of the window's server */
  constructor(address: string) {
    this.#address = address;
  }

  async run(): Promise<Pick<Measured, 'frameMs' | 'painted' | 'frames'>> {
    await this.#rounds(FIRST_RENDERS - 1, async () => (await this.#open()).close());
    const page = await this.#open();
    await this.#updates(page, '');
    await this.#type(page, 'key in the filter', FILTER_KEYS);
    await this.#scroll(page, 'forwards');
    await page.openOut();
    await this.#updates(page, ', all opened out');
    await this.#type(page, 'key in the filter, all opened out', FILTER_KEYS);
    await this.#scroll(page, 'forwards, all opened out');
    await page.goTo('presets', '.preset-row');
    await this.#type(page, 'key in the search of presets', PRESET_KEYS);
    await this.#scroll(page, 'presets');
    await page.close();
    const plain = await BenchPage.openPlain(this.#address);
    await this.#scroll(plain, PLAIN);
    await plain.close();
    return {
      frameMs: this.#frame,
      painted: Object.fromEntries(this.#painted),
      frames: Object.fromEntries(this.#frames),
    };
  }

  async #rounds(most: number, once: (round: number) => Promise<void>): Promise<void> {
    const end = Math.min(performance.now() + LONGEST_PART, this.#end);
    for (let round = 0; round === 0 || (round < most && performance.now() < end); round++) await once(round);
  }

  async #open(): Promise<BenchPage> {
    const page = await BenchPage.open(this.#address, NOON);
    this.#frame = page.frame;
    this.#note('first snapshot', await page.show(this.#first));
    await page.mustShow(this.#first);
    return page;
  }

  async #updates(page: BenchPage, suffix: string): Promise<void> {
    await this.#rounds(UPDATES, async () => this.#note(`no change${suffix}`, await page.show(this.#first)));
    const steps = switchedInTurn(UPDATES);
    await this.#rounds(steps.length, async (round) => {
      const step = steps[round] ?? this.#first;
      this.#note(`one profile changed${suffix}`, await page.show(step));
      await page.mustShow(step);
    });
    const renewals = renewedAtOnce(RENEWALS);
    await this.#rounds(renewals.length, async (round) =>
      this.#note(`every lease renewed${suffix}`, await page.show(renewals[round] ?? this.#first)),
    );
  }

  async #type(page: BenchPage, what: string, keys: readonly string[]): Promise<void> {
    await page.focusSearch();
    await this.#rounds(ROUNDS, async () => {
      for (const key of keys) this.#note(what, await page.press(key));
      await page.mustHaveSearched('');
    });
  }

  async #scroll(page: BenchPage, what: string): Promise<void> {
    await this.#rounds(ROUNDS, async () => {
      this.#noteFrames('nothing', await page.framesDuring(() => page.page.waitForTimeout(IDLE)));
      for (const distance of [DISTANCE, -DISTANCE]) {
        this.#noteFrames(what, await page.framesDuring(() => page.scroll(distance, SPEED)));
      }
    });
  }

  #note(what: string, sample: Sample): void {
    this.#painted.set(what, [...(this.#painted.get(what) ?? []), sample]);
  }

  #noteFrames(what: string, { lengths, work }: Frames): void {
    const before = this.#frames.get(what) ?? { lengths: [], work: 0 };
    this.#frames.set(what, { lengths: [...before.lengths, ...lengths], work: before.work + work });
  }
}

const folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-bench-window-'));
try {
  await buildWindow(folder);
  const files = await readWindow(folder);
  if (files === undefined) throw new Error('the window was not built');
  const snapshot = everythingOpen();
  const { dispatch, log } = new ExampleOnStage(snapshot);
  const server = await serveWindow({ dispatch, log, files, port: 0 });
  const measured: Measured = {
    browser: (await browser()).version(),
    profiles: PROFILES,
    forwards: FORWARDS,
    snapshotBytes: JSON.stringify(snapshot).length,
    ...(await new Bench(server.address).run()),
  };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
  await server.stop();
} finally {
  await endBrowser();
  await rm(folder, { recursive: true, force: true });
}
