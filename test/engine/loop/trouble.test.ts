/** Odd or broken networks: what is reported, and what still works. */
import { describe, expect, test } from 'vitest';
import { inHours, inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';
import { addOtherNetwork } from '../../support/other-network.ts';

const MINECRAFT = forward('minecraft', 25_565);
const WEB = forward('web', 8080);

const codes = (at: EngineHome): readonly string[] => at.snapshot.problems.map(({ code }) => code);

describe('each missing piece is reported as what it is', () => {
  test('UPnP, NAT-PMP and PCP are turned off in the router', async () => {
    const at = await EngineHome.start({
      router: personality({ protocols: { igd: false, natPmp: false, pcp: false } }),
    });
    at.engine.want([MINECRAFT]);
    await at.until(() => codes(at).includes('port-control-off'), inSeconds(4), 'the reason');
    // It may be slow, so a command does not end yet.
    expect(at.snapshot.search.running).toBe(true);
    await at.settle();
    expect(codes(at)).toEqual(['port-control-off']);
    expect(at.status('minecraft')).toMatchObject({ at: 'waiting', for: 'gateway' });
    await at.stop();
  });

  test('there is no router', async () => {
    const at = await EngineHome.start({ stopped: true });
    at.home.router.powerOff();
    const began = at.world.now;
    await at.want(MINECRAFT);
    expect(codes(at)).toEqual(['no-gateway']);
    expect(at.world.now - began).toBeLessThan(inSeconds(4));
    // The search that said so goes on.
    at.home.router.powerOn();
    await at.until(() => at.allOpen, inSeconds(12), 'the forward being open');
    expect(codes(at)).toEqual([]);
    await at.stop();
  });

  test('a router takes its time: it is waited for, and nothing else is said before', async () => {
    const at = await EngineHome.start({
      router: personality('upnp-only', { ssdp: { delay: inSeconds(5) }, http: { latency: inSeconds(3) } }),
    });
    const said = new Set<string>();
    at.engine.watch(({ problems }) => problems.forEach(({ code }) => said.add(code)));
    await at.want(MINECRAFT);
    expect(at.allOpen).toBe(true);
    expect([...said].filter((code) => code !== 'port-control-off')).toEqual([]);
    await at.stop();
  });

  test('there is no network, and all is opened once there is one', async () => {
    const at = await EngineHome.start();
    at.home.client.interface('eth0')?.setUp(false);
    await at.want(MINECRAFT);
    expect(codes(at)).toEqual(['no-network']);
    expect(at.status('minecraft')).toMatchObject({ at: 'waiting', for: 'network' });
    at.home.client.interface('eth0')?.setUp(true);
    await at.until(() => at.allOpen, inSeconds(3), 'the forward being open');
    expect(codes(at)).toEqual([]);
    await at.stop();
  });

  test('the router comes only after the program', async () => {
    const at = await EngineHome.start({ stopped: true });
    at.home.router.powerOff();
    await at.want(MINECRAFT);
    await at.world.run(inHours(2));
    at.home.router.powerOn();
    await at.until(() => at.allOpen, inSeconds(65), 'the forward being open');
    await at.stop();
  });
});

describe('another router stands before the router', () => {
  test.for([
    ['private', '10.0.0.2'],
    ['shared', '100.64.0.2'],
  ] as const)('%s addresses outside: reported, with the address', async ([range, external]) => {
    const at = await EngineHome.start({
      doubleNat: { range },
      router: personality('upnp-only', { wan: { mapsWithoutPublicAddress: true } }),
    });
    await at.want(MINECRAFT);
    expect(at.allOpen).toBe(true);
    expect(at.snapshot.problems).toMatchObject([{ code: 'behind-another-nat', parameters: { external } }]);
    await at.stop();
  });

  test('a router that refuses to map there is reported as one without a public IP address', async () => {
    const at = await EngineHome.start({ router: personality('cgnat-wan') });
    await at.want(MINECRAFT);
    expect(at.status('minecraft')).toMatchObject({ at: 'waiting', problem: { code: 'no-external-address' } });
    await at.stop();
  });
});

describe('listed, but nothing arrives', () => {
  test('rules that were wiped behind the table are found by asking from outside, and made again (L20)', async () => {
    const at = await EngineHome.start({
      router: personality('upnp-only'),
      testedEvery: inMinutes(5),
    });
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.want(MINECRAFT);
    await at.until(
      ({ mappings: [first] }) => first?.status.at === 'open' && first.status.lease.evidence === 'traffic',
      inMinutes(1),
      'traffic being proven',
    );
    at.home.router.wipeFirewall();
    await at.world.run(inMinutes(7));
    expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
    expect(at.allOpen).toBe(true);
    await at.stop();
  });

  test('rules that die of themselves are made again each time, without a flood (L11)', async () => {
    const at = await EngineHome.start({
      router: personality('upnp-only', 'listed-but-dead'),
      testedEvery: inMinutes(5),
    });
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.want(MINECRAFT);
    at.home.router.counters.reset();
    let answered = 0;
    for (let n = 0; n < 36; n++) {
      await at.world.run(inMinutes(5));
      if ((await at.home.whoAnswers('tcp', 25_565)) === 'client') answered += 1;
    }
    expect(answered).toBeGreaterThan(30);
    expect(at.home.router.counters.of('AddPortMapping')).toBeLessThan(20);
    await at.stop();
  });

  test('where nothing ever arrives it is reported, and tried again only now and then (L12)', async () => {
    const at = await EngineHome.start({
      router: personality('upnp-only', 'never-forwards'),
      testedEvery: inMinutes(5),
    });
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.want(MINECRAFT);
    at.home.router.counters.reset();
    await at.world.run(inHours(3));
    expect(at.home.router.counters.of('AddPortMapping')).toBeLessThan(10);
    expect(codes(at)).toEqual(['listed-but-dead']);
    await at.stop();
  });
});

describe('moving to another network and back', () => {
  test('each gets its forwards while we are there; those no longer wanted at home are closed there on return', async () => {
    const at = await EngineHome.start();
    const cafe = await addOtherNetwork(at.home, personality());
    await at.want(MINECRAFT, WEB);
    expect(at.table).toHaveLength(2);
    cafe.enter();
    await at.world.run(inSeconds(10));
    const ports = () =>
      cafe.router
        .table()
        .map(({ externalPort }) => externalPort)
        .toSorted((a, b) => a - b);
    expect(ports()).toEqual([8080, 25_565]);
    expect(at.allOpen).toBe(true);
    at.engine.want([WEB]);
    await at.world.run(inSeconds(10));
    expect(ports()).toEqual([8080]);
    expect(at.table).toHaveLength(2);
    cafe.leave();
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    expect(at.status('web')).toMatchObject({ at: 'open' });
    await at.want();
    expect(at.table).toEqual([]);
    // The café's lease simply expires: nobody there closes it.
    await at.stop();
  });

  test('also when the program was restarted elsewhere', async () => {
    const at = await EngineHome.start();
    const cafe = await addOtherNetwork(at.home, personality());
    await at.want(MINECRAFT, WEB);
    cafe.enter();
    await at.world.run(inSeconds(10));
    at.restart();
    await at.want(WEB);
    await at.world.run(inSeconds(10));
    expect(cafe.router.table().map(({ externalPort }) => externalPort)).toEqual([8080]);
    expect(at.table).toHaveLength(2);
    cafe.leave();
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await at.stop();
  });
});

describe('a VPN whose gateway speaks NAT-PMP with leases of 60 s, beside the router at home (M11)', () => {
  test('a forward through the tunnel gets the port that the gateway picks and is held', async () => {
    const at = await EngineHome.start({ vpn: true });
    const there = forward('seedbox', 51_413, { gateway: '10.2.0.1', ifTaken: 'next-free' });
    await at.want(there, forward('home', 25_565, { gateway: '192.168.1.1' }));
    expect(at.allOpen).toBe(true);
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    const { vpn } = at.home;
    if (vpn === undefined) throw new Error('no tunnel');
    const lost: string[] = [];
    vpn.router.onMapping((change, { externalPort }) => {
      if (change === 'removed') lost.push(`${externalPort} at ${at.world.timeline.clockText()}`);
    });
    await at.world.run(inHours(3));
    expect(lost).toEqual([]);
    expect(at.allOpen).toBe(true);
    // Half of each minute, and no more.
    expect(vpn.router.counters.of('nat-pmp map')).toBeLessThan(3 * 60 * 2.6);
    await at.want();
    expect(vpn.router.table()).toEqual([]);
    expect(at.table).toEqual([]);
    await at.stop();
  });
});
