/** Double NAT: one forward through two routers, each of which is looked after. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { actionsFor, commandLineOf } from '../../../main/contract/problem-actions.ts';
import { asForwardId } from '../../../main/contract/model.ts';
import type { Snapshot } from '../../../main/contract/snapshot.ts';
import { inMinutes, inSeconds, port } from '../../../main/contract/units.ts';
import { explain } from '../../../main/contract/words/problems.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import type { SimRouter } from '../../../main/simulator/router/router.ts';
import { AppHome, tcp } from '../../support/app-home.ts';
import { EngineHome, forward, tableOf, type EngineHomeOptions } from '../../support/engine-home.ts';

const GAME = forward('game', 25_565);
const INNER = 'tcp 25565 -> 192.168.1.10:25565';
const OUTER = 'tcp 25565 -> 10.0.0.2:25565';
const UPSTREAM = ip('10.0.0.1');
const MAPS: Traits = { wan: { mapsWithoutPublicAddress: true } };

async function home(outer: Traits = {}, inner: Traits = {}, more: EngineHomeOptions = {}): Promise<EngineHome> {
  return await EngineHome.start({
    doubleNat: { range: 'private', router: personality(outer) },
    router: personality(MAPS, inner),
    upstream: UPSTREAM,
    ...more,
  });
}

function front({ home: { outer } }: EngineHome): SimRouter {
  if (outer === undefined) throw new Error('there is no router in front');
  return outer.router;
}

const hops = ({ mappings }: Snapshot) => mappings.map((mapping) => mapping.hops?.map(({ router, at }) => [router, at]));
const THEIRS = {
  transport: 'tcp',
  externalPort: 25_565,
  internalClient: ip('10.0.0.7'),
  internalPort: 25_565,
  description: 'theirs',
  expiresAt: 'never',
  owner: 'manual',
} as const;
const BOTH_OPEN = [
  [
    ['192.168.1.1', 'open'],
    ['10.0.0.1', 'open'],
  ],
];

describe.each<[string, Traits]>([
  ['UPnP, for oneself only', { protocols: { pcp: false, natPmp: false }, mapping: { secure: true } }],
  ['PCP', { protocols: { igd: false, natPmp: false } }],
  ['NAT-PMP', { protocols: { igd: false, pcp: false } }],
  ['everything', {}],
])('a router in front that speaks %s', (_, outer) => {
  test('opens what ours opens, is repaired alone, and is closed with it', async () => {
    const at = await home(outer);
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.want(GAME);
    expect(at.status('game')).toMatchObject({
      at: 'open',
      lease: { external: { address: '11.22.33.44', port: 25_565 } },
    });
    expect(hops(at.snapshot)).toEqual(BOTH_OPEN);
    expect([at.table, tableOf(front(at))]).toEqual([[INNER], [OUTER]]);
    expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
    // The internet reaches the outermost address, and there is no problem.
    expect(at.snapshot).toMatchObject({
      gateways: [{ address: '192.168.1.1', externalAddress: '11.22.33.44', upstream: { address: '10.0.0.1' } }],
      problems: [],
    });

    for (const router of [front(at), at.home.router]) {
      const other = router === front(at) ? at.home.router : front(at);
      let cut = 0;
      other.onMapping((change, { externalPort }) => {
        if (change === 'removed' && externalPort === 25_565) cut += 1;
      });
      router.reboot();
      await at.world.until(() => tableOf(router).length === 0, inMinutes(1), 'what it held being gone');
      await at.world.until(() => tableOf(router).length === 1 && at.allOpen, inMinutes(10), 'it being open again');
      expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
      expect(cut).toBe(0);
    }

    await at.want();
    expect([at.table, tableOf(front(at))]).toEqual([[], []]);
    expect(at.snapshot.mappings).toEqual([]);
    await at.stop();
  });
});

test('after a crash nothing is unknown: what is not wanted any more is closed on both', async () => {
  const at = await home();
  await at.want(GAME);
  at.restart();
  at.engine.want([]);
  await at.world.until(() => at.table.length + tableOf(front(at)).length === 0, inMinutes(1), 'both being closed');
  await at.stop();
});

test('turned off after a crash, the one in front is closed all the same', async () => {
  const { at, outer } = await appBehindTwo();
  at.kill();
  const idle = await at.again({ runs: false });
  await idle.do('settings.change', { settings: { upstreamRouter: null } });
  await idle.stop();
  const next = await idle.again({ runs: true });
  await next.world.until(() => tableOf(outer).length === 0, inMinutes(1), 'it being closed');
  expect(next.table).toEqual([INNER]);
  expect(next.snapshot.engine.mappings).toMatchObject([{ status: { at: 'open' } }]);
  await next.stop();
});

/** The whole of Portkeeper, which opens on both. */
async function appBehindTwo(): Promise<{ at: AppHome; outer: SimRouter }> {
  const at = await AppHome.start({ doubleNat: { range: 'private' }, router: personality(MAPS) });
  const outer = at.home.outer?.router;
  if (outer === undefined) throw new Error('there is no router in front');
  await at.do('settings.change', { settings: { upstreamRouter: UPSTREAM } });
  await at.add('Game', [tcp(25_565)], true);
  await at.world.until(() => tableOf(outer).length === 1, inMinutes(1), 'the port on the one in front');
  return { at, outer };
}

