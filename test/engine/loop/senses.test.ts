import { expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inMinutes } from '../../../main/contract/units.ts';
import { senseTable, type Held } from '../../../main/engine/loop/senses.ts';
import { HOME } from '../../support/story.ts';
import { createHome } from '../../world/home.ts';
import { World } from '../../world/world.ts';

/** Twenty entries of ours and ten of others, counted each five minutes. */
async function counted() {
  const world = new World({ seed: 1 });
  const { system } = (await createHome(world)).client;
  const seen = { entries: 30, isChanging: false, changesMeanwhile: false, announced: 0 };
  const held = (): Held => ({
    isConcerned: true,
    count: 20,
    mayBeAsked: true,
    isChanging: seen.isChanging,
    externalAddress: 'unknown',
  });
  const count = (expected: number, isWhole: boolean) => {
    seen.isChanging ||= seen.changesMeanwhile;
    return Promise.resolve(isWhole ? seen.entries : Math.min(seen.entries, expected));
  };
  const add = () => (seen.announced += 1);
  const { signal } = new AbortController();
  void senseTable(system, { gateway: HOME, address: ip('192.168.1.1') }, held, count, add, signal);
  return { seen, counts: (times: number) => world.run(inMinutes(5 * times)) };
}

test.each([
  ['while something is being opened', { isChanging: true }],
  ['when an opening begins while entries are counted', { changesMeanwhile: true }],
])('entries lost %s are announced by the next count', async (_, change) => {
  const { seen, counts } = await counted();
  await counts(2);
  expect(seen.announced).toBe(0);
  Object.assign(seen, { entries: 25, ...change });
  await counts(1);
  expect(seen.announced).toBe(0);
  Object.assign(seen, { isChanging: false, changesMeanwhile: false });
  await counts(1);
  expect(seen.announced).toBe(1);
});
