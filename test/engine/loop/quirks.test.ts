/** Every personality of the simulator: what is wanted gets open, is held for three hours and closed again; or it is told why not. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { Forward } from '../../../main/contract/model.ts';
import { inHours, inMinutes } from '../../../main/contract/units.ts';
import {
  personality,
  personalityNames,
  type PersonalityName,
} from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward, isOpen } from '../../support/engine-home.ts';

const THEIRS = {
  transport: 'tcp',
  externalPort: 7777,
  internalClient: ip('192.168.1.11'),
  internalPort: 7777,
  description: 'theirs',
  expiresAt: 'never',
  owner: 'manual',
} as const;
const THEIR_LINE = 'tcp 7777 -> 192.168.1.11:7777';

interface Row {
  /** In the order of the mappings: `open`, or the code of the problem. Three times `open` when absent. */
  readonly outcome?: readonly string[];
  /** Requests that opening may take, without those of the search; 30 when absent. */
  readonly opening?: number;
  /** The same in three hours; 1000 when absent. */
  readonly holding?: number;
  /** Entries go and come back with each renewal: the router leaves no other way. */
  readonly gaps?: true;
  readonly ifTaken?: Forward['ifTaken'];
}

const UPNP: Traits = { protocols: { igd: true, natPmp: false, pcp: false } };
const UNOPENED = (code: string): readonly string[] => [code, code, code];

/** What differs where only UPnP is there. */
const OVER_UPNP: Partial<Record<PersonalityName, Row>> = {
  'linux-igd': { gaps: true },
  'renew-does-not-restart-clock': { gaps: true },
  'refuses-own-overwrite-718': { gaps: true },
  'tcp-udp-exclusive': { outcome: ['open', 'conflict-in-router', 'open'] },
  'tcp-udp-replaces': { outcome: ['open', 'conflict-in-router', 'open'], gaps: true },
  // It broke once, when two requests were in flight, and is asked one at a time ever after (X32).
  'crashes-on-parallel': { gaps: true },
  'read-only-501': { outcome: UNOPENED('router-failed'), opening: 80, holding: 400 },
  'read-only-606': { outcome: UNOPENED('port-not-allowed'), holding: 200 },
  'firewall-chains-missing': { outcome: UNOPENED('router-failed'), opening: 80, holding: 400 },
  'page-for-add': { outcome: UNOPENED('router-garbled'), opening: 60, holding: 300 },
  'noise-for-add': { outcome: UNOPENED('router-garbled'), opening: 60, holding: 300 },
  'nothing-for-add': { outcome: UNOPENED('router-garbled'), opening: 80, holding: 400 },
  'hangs-up-on-add': { outcome: UNOPENED('open-unanswered'), opening: 60, holding: 400 },
  'lists-nothing': { opening: 80 },
  'forged-location': { outcome: UNOPENED('none'), opening: 80, holding: 4000 },
  slow: { opening: 100 },
  'private-wan': { outcome: UNOPENED('no-external-address'), opening: 80, holding: 800 },
  'cgnat-wan': { outcome: UNOPENED('no-external-address'), opening: 80, holding: 800 },
  'no-address': { outcome: UNOPENED('no-external-address'), opening: 80, holding: 800 },
};

/** What differs where the router speaks everything, or only what the personality is about. */
const AS_IT_IS: Partial<Record<PersonalityName, Row>> = {
  // The gateway gives ports of its own choice, so only "another port will do" can be served (P6, M11).
  'natpmp-only-vpn': { ifTaken: 'next-free', holding: 2000 },
  'linux-igd': { gaps: true },
  'other-port-granted': { ifTaken: 'next-free' },
  // A renewal over PCP brings another port there, and the former one is closed (P7).
  'new-port-each-time': { ifTaken: 'next-free', opening: 100, gaps: true },
  'eight-bit-ports': { opening: 80, gaps: true },
  'private-wan': { outcome: UNOPENED('no-external-address'), opening: 150, holding: 1500 },
  'cgnat-wan': { outcome: UNOPENED('no-external-address'), opening: 150, holding: 1500 },
  'no-address': { outcome: UNOPENED('no-external-address'), opening: 150, holding: 1500 },
  'firewall-chains-missing': { outcome: UNOPENED('firewall-failed'), opening: 150, holding: 1500 },
  'tcp-udp-exclusive': { outcome: ['conflict-in-router', 'open', 'open'] },
};

async function play(traits: readonly (PersonalityName | Traits)[], row: Row): Promise<void> {
  const router = personality(...traits);
  const at = await EngineHome.start({ router, ipv6: router.pinholes.offered && router.name.includes('pinhole') });
  at.home.router.addMapping(THEIRS);
  const ifTaken = row.ifTaken ?? 'fail';
  at.engine.want([
    forward('minecraft', 25_565, { transports: ['tcp', 'udp'], ifTaken }),
    forward('factorio', 34_197, { transports: ['udp'], ifTaken }),
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
  await at.world.run(inHours(3));
  expect(asked(), 'requests of three hours').toBeLessThanOrEqual(row.holding ?? 1000);
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

describe('a router that speaks everything, or what it is about', () => {
  test.for(personalityNames)('%s', (name) => play([name], AS_IT_IS[name] ?? {}));
});

const isAboutUpnp = (name: PersonalityName): boolean => personality(name).protocols.igd;

describe('the same with UPnP alone', () => {
  test.for(personalityNames.filter(isAboutUpnp))('%s', (name) => play([name, UPNP], OVER_UPNP[name] ?? {}));
});
