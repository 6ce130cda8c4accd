/** Opens one of the window's views, past the first steps. */
import { hrefOf, type RouteParameters, type ViewName } from '../../../renderer/state/route.ts';
import type { AppHomeOptions } from '../../support/app-home.ts';
import type { Look } from './look.ts';
import { homeStage, type Stage } from './stage.ts';
import type { HomeOnStage, StagedApp } from './staged-app.ts';
import type { StagedPage } from './staged-page.ts';

/** A simulated home whose person has seen the first steps, and read of the first port. */
export async function settledStage(options: AppHomeOptions = {}): Promise<Stage<HomeOnStage>> {
  const stage = await homeStage(options);
  const { app } = stage;
  await app.alone(() => app.home.do('settings.change', { settings: { welcomed: true, firstOpenSeen: true } }));
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
  // What listens to keys begins to after the paint.
  await page.evaluate(async () => {
    for (const wait of [requestAnimationFrame, requestAnimationFrame, setTimeout]) {
      await new Promise((done) => wait(done));
    }
  });
  return staged;
}