test('turned off while the one in front is away, it is closed as soon as that one is back', async () => {
  const { at, outer } = await appBehindTwo();
  outer.powerOff({ keepTable: true });
  await at.do('settings.change', { settings: { upstreamRouter: null } });
  await at.world.run(inMinutes(2));
  outer.powerOn();
  expect(tableOf(outer)).toEqual([OUTER]);
  await at.world.until(() => tableOf(outer).length === 0, inMinutes(10), 'it being closed');
  expect(at.table).toEqual([INNER]);
  await at.stop();
});

test('the table of the one in front says which profile opened what, and others can be closed there', async () => {
  const { at, outer } = await appBehindTwo();
  outer.addMapping({ ...THEIRS, externalPort: 8080 });
  const shown = () => at.snapshot.engine.gateways[0]?.upstream?.gateway;
  await at.world.until(() => shown()?.canList === true, inMinutes(1), 'UPnP being found');
  const gateway = shown()?.id;
  if (gateway === undefined) throw new Error('it is not shown');
  const { gateways } = await at.do('gateways.find', { for: 'listing' });
  expect(gateways).toEqual([at.snapshot.engine.gateways[0]?.id, gateway]);
  const { entries } = await at.do('gateway.list', { gateway });
  expect(entries).toMatchObject([
    { external: { port: 8080 }, owner: { is: 'other' } },
    { external: { port: 25_565 }, internal: { client: '10.0.0.2' }, owner: { is: 'ours', profile: 'game' } },
  ]);
  await at.do('gateway.close', { gateway, transport: 'tcp', external: port(8080) });
  expect(tableOf(outer)).toEqual([OUTER]);
  const refused = await at.refused('gateway.close', { gateway, transport: 'tcp', external: 25_565 });
  expect(refused.message).toContain('Game');
  await at.stop();
});

test('one that does not answer is not waited for by whoever asks for the home’s own', async () => {
  const at = await AppHome.start({ doubleNat: { range: 'private' }, router: personality(MAPS) });
  await at.world.run(inSeconds(30));
  await at.do('settings.change', { settings: { upstreamRouter: ip('10.0.0.99') } });
  const began = at.world.now;
  const { gateways } = await at.do('gateways.find', { for: 'listing', gateway: '192.168.1.1' });
  expect(gateways).toEqual(['eth0/192.168.1.1']);
  expect(at.world.now - began).toBeLessThan(inSeconds(1));
  await at.stop();
});

test('a forward to keep open stays open on both, until it is closed on both', async () => {
  const at = await home();
  await at.want(GAME);
  at.engine.keep();
  at.engine.want([]);
  await at.settle();
  expect([at.table, tableOf(front(at))]).toEqual([[INNER], [OUTER]]);
  at.engine.release(at.engine.leftovers.map(({ key }) => key));
  await at.world.finish(
    at.engine.until(() => at.engine.leftovers.length === 0, new AbortController().signal),
    inMinutes(1),
  );
  expect([at.table, tableOf(front(at))]).toEqual([[], []]);
  await at.stop();
});

test('the one in front forwards to another port on our router', async () => {
  const at = await home();
  const { router } = at.home;
  router.addMapping({
    transport: 'tcp',
    externalPort: 25_565,
    internalClient: ip('192.168.1.11'),
    internalPort: 25_565,
    description: 'theirs',
    expiresAt: 'never',
    owner: 'manual',
  });
  await at.want(forward('game', 25_565, { ifTaken: 'next-free' }));
  await at.home.serve(at.home.client, 'tcp', 25_565);
  expect(at.status('game')).toMatchObject({ at: 'open', lease: { external: { port: 25_565 } } });
  expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
  await at.stop();
});

