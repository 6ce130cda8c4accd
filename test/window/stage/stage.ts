/**
 * The real built window in real Chromium, on the real engine. For tests:
 *
 *   const stage = await homeStage();                // a simulated home: time passes as the test says
 *   const { page } = await stage.open({ width: 320, theme: 'dark', language: 'de' });
 *   await page.getByRole('button', { name: 'Add' }).click();
 *
 * A complaint of the browser (error, warning, violation of the page's security policy) fails the test.
 */
import { afterAll, expect, inject, onTestFinished } from 'vitest';
import type { AppSnapshot } from '../../../main/contract/commands.ts';
import { serveWindow, type WindowServer } from '../../../main/connect/window-server.ts';
import { readWindow } from '../../../main/connect/window-files.ts';
import type { Personality } from '../../../main/simulator/router/personality.ts';
import { AppHome, type AppHomeOptions } from '../../support/app-home.ts';
import { ExampleOnStage } from './example-app.ts';
import { browser, endBrowser } from './browser.ts';
import { contextOptions, type Look } from './look.ts';
import { HomeOnStage, LoopbackOnStage, type StagedApp } from './staged-app.ts';
import { StagedPage } from './staged-page.ts';

export class Stage<Kind extends StagedApp> {
  readonly app: Kind;
  #server: WindowServer;
  readonly #start: (port: number) => Promise<WindowServer>;
  readonly #pages: StagedPage[] = [];
  #isBrokenOff = false;

  /** @param start serves the window on this port, on any when it is 0 */
  static async of<Kind extends StagedApp>(
    app: Kind,
    start: (port: number) => Promise<WindowServer>,
  ): Promise<Stage<Kind>> {
    return new Stage(app, start, await start(0));
  }

  private constructor(app: Kind, start: (port: number) => Promise<WindowServer>, server: WindowServer) {
    this.app = app;
    this.#start = start;
    this.#server = server;
  }

  /** With the token. */
  get address(): string {
    return this.#server.address;
  }

  /** @param address another than the one that people are given */
  async open(look: Look = {}, address = this.address): Promise<StagedPage> {
    const context = await (await browser()).newContext(contextOptions(look));
    const page = await context.newPage();
    const staged = new StagedPage(page);
    this.#pages.push(staged);
    if (this.app.now !== undefined) await page.clock.install({ time: this.app.now() });
    await page.goto(address);
    return staged;
  }

  /** Nobody answers the windows any more: browsers that complain about it are right. */
  async breakOff(): Promise<void> {
    this.#isBrokenOff = true;
    await this.#server.stop();
  }

  /** Lets windows know what time it is at home: after time was let pass at once. */
  async setClocks(): Promise<void> {
    const { now } = this.app;
    if (now !== undefined) for (const { page } of this.#pages) await page.clock.setSystemTime(now());
  }

  /** The window's server ends, and another takes its place with another token, as after a restart of Portkeeper. */
  async startAnew(): Promise<void> {
    const { port } = this.#server;
    await this.#server.stop();
    this.#server = await this.#start(port);
  }

  async stop(): Promise<void> {
    for (const { page } of this.#pages) await page.context().close();
    await this.#server.stop();
    await this.app.stop();
  }

  /** @throws AssertionError when a browser has complained */
  mustBeClean(): void {
    const faults = this.#pages.flatMap((page) => page.takeFaults());
    expect(faults.filter((fault) => !this.#isBrokenOff || !fault.includes('ERR_'))).toEqual([]);
  }
}

/** On a virtual clock; what it is given is as of {@link AppHome.start}. Ends with the test. */
export async function homeStage(options: AppHomeOptions = {}): Promise<Stage<HomeOnStage>> {
  return await staged(new HomeOnStage(await AppHome.start(options)));
}

/** On real sockets, with the demo router. Ends with the test. */
export async function loopbackStage(personality?: Personality): Promise<Stage<LoopbackOnStage>> {
  return await staged(await LoopbackOnStage.start(personality));
}

/** On a snapshot made by hand; commands are noted, and change nothing. Ends with the test. */
export async function exampleStage(snapshot: AppSnapshot): Promise<Stage<ExampleOnStage>> {
  return await staged(new ExampleOnStage(snapshot));
}

async function staged<Kind extends StagedApp>(app: Kind): Promise<Stage<Kind>> {
  const files = await readWindow(inject('window'));
  if (files === undefined) throw new Error('the window was not built');
  const stage = await Stage.of(app, (port) => serveWindow({ dispatch: app.dispatch, log: app.log, files, port }));
  onTestFinished(async () => {
    await stage.stop();
    stage.mustBeClean();
  });
  return stage;
}

afterAll(endBrowser);
