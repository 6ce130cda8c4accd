/** Pictures of the forwards, to be looked at; and what axe-core finds in them, light and dark. */
import { expect, test } from 'vitest';
import { exampleSnapshots, type ExampleName } from '../support/example-snapshots.ts';
import type { Look } from './stage/look.ts';
import { exampleStage } from './stage/stage.ts';

const LOOKS: readonly (readonly [name: string, look: Look, isChecked: boolean])[] = [
  ['900-light', { width: 900, height: 700 }, true],
  ['1440-dark', { width: 1440, height: 900, theme: 'dark' }, false],
  ['320-light-de', { width: 320, height: 640, language: 'de' }, false],
  ['480-dark-de', { width: 480, height: 800, theme: 'dark', language: 'de' }, true],
];

const names = Object.keys(exampleSnapshots) as ExampleName[];

test.each(names)('forwards: %s', async (name) => {
  const stage = await exampleStage(exampleSnapshots[name]);
  for (const [suffix, look, isChecked] of LOOKS) {
    const staged = await stage.open(look);
    await staged.page.getByRole('heading', { level: 1 }).waitFor();
    await staged.shot(`forwards-${name}-${suffix}`);
    if (isChecked) expect.soft(await staged.accessibilityFaults()).toEqual([]);
    await staged.page.close();
  }
});