test('a port that is taken on the router in front is its conflict, with its ways out', async () => {
  const at = await home();
  front(at).addMapping(THEIRS);
  await at.want(GAME);
  expect(at.status('game')).toMatchObject({
    at: 'refused',
    problem: { code: 'conflict', front: '10.0.0.1', parameters: { port: 25_565, holder: '10.0.0.7' } },
  });
  const { problem } = Object(at.status('game'));
  expect(explain(problem).what).toBe(
    'The router in front of yours (10.0.0.1) already forwards port 25565/TCP to 10.0.0.7 (“theirs”).',
  );
  expect(explain(problem, 'de').what).toBe(
    'Der vorgeschaltete Router (10.0.0.1) leitet Port 25565/TCP schon an 10.0.0.7 („theirs“) weiter.',
  );
  const about = { ...problem, forward: asForwardId('game/1') };
  const actions = actionsFor(about, { ...at.snapshot, isDesktop: false });
  const gateway = at.snapshot.gateways[0]?.upstream?.gateway?.id;
  expect(actions).toMatchObject([
    { command: 'forward.use-port', input: { external: 25_566 } },
    { do: 'close-theirs', entries: [{ gateway, client: '10.0.0.7' }] },
    { do: 'edit-forward', field: 'external' },
    { command: 'forwards.retry' },
    { do: 'show-router', gateway },
  ]);
  expect(hops(at.snapshot)).toEqual([
    [
      ['192.168.1.1', 'open'],
      ['10.0.0.1', 'refused'],
    ],
  ]);
  await at.stop();
});

test('one that opens no ports is named, with the way out', async () => {
  const at = await home({ protocols: { igd: false, pcp: false, natPmp: false } });
  await at.want(GAME);
  const status = at.status('game');
  expect(status).toMatchObject({
    at: 'waiting',
    problem: { code: 'upstream-closed', parameters: { router: '10.0.0.1', client: '10.0.0.2' } },
  });
  const [problem, ...others] = at.snapshot.problems;
  expect(others).toEqual([]);
  if (problem === undefined) throw new Error('nothing is amiss');
  expect(actionsFor(problem, { ...at.snapshot, isDesktop: false }).map(commandLineOf)).toContain(
    'portkeeper settings set upstreamRouter default',
  );
  await at.stop();
});

test('elsewhere, behind one router with a public address, a port opened there is open', async () => {
  const at = await EngineHome.start({ upstream: UPSTREAM });
  await at.home.serve(at.home.client, 'tcp', 25_565);
  await at.want(GAME);
  expect(at.status('game')).toMatchObject({ at: 'open' });
  expect(hops(at.snapshot)).toEqual([undefined]);
  expect(at.snapshot).toMatchObject({
    gateways: [{ externalAddress: '11.22.33.44' }],
    problems: [{ code: 'upstream-closed', severity: 'warning' }],
  });
  await at.stop();
});

test('on a network whose own router has that address, there is none in front', async () => {
  const at = await EngineHome.start({ upstream: ip('192.168.1.1') });
  await at.want(GAME);
  expect(at.status('game')).toMatchObject({ at: 'open' });
  expect(at.snapshot).toMatchObject({ mappings: [{ external: { port: 25_565 } }], problems: [] });
  expect(at.snapshot.gateways[0]?.upstream).toBeUndefined();
  expect(at.table).toEqual([INNER]);
  await at.stop();
});

test('an unchanged part is the same value in the next snapshot', async () => {
  const at = await home();
  await at.want(GAME);
  const before = at.snapshot;
  at.engine.searchNow();
  await at.world.run(inSeconds(1));
  expect(at.snapshot).not.toBe(before);
  expect(at.snapshot.mappings[0]).toBe(before.mappings[0]);
  await at.stop();
});

test('without it, the way out of double NAT is offered', async () => {
  const at = await EngineHome.start({ doubleNat: { range: 'private' }, router: personality(MAPS) });
  await at.want(GAME);
  const [problem] = at.snapshot.problems;
  expect(problem?.code).toBe('behind-another-nat');
  if (problem === undefined) throw new Error('nothing is amiss');
  const [first] = actionsFor(problem, { ...at.snapshot, isDesktop: false });
  expect(first).toMatchObject({ input: { settings: { upstreamRouter: '10.0.0.1' } } });
  await at.stop();
});

test('when our router gets another address there, the one in front forwards to that', async () => {
  const at = await home();
  await at.want(GAME);
  at.home.router.changeExternalAddress(ip('10.0.0.9'));
  await at.world.until(
    () => tableOf(front(at)).includes('tcp 25565 -> 10.0.0.9:25565') && at.allOpen,
    inMinutes(10),
    'the new address',
  );
  await at.stop();
});
