/** Opens one of the window's views, past the first steps. */
import type { Page } from 'playwright-core';
import { hrefOf, type RouteParameters, type ViewName } from '../../../renderer/state/route.ts';
import type { AppHomeOptions } from '../../support/app-home.ts';
import type { ExampleOnStage } from './example-app.ts';
import type { Look } from './look.ts';
import { homeStage, type Stage } from './stage.ts';
import type { HomeOnStage, StagedApp } from './staged-app.ts';
import type { StagedPage } from './staged-page.ts';

/** A simulated home whose person has seen the first steps, and read of the first port. */
export async function settledStage(options: AppHomeOptions = {}): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage(options);
  await stage.app.change({ welcomed: true, firstOpenSeen: true });
  return stage;
}

export async function openView(
  stage: Stage<StagedApp>,
  view: ViewName,
  look: Look = {},
  parameters: RouteParameters = {},
): Promise<StagedPage> {
  const staged = await stage.open(look);
  const { page } = staged;
  // The token has left the address, and the first snapshot has come.
  await page.locator('.shell').waitFor();
  await page.evaluate(
    (hash) => {
      location.hash = hash;
    },
    hrefOf(view, parameters),
  );
  await page.locator(`.view[data-view=${view}]`).waitFor();
  await staged.drawn();
  return staged;
}

/** Shows the same page to each of several people: one of their own would take most of the time. */
export async function toEach(
  stage: Stage<HomeOnStage | ExampleOnStage>,
  staged: StagedPage,
  looks: readonly Look[],
  see: (name: string, look: Look) => Promise<void>,
): Promise<void> {
  for (const look of looks) {
    const { width = 1000, theme = 'light', language = 'en' } = look;
    await stage.app.change({ language });
    await staged.page.locator(`html[lang=${language}]`).waitFor({ state: 'attached' });
    await staged.showTo(look);
    await see(`${theme}-${width}-${language}`, look);
  }
}

/** Waits until a dialog that has gone has taken its entry out of the history: it would take back a way that is gone meanwhile. */
export async function outOfHistory(page: Page): Promise<void> {
  await page.waitForFunction(() => history.state !== 'open');
}
