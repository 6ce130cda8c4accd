/** The test for any personality of the simulator: forwards are opened, held through three renewals and closed again. */
import { expect } from 'vitest';
import type { Forward } from '../../../main/contract/model.ts';
import { inHours, inMinutes, seconds } from '../../../main/contract/units.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward, isOpen, THEIR_LINE, THEIRS } from '../../support/engine-home.ts';

export interface QuirkRow {
  /** In the order of the mappings: `open`, or the code of the problem. Three times `open` when absent. */
  readonly outcome?: readonly string[];
  /** Requests that opening may take, without those of the search; 30 when absent. */
  readonly opening?: number;
  /** The same in the hour after; 350 when absent. */
  readonly holding?: number;
  /** Entries go and come back with each renewal: the router leaves no other way. */
  readonly gaps?: true;
  readonly ifTaken?: Forward['ifTaken'];
}

/** A third of the usual, so that an hour has as many renewals as three: most requests are looks at whether all is well. */
const LEASE = seconds(1200);

export const unopened = (code: string): readonly string[] => [code, code, code];

export async function playQuirk(traits: readonly (PersonalityName | Traits)[], row: QuirkRow): Promise<void> {
  const router = personality(...traits);
  const at = await EngineHome.start({ router, ipv6: router.pinholes.offered && router.name.includes('pinhole') });
  at.home.router.addMapping(THEIRS);
  const ifTaken = row.ifTaken ?? 'fail';
  at.engine.want([
    forward('minecraft', 25_565, { transports: ['tcp', 'udp'], ifTaken, lease: LEASE }),
    forward('factorio', 34_197, { transports: ['udp'], ifTaken, lease: LEASE }),
  ]);
  await at.settle(inMinutes(3));
  await at.world.run(inMinutes(1));
  const { counters } = at.home.router;
  const asked = (): number => counters.total - counters.of('M-SEARCH');
  expect(asked(), 'requests of opening').toBeLessThanOrEqual(row.opening ?? 30);
  const outcome = (): readonly string[] =>
    at.snapshot.mappings.map(({ status }) =>
      isOpen(status) ? 'open' : 'problem' in status ? (status.problem?.code ?? 'none') : 'none',
    );
  const wanted = row.outcome ?? ['open', 'open', 'open'];
  expect(outcome()).toEqual(wanted);
  const isAnyOpen = wanted.includes('open');
  const lost: string[] = [];
  const unwatch = at.home.router.onMapping((change, mapping) => {
    if (change === 'removed' && isAnyOpen)
      lost.push(`${mapping.transport} ${mapping.externalPort} at ${at.world.timeline.clockText()}`);
  });
  counters.reset();
  await at.world.run(inHours(1));
  expect(asked(), 'requests of an hour').toBeLessThanOrEqual(row.holding ?? 350);
  expect(outcome()).toEqual(wanted);
  if (row.gaps === undefined && !wanted.some((code) => code !== 'open')) expect(lost).toEqual([]);
  expect(at.table).toHaveLength(1 + wanted.filter((code) => code === 'open').length);
  expect(at.table).toContain(THEIR_LINE);
  unwatch();
  await at.want();
  await at.world.run(inMinutes(1));
  expect(at.table).toEqual([THEIR_LINE]);
  await at.stop();
  expect(at.home.client.logged.filter(({ level }) => level === 'error')).toEqual([]);
}
