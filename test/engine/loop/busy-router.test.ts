/** A hundred forwards, and a router that restarts and answers one datagram after the other, so that late answers abound. */
import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

const ONLY: Record<'pcp' | 'nat-pmp', Traits> = {
  pcp: { protocols: { igd: false, natPmp: false } },
  'nat-pmp': { protocols: { igd: false, pcp: false } },
};
const HUNDRED = Array.from({ length: 100 }, (_, n) => forward(`f${n}`, 20_000 + n));
/** Each takes up to 0.2 s, and may be sent more than once. */
const TURN = inMinutes(2);

const CASES = (['pcp', 'nat-pmp'] as const).flatMap((kind) => [1, 3].map((seed) => [kind, seed] as const));

async function holding(kind: 'pcp' | 'nat-pmp', seed: number): Promise<EngineHome> {
  const at = await EngineHome.start({ seed, router: personality(ONLY[kind], 'busy-pxp') });
  at.engine.want(HUNDRED);
  await at.until(() => isWhole(at), TURN, 'all being open');
  await at.world.run(inMinutes(5));
  return at;
}

const isWhole = (at: EngineHome): boolean => at.allOpen && at.table.length === HUNDRED.length;

/** Forwards that are said to be refused from now on, and why. */
function refusals(at: EngineHome): ReadonlySet<string> {
  const told = new Set<string>();
  at.engine.watch(({ mappings }) => {
    for (const { forward: id, status } of mappings)
      if (status.at === 'refused') told.add(`${id}: ${status.problem.code}`);
  });
  return told;
}

/** Ports that the router takes out of its table from now on. */
function losses(at: EngineHome): ReadonlySet<number> {
  const lost = new Set<number>();
  at.home.router.onMapping((change, { externalPort }) => {
    if (change === 'removed') lost.add(externalPort);
  });
  return lost;
}

test.for(CASES)('%s: one that keeps its table loses nothing by us (seed %i)', async ([kind, seed]) => {
  const at = await holding(kind, seed);
  const [refused, lost] = [refusals(at), losses(at)];
  at.home.router.restartDaemon({ keepTable: true });
  await at.world.run(TURN);
  expect([...refused]).toEqual([]);
  expect([...lost]).toEqual([]);
  expect(isWhole(at)).toBe(true);
  await at.stop();
});

test.for(CASES)('%s: one that forgets has all of them again, and refuses none (seed %i)', async ([kind, seed]) => {
  const at = await holding(kind, seed);
  const refused = refusals(at);
  at.home.router.reboot({ downFor: inSeconds(1) });
  await at.world.run(inSeconds(2));
  await at.world.until(() => isWhole(at) || refused.size > 0, TURN, 'all being open again');
  await at.world.run(TURN);
  expect([...refused]).toEqual([]);
  expect(isWhole(at)).toBe(true);
  at.engine.want([]);
  await at.until(() => at.table.length === 0, TURN, 'all being closed');
  await at.stop();
});

describe('PCP that falls silent while a restart is answered', () => {
  const isHeldBy = (at: EngineHome, kind: string): boolean =>
    isWhole(at) && at.snapshot.mappings.every(({ status }) => 'lease' in status && status.lease.control === kind);
  /** The router's port 5351 hears so many datagrams, and no more. */
  function silence(at: EngineHome, most: number): void {
    let heard = 0;
    at.home.host.dropInbound = ({ destination }) => destination.port === 5351 && ++heard > most;
  }

  async function takenOver(name: PersonalityName): Promise<EngineHome> {
    const at = await EngineHome.start({ router: personality(name, { protocols: { natPmp: false } }) });
    at.engine.want(HUNDRED);
    await at.until(() => isHeldBy(at, 'pcp'), TURN, 'all being open');
    await at.world.run(inMinutes(5));
    const refused = refusals(at);
    // Signs of the restart get through.
    silence(at, 1);
    at.home.router.reboot({ keepTable: true, downFor: inSeconds(1) });
    // Entries shown in its table are left alone until they have to be renewed.
    await at.until(() => isHeldBy(at, 'igd'), inMinutes(125), 'UPnP having taken over');
    expect([...refused]).toEqual([]);
    return at;
  }

  test.for(['miniupnpd', 'refuses-own-overwrite-718'] as const)(
    'leaves all of them to UPnP, and nothing is open twice or forgotten (%s)',
    async (name) => {
      const at = await takenOver(name);
      const refused = refusals(at);
      at.home.host.dropInbound = undefined;
      await at.world.run(inMinutes(10));
      expect([...refused]).toEqual([]);
      expect(isWhole(at)).toBe(true);
      // After a crash all of them are known by the record alone: nobody wants them, and they are closed.
      at.restart();
      await at.until(() => at.table.length === 0, TURN, 'all being closed');
      await at.world.run(inSeconds(1));
      expect(at.engine.leftovers).toEqual([]);
      await at.stop();
    },
  );

  test('takes all of them over again where UPnP falls silent in its turn', async () => {
    const at = await takenOver('miniupnpd');
    const refused = refusals(at);
    at.home.host.dropInbound = ({ transport, destination }) => transport === 'tcp' || destination.port === 1900;
    await at.until(() => isHeldBy(at, 'pcp'), inMinutes(90), 'PCP having taken over');
    at.engine.want([]);
    await at.until(() => at.table.length === 0, TURN, 'all being closed');
    expect([...refused]).toEqual([]);
    at.restart();
    await at.world.run(inSeconds(1));
    expect(at.engine.leftovers).toEqual([]);
    await at.stop();
  });
});
