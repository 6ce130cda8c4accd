/** A router whose clock jumps at each answer, or whose leases last a second: it is asked within its visible budget, evenly. */
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds, seconds, type EpochMs } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../main/simulator/router/personality.ts';
import { EngineHome, forward } from '../support/engine-home.ts';

const TWENTY = Array.from({ length: 20 }, (_, n) => forward(`f${n}`, 20_000 + n));

const ONLY = {
  pcp: { protocols: { igd: false, natPmp: false } },
  'nat-pmp': { protocols: { igd: false, pcp: false } },
  igd: { protocols: { natPmp: false, pcp: false } },
} satisfies Record<string, Traits>;

const JUMPING: Traits = { pxp: { jumpingClock: true } };
const A_SECOND: Traits = {
  pxp: { shortest: seconds(1), longest: seconds(1) },
  lease: { constant: seconds(1), reported: 'granted' },
};

/** When each datagram, and each connection, reached the router. */
async function askedFor(minutes: number, kind: keyof typeof ONLY, lie: Traits) {
  const at = await EngineHome.start({ router: personality('miniupnpd', { ...ONLY[kind], ...lie }) });
  const moments: EpochMs[] = [];
  at.home.host.dropInbound = ({ transport, content, destination }) => {
    const isAsked = transport === 'udp' ? destination.port === 5351 : content.kind === 'syn';
    if (isAsked) moments.push(at.home.client.clock.now());
    return false;
  };
  at.engine.want(TWENTY);
  await at.world.run(inMinutes(minutes));
  return { at, moments };
}

/** The most within any minute. */
const densest = (moments: readonly EpochMs[]): number =>
  Math.max(...moments.map((from) => moments.filter((one) => one >= from && one < from + inMinutes(1)).length));

const longestPause = (moments: readonly EpochMs[]): number =>
  Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment)));

const LIES = (['pcp', 'nat-pmp', 'igd'] as const).flatMap((kind) => [
  [kind, 'whose clock jumps', JUMPING] as const,
  [kind, 'whose leases last a second', A_SECOND] as const,
]);

test.for(LIES)('%s, %s: never more within a minute than is shown, and no silence', async ([kind, , lie]) => {
  const { at, moments } = await askedFor(5, kind, lie);
  const { perMinute = 0 } = at.snapshot.gateways[0]?.budget ?? {};
  expect(densest(moments)).toBeLessThanOrEqual(perMinute);
  // Heartbeats come each minute at the latest, whatever else has been asked.
  expect(longestPause(moments)).toBeLessThan(inSeconds(58));
  const counted = at.snapshot.gateways[0]?.budget.used ?? 0;
  expect(counted).toBeLessThanOrEqual(perMinute);
  await at.stop();
});

describe('a clock that jumps at each answer', () => {
  test.for(['pcp', 'nat-pmp', 'igd'] as const)('%s: is believed less and less, and remembered', async (kind) => {
    const { at, moments } = await askedFor(60, kind, JUMPING);
    const lastTen = moments.filter((moment) => moment > at.home.client.clock.now() - inMinutes(10)).length;
    // Heartbeats and a look each minute, and one round of renewals.
    expect(lastTen).toBeLessThanOrEqual(10 * 5 + 3 * TWENTY.length);
    expect(at.allOpen).toBe(true);
    expect(at.engine.memory.all()).toMatchObject([
      { traits: expect.arrayContaining([expect.objectContaining({ name: 'falseRestarts', value: 'true' })]) },
    ]);
    // The next start knows it.
    at.restart();
    moments.length = 0;
    await at.want(...TWENTY);
    await at.world.run(inMinutes(5));
    expect(at.allOpen).toBe(true);
    expect(moments.length).toBeLessThanOrEqual(5 * 5 + 4 * TWENTY.length);
    await at.stop();
  });

  test('one restart is still acted on at once, whatever shows it', async () => {
    const at = await EngineHome.start({ router: personality('miniupnpd') });
    await at.want(...TWENTY);
    for (let time = 0; time < 3; time += 1) {
      await at.world.run(inMinutes(30));
      at.home.router.reboot({ downFor: inSeconds(1) });
      await at.world.run(inSeconds(2));
      await at.until(() => at.allOpen && at.table.length === TWENTY.length, inMinutes(2), 'all being open again');
    }
    expect(at.engine.memory.all().flatMap(({ traits }) => traits.map(({ name }) => name))).not.toContain(
      'falseRestarts',
    );
    await at.stop();
  });
});

test('a lease of a second is reported as what it is', async () => {
  const { at } = await askedFor(1, 'pcp', A_SECOND);
  await at.until(() => at.status('f0').at === 'waiting', inSeconds(20), 'the lease having lapsed');
  expect(at.status('f0')).toMatchObject({
    for: 'retry',
    problem: { code: 'lease-too-short', parameters: { lease: 1000 } },
  });
  await at.stop();
});

test.for(['pcp', 'nat-pmp'] as const)(
  'a lease of six seconds is short, and is kept without a break (%s)',
  async (kind) => {
    const six = { pxp: { shortest: seconds(6), longest: seconds(6) } };
    const at = await EngineHome.start({ router: personality('miniupnpd', { ...ONLY[kind], ...six }) });
    await at.want(forward('a', 25_565));
    let gaps = 0;
    at.home.router.onMapping((change) => (gaps += change === 'removed' ? 1 : 0));
    await at.world.run(inMinutes(5));
    expect(gaps).toBe(0);
    expect(at.allOpen).toBe(true);
    await at.stop();
  },
);
