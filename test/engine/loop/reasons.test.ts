/** Routers that get only one thing wrong: reported as seen, with no made-up reason. */
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../../main/contract/problems.ts';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality, type PersonalityName } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward, isOpen } from '../../support/engine-home.ts';

const MINECRAFT = forward('minecraft', 25_565);
const WEB = forward('web', 8080);

interface Watched {
  readonly at: EngineHome;
  /** Every problem ever shown, each code once, in order. */
  readonly shown: readonly Problem['code'][];
}

async function watched(...traits: readonly (PersonalityName | Traits)[]): Promise<Watched> {
  const at = await EngineHome.start({ router: personality(...traits) });
  const shown: Problem['code'][] = [];
  at.engine.watch(({ problems, mappings }) => {
    const ofMappings = mappings.flatMap(({ status }) => ('problem' in status ? (status.problem ?? []) : []));
    for (const { code } of [...problems, ...ofMappings]) if (!shown.includes(code)) shown.push(code);
  });
  return { at, shown };
}

const adds = ({ home }: EngineHome): number => home.router.counters.of('AddPortMapping');

describe('AddPortMapping gets an unreadable answer', () => {
  test.each([
    ['page-for-add', 'Please log in'],
    ['noise-for-add', '~~'],
    ['nothing-for-add', ''],
  ] as const)('%s: reported as it was seen, however often it is tried', async (name, seen) => {
    const { at, shown } = await watched('upnp-only', name);
    await at.want(MINECRAFT);
    expect(at.status('minecraft')).toMatchObject({
      at: 'waiting',
      for: 'retry',
      problem: { code: 'router-garbled', parameters: { seen: expect.stringContaining(seen) } },
    });
    await at.world.run(inMinutes(20));
    expect(shown).toEqual(['router-garbled']);
    expect(adds(at)).toBeLessThanOrEqual(40);
    await at.stop();
  });

  test('a mapping it made all the same is found in its table', async () => {
    const { at, shown } = await watched('upnp-only', 'page-for-add-but-done');
    await at.want(MINECRAFT);
    expect(at.status('minecraft')).toMatchObject({ at: 'open', lease: { evidence: 'read-back' } });
    await at.world.run(inMinutes(90));
    expect(isOpen(at.status('minecraft'))).toBe(true);
    expect(shown).toEqual([]);
    await at.want();
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('another protocol is tried at once', async () => {
    const { at, shown } = await watched({ protocols: { pcp: false } }, 'eight-bit-ports');
    await at.want(MINECRAFT);
    expect(at.status('minecraft')).toMatchObject({ at: 'open', lease: { control: 'igd' } });
    expect(shown).toEqual([]);
    await at.stop();
  });
});

describe('the connection is closed on AddPortMapping alone', () => {
  test('reported once as that, with ever rarer tries, while the router stays there', async () => {
    const { at, shown } = await watched('upnp-only', 'hangs-up-on-add');
    await at.want(MINECRAFT);
    await at.world.run(inSeconds(75));
    const inTheFirst = adds(at);
    expect(shown).toEqual(['open-unanswered']);
    expect(inTheFirst).toBeLessThanOrEqual(8);
    expect(at.status('minecraft')).toMatchObject({
      at: 'waiting',
      for: 'retry',
      problem: { code: 'open-unanswered', parameters: { how: 'hung-up' } },
    });
    await at.world.run(inMinutes(60));
    expect(adds(at) - inTheFirst).toBeLessThanOrEqual(10);
    // It was never made, so there is nothing that may stay open.
    expect(at.status('minecraft')).not.toHaveProperty('mayBeOpenUntil');
    at.engine.want([]);
    await at.settle();
    expect(at.snapshot.mappings).toEqual([]);
    await at.stop();
  });

  test('ten forwards share one router, and its back-off is not cleared by their heartbeats', async () => {
    const { at } = await watched('upnp-only', 'hangs-up-on-add');
    await at.want(...Array.from({ length: 10 }, (_, n) => forward(`f${n}`, 30_000 + n)));
    const before = adds(at);
    await at.world.run(inMinutes(60));
    expect(adds(at) - before).toBeLessThanOrEqual(10 * 13);
    expect(at.snapshot.gateways[0]?.reachable).toBe(true);
    await at.stop();
  });

  test('a router that restarts is asked again at once', async () => {
    const { at } = await watched('upnp-only', 'hangs-up-on-add');
    await at.want(MINECRAFT);
    await at.world.run(inMinutes(60));
    const before = adds(at);
    at.home.router.reboot({ downFor: inSeconds(5) });
    await at.world.run(inSeconds(20));
    expect(adds(at)).toBeGreaterThan(before);
    await at.stop();
  });

  test('over PCP and NAT-PMP all opens as ever', async () => {
    const { at, shown } = await watched('hangs-up-on-add');
    await at.want(MINECRAFT, WEB);
    expect(at.allOpen).toBe(true);
    expect(shown).toEqual([]);
    await at.stop();
  });
});

describe('the firewall takes no rule, though the line is up', () => {
  test('reported as that where NAT-PMP shows it', async () => {
    const { at, shown } = await watched('firewall-chains-missing');
    await at.want(MINECRAFT);
    await at.world.run(inMinutes(10));
    expect(at.status('minecraft')).toMatchObject({
      at: 'waiting',
      problem: { code: 'firewall-failed', parameters: { external: '11.22.33.44' } },
    });
    expect(shown).toEqual(['firewall-failed']);
    await at.stop();
  });

  test.each([
    ['UPnP', { igd: true, natPmp: false, pcp: false }],
    ['PCP', { igd: false, natPmp: false, pcp: true }],
  ])('%s gives no reason: said so, with what is known', async (_name, protocols) => {
    const { at, shown } = await watched('firewall-chains-missing', { protocols });
    await at.want(MINECRAFT);
    await at.world.run(inMinutes(10));
    expect(shown).toEqual(['router-failed']);
    await at.stop();
  });
});

test('an address that is not reported is unknown, and nothing is made of it', async () => {
  const { at, shown } = await watched('upnp-only', 'address-not-told');
  await at.want(MINECRAFT);
  await at.world.run(inMinutes(10));
  expect(at.allOpen).toBe(true);
  expect(at.snapshot.gateways[0]?.externalAddress).toBe('unknown');
  expect(shown).toEqual([]);
  await at.stop();
});
