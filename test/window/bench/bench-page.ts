/** The built window in a real browser, with the bench's own clock in it. */
import type { CDPSession, Page } from 'playwright-core';
import { BRIDGE } from '../../../main/contract/window-protocol.ts';
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import { browser } from '../stage/browser.ts';
import { hrefOf, type ViewName } from '../../../renderer/state/route.ts';
import { contextOptions } from '../stage/look.ts';
import { installPageClock, type Painted, type PageWithClock } from './page-clock.ts';

/** Milliseconds. */
export interface Sample extends Painted {
  /** That the page's main thread worked, on the processor: others who use the machine do not lengthen it. */
  readonly work: number;
}

/** Milliseconds, as frames followed one another. */
export interface Frames {
  readonly lengths: readonly number[];
  /** As of a {@link Sample}, in all of them. */
  readonly work: number;
}

const SIZE = { width: 1000, height: 700 };
const SEARCH = '.search-box > input';
const LINES = `<!doctype html><title>Lines</title>${'<p>A line of text.</p>'.repeat(400)}`;

async function newPage(now: number): Promise<Page> {
  const context = await (await browser()).newContext({ ...contextOptions(SIZE), reducedMotion: 'no-preference' });
  const page = await context.newPage();
  await page.addInitScript(installPageClock, { bridge: BRIDGE, now });
  return page;
}

export class BenchPage {
  readonly page: Page;
  /** Milliseconds of a frame while nothing happens. */
  readonly frame: number;
  readonly #session: CDPSession;

  /** Without a snapshot yet. @param address of the window's server */
  /** Without a snapshot yet. @param address of the window's server @param now what the page's clock shows */
  static async open(address: string, now: number): Promise<BenchPage> {
    const page = await newPage(now);
    await page.goto(address);
    await page.locator('.splash').waitFor();
    return await BenchPage.#of(page);
  }

  /** A page that is nothing but lines of text. @param address of any page that has no script of its own */
  static async openPlain(address: string): Promise<BenchPage> {
    const page = await newPage(0);
    await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body: LINES }));
    await page.goto(address);
    return await BenchPage.#of(page);
  }

  static async #of(page: Page): Promise<BenchPage> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    const frame = await page.evaluate(() => (globalThis as unknown as PageWithClock).bench.frame());
    return new BenchPage(page, frame, session);
  }

  private constructor(page: Page, frame: number, session: CDPSession) {
    this.page = page;
    this.frame = frame;
    this.#session = session;
  }

  async show(snapshot: AppSnapshot): Promise<Sample> {
    await this.page.evaluate(
      (text) => (globalThis as unknown as PageWithClock).bench.bring(text),
      JSON.stringify(snapshot),
    );
    return await this.#worked(() =>
      this.page.evaluate(() => (globalThis as unknown as PageWithClock).bench.handOver()),
    );
  }

  async press(key: string): Promise<Sample> {
    return await this.#worked(async () => {
      const painted = await this.page.evaluateHandle(() => {
        const key = (globalThis as unknown as PageWithClock).bench.nextKey();
        return { key };
      });
      await this.page.keyboard.press(key);
      return await painted.evaluate((handle) => handle.key);
    });
  }

  async framesDuring(what: () => Promise<void>): Promise<Frames> {
    const watch = await this.page.evaluateHandle(() => (globalThis as unknown as PageWithClock).bench.watchFrames());
    const before = await this.#taskTime();
    await what();
    const work = (await this.#taskTime()) - before;
    const moments = await watch.evaluate((handle) => handle.end());
    return { lengths: moments.slice(1).map((moment, at) => moment - (moments[at] ?? moment)), work };
  }

  /** As a finger does it: `distance` CSS pixels downwards, negative upwards, at `speed` pixels per second. */
  async scroll(distance: number, speed: number): Promise<void> {
    await this.#session.send('Input.synthesizeScrollGesture', {
      x: SIZE.width / 2,
      y: SIZE.height / 2,
      yDistance: -distance,
      speed,
      gestureSourceType: 'mouse',
    });
  }

  /** Shows the forwards of every profile. */
  async openOut(): Promise<void> {
    await this.page.evaluate(() => {
      for (const button of document.querySelectorAll<HTMLElement>('.profile-open')) button.click();
    });
    await this.page.locator('.profile-open[aria-expanded=false]').first().waitFor({ state: 'detached' });
  }

  /** @param sign of the view that it is there */
  async goTo(view: ViewName, sign: string): Promise<void> {
    await this.page.evaluate((hash) => {
      location.hash = hash;
    }, hrefOf(view));
    await this.page.locator(sign).first().waitFor();
  }

  async focusSearch(): Promise<void> {
    await this.page.locator(SEARCH).click();
  }

  /** @throws Error when the page shows something else: what was measured was not the work */
  async mustShow({ profiles }: AppSnapshot): Promise<void> {
    const shown = await this.page.evaluate(() =>
      Array.from(
        document.querySelectorAll('.profile'),
        (row) => row.querySelector('[role=switch][aria-checked=true]') !== null,
      ),
    );
    if (shown.length !== profiles.length || profiles.some(({ on }, at) => on !== shown[at])) {
      throw new Error('the window does not show the snapshot');
    }
  }

  /** @throws Error when the keys went elsewhere */
  async mustHaveSearched(text: string): Promise<void> {
    const shown = await this.page.locator(SEARCH).inputValue();
    if (shown !== text) throw new Error(`the window has "${shown}" in its search, not "${text}"`);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  async #worked(what: () => Promise<Painted>): Promise<Sample> {
    const before = await this.#taskTime();
    const painted = await what();
    return { ...painted, work: (await this.#taskTime()) - before };
  }

  /** Milliseconds of the main thread since the page was opened. */
  async #taskTime(): Promise<number> {
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const value = metrics.find(({ name }) => name === 'TaskDuration')?.value;
    if (value === undefined) throw new Error('the browser does not tell how long it works');
    return value * 1000;
  }
}
