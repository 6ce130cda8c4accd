/** Pictures of the forwards, to be looked at; and what axe-core finds in them, light and dark. */
import { expect, test } from 'vitest';
import { exampleSnapshots } from '../support/example-snapshots.ts';
import { exampleStage } from './stage/stage.ts';
import { openView } from './stage/views.ts';

const LOOKS = [
  { width: 900 },
  { width: 480, height: 800, theme: 'dark', language: 'de' },
  // These are for whoever looks at them.
  ...(process.env['SHOTS'] === undefined
    ? []
    : ([
        { width: 1440, height: 900, theme: 'dark' },
        { width: 320, height: 640, language: 'de' },
      ] as const)),
] as const;

// Each is what other tests do ten times over.
test.each(LOOKS)('forwards: axe-core finds nothing in any state: %o', { timeout: 400_000 }, async (look) => {
  const stage = await exampleStage(exampleSnapshots.usual);
  const staged = await openView(stage, 'presets', look);
  const { page } = staged;
  const goTo = async (view: string): Promise<void> => {
    await page.evaluate((hash) => {
      location.hash = hash;
    }, `#/${view}`);
    await page.locator(`.view[data-view=${view}]`).waitFor();
    await staged.drawn();
  };
  for (const [name, snapshot] of Object.entries(exampleSnapshots)) {
    stage.app.show(snapshot);
    // As somebody finds it who comes there, not as what it was before becomes it.
    await goTo('forwards');
    await staged.shot(`forwards-${name}-${Object.values(look).join('-')}`);
    expect.soft(await staged.accessibilityFaults(), name).toEqual([]);
    await goTo('presets');
  }
});
