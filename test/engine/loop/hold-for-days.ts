/** Days of holding forwards on a virtual clock, and what they cost. */
import { expect } from 'vitest';
import { inHours, inMinutes } from '../../../main/contract/units.ts';
import type { Personality } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

const FORWARDS = 50;
/** Eight hours, in which each forward is renewed 48 times. More by hand; `npm run simulate` has months of homes in which things
 * go wrong. */
export const DAYS = Number(process.env['PORTKEEPER_SIMULATED_DAYS'] ?? 1 / 3);
/** Milliseconds; a day takes less than ten seconds, and many times that on a machine that is busy. */
export const PATIENCE = Math.ceil(DAYS) * 300_000;
/** The router's longest lease, seconds. */
export const LEASE = 600;

export interface Held {
  /** Each moment at which the router lost an entry, in words. */
  readonly lost: readonly string[];
  /** Each look at which not all were open by our own account, in words. */
  readonly doubts: readonly string[];
  /** New leases of entries that were there. */
  readonly renewals: number;
  readonly leastRenewals: number;
  /** Everything that the router was asked, by kind. */
  readonly requests: Readonly<Record<string, number>>;
  readonly totalRequests: number;
  readonly minutes: number;
}

/** Holds fifty forwards for {@link DAYS} over a network that loses two packets of a hundred. */
export async function holdForDays(router: Personality): Promise<Held> {
  // Loss is the point here, not how streams are cut.
  const at = await EngineHome.start({ router, world: { lossPercent: 2, splitStreams: false } });
  const lost: string[] = [];
  const doubts: string[] = [];
  let renewals = 0;
  await at.want(...Array.from({ length: FORWARDS }, (_, n) => forward(`f${n}`, 30_000 + n)));
  expect(at.table).toHaveLength(FORWARDS);
  at.home.router.onMapping((change, { transport, externalPort }) => {
    if (change === 'removed') lost.push(`${transport} ${externalPort} at ${at.world.timeline.clockText()}`);
    if (change === 'renewed') renewals += 1;
  });
  at.home.router.counters.reset();
  const steps = DAYS * 24 * 4;
  for (let step = 0; step < steps; step++) {
    await at.world.run(inMinutes(15));
    if (!at.allOpen || at.table.length !== FORWARDS) doubts.push(at.world.timeline.clockText());
  }
  const { counters } = at.home.router;
  const held: Held = {
    lost: [...lost],
    doubts,
    renewals,
    leastRenewals: FORWARDS * ((DAYS * inHours(24)) / 1000 / LEASE),
    requests: counters.all(),
    totalRequests: counters.total,
    minutes: DAYS * 24 * 60,
  };
  await at.want();
  expect(at.table).toEqual([]);
  await at.stop();
  return held;
}
