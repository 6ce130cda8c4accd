import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inHours, inMinutes, inSeconds, port, seconds, type Millis } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { Traits } from '../../../main/simulator/router/personality.ts';
import { EngineHome, forward, isOpen } from '../../support/engine-home.ts';

const MINECRAFT = forward('minecraft', 25_565);
const FACTORIO = forward('factorio', 34_197, { transports: ['udp'] });
const BOTH = ['tcp 25565 -> 192.168.1.10:25565', 'udp 34197 -> 192.168.1.10:34197'];

/** Says nothing unasked. */
const SILENT: Traits = { ssdp: { announces: false }, pxp: { announcements: 0 } };
const ONLY: Record<'pcp' | 'nat-pmp' | 'upnp' | 'all', Traits> = {
  pcp: { protocols: { igd: false, natPmp: false } },
  'nat-pmp': { protocols: { igd: false, pcp: false } },
  upnp: { protocols: { natPmp: false, pcp: false } },
  all: {},
};
const KINDS = ['pcp', 'nat-pmp', 'upnp', 'all'] as const;

async function opened(...traits: Traits[]): Promise<EngineHome> {
  const at = await EngineHome.start({ router: personality(...traits) });
  await at.want(MINECRAFT, FACTORIO);
  expect(at.table).toEqual(BOTH);
  return at;
}

const isWhole = (at: EngineHome): boolean => at.holds(...BOTH) && at.allOpen;

/** Lets time pass until all is open in the router and in our own account. */
async function wholeAgain(at: EngineHome, limit: Millis): Promise<void> {
  await at.world.until(() => isWhole(at), limit, 'everything being open again');
}

/** Entries of ours that are taken away from now on because somebody asks for it. */
function cuts(at: EngineHome): readonly string[] {
  const cut: string[] = [];
  at.home.router.onMapping((change, { transport, externalPort, internalPort }, cause) => {
    if (change === 'removed' && cause === 'asked' && [25_565, 34_197].includes(internalPort))
      cut.push(`${transport} ${externalPort} at ${at.world.timeline.clockText()}`);
  });
  return cut;
}

/** Packets that the client sends from now on. */
function countPackets(at: EngineHome): () => number {
  let count = 0;
  at.world.network.onPacket = (from) => {
    if (from === at.home.client) count += 1;
  };
  return () => count;
}

describe('a router that is away', () => {
  // Of its protocols, only UPnP opens ports for other devices; it is forgotten before the rest.
  test('does not refuse a forward to another device, however long', async () => {
    const at = await EngineHome.start({ router: personality(SILENT) });
    await at.want(forward('media', 8096, { internal: { first: port(8096), client: ip('192.168.1.11') } }));
    expect(at.table).toEqual(['tcp 8096 -> 192.168.1.11:8096']);
    at.home.router.powerOff();
    await at.world.run(inHours(2));
    expect(at.status('media')).toMatchObject({ at: 'waiting', for: 'gateway' });
    at.home.router.powerOn();
    await at.world.until(() => at.holds('tcp 8096 -> 192.168.1.11:8096') && at.allOpen, inMinutes(10), 'it being open');
    await at.stop();
  });
});

describe('a router that restarts', () => {
  test.for(KINDS)('and forgets, without a word, is found out within 20 s (%s)', async (kind) => {
    const at = await opened(ONLY[kind], SILENT);
    await at.world.run(inMinutes(20));
    at.home.router.reboot({ downFor: inSeconds(1) });
    await at.world.run(inSeconds(1));
    await wholeAgain(at, inSeconds(20));
    await at.stop();
  });

  test.for(KINDS)(
    'and forgets while it is away for a minute, is found out within 10 s of its return (%s)',
    async (kind) => {
      const at = await opened(ONLY[kind], SILENT);
      await at.world.run(inMinutes(20));
      at.home.router.reboot({ downFor: inSeconds(60) });
      await at.world.run(inSeconds(60));
      expect(at.table).toEqual([]);
      await wholeAgain(at, inSeconds(10));
      await at.stop();
    },
  );

  test.for(KINDS)(
    'that is silent is asked six times a minute at most, one that is heard three times (%s)',
    async (kind) => {
      for (const [words, most] of [
        [SILENT, 6],
        [{}, kind === 'pcp' || kind === 'nat-pmp' ? 6 : 4],
      ] as const) {
        const at = await opened(ONLY[kind], words);
        await at.world.run(inMinutes(20));
        const { counters } = at.home.router;
        counters.reset();
        await at.world.run(inMinutes(20));
        expect((counters.total - counters.of('M-SEARCH')) / 20).toBeLessThanOrEqual(most);
        await at.stop();
      }
    },
  );

  test.for(KINDS)('and says so, has everything again at once (%s)', async (kind) => {
    const at = await opened(ONLY[kind]);
    await at.world.run(inMinutes(20));
    at.home.router.reboot({ downFor: inSeconds(30) });
    await at.world.run(inSeconds(30));
    await wholeAgain(at, inSeconds(3));
    await at.stop();
  });

  // Its first words may come while a question of ours is waited for with ever longer pauses.
  test.for(KINDS)('and says so, has everything again a second later, however long it was away (%s)', async (kind) => {
    const at = await opened(ONLY[kind]);
    const late: number[] = [];
    for (let away = 20; away < 90; away += 7) {
      await at.world.run(inMinutes(2));
      at.home.router.reboot({ downFor: inSeconds(away) });
      await at.world.run(inSeconds(away + 1));
      if (!isWhole(at)) late.push(away);
      await wholeAgain(at, inSeconds(65));
    }
    expect(late).toEqual([]);
    await at.stop();
  });

  test.for(KINDS)('and keeps its table, keeps it whole (%s)', async (kind) => {
    const at = await opened(ONLY[kind], { lease: { survivesReboot: true } });
    await at.world.run(inMinutes(5));
    const cut = cuts(at);
    at.home.router.reboot({ keepTable: true });
    await at.world.run(inMinutes(3));
    expect(isWhole(at)).toBe(true);
    expect(cut).toEqual([]);
    await at.want();
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('whose daemon alone restarts, is soon whole again', async () => {
    const at = await opened();
    await at.world.run(inMinutes(5));
    at.home.router.restartDaemon();
    await at.world.run(inSeconds(2));
    await wholeAgain(at, inSeconds(5));
    await at.stop();
  });

  test('whose service answers at another port afterwards, is found there (D14, D15)', async () => {
    const at = await opened(ONLY.upnp, SILENT, { description: { randomPath: true }, device: { udnPerBoot: true } });
    const before = at.home.router.location;
    at.home.router.reboot();
    await at.world.run(inSeconds(30));
    expect(at.home.router.location).not.toBe(before);
    await wholeAgain(at, inSeconds(65));
    expect(at.snapshot.gateways).toHaveLength(1);
    await at.stop();
  });
});

describe('a new public IP address', () => {
  test.for(KINDS)('is noticed without a word from the router, and traffic arrives (%s)', async (kind) => {
    const at = await opened(ONLY[kind], SILENT);
    await at.home.serve(at.home.client, 'tcp', 25_565);
    await at.world.run(inMinutes(7));
    const cut = cuts(at);
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.until(({ gateways }) => gateways[0]?.externalAddress === '11.22.33.99', inSeconds(65), 'the new address');
    await at.world.run(inSeconds(2));
    expect(isWhole(at)).toBe(true);
    expect(cut).toEqual([]);
    expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
    await at.stop();
  });

  test.for(['upnp', 'all'] as const)(
    'after which the router lists what its firewall has lost: it is made again (L20) (%s)',
    async (kind) => {
      const at = await opened(ONLY[kind]);
      await at.home.serve(at.home.client, 'tcp', 25_565);
      await at.world.run(inMinutes(7));
      at.home.router.wipeFirewall();
      // Somebody reads the table: from then on a yes to our request is no more than that.
      const [router] = at.snapshot.gateways;
      if (router === undefined) throw new Error('no router');
      const reading = at.engine.onDemand.readTable(router.id, () => undefined, new AbortController().signal);
      await at.world.finish(reading);
      expect(await at.home.whoAnswers('tcp', 25_565)).toBeUndefined();
      at.home.router.changeExternalAddress(ip('11.22.33.99'));
      await at.world.run(inSeconds(65));
      expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
      expect(isWhole(at)).toBe(true);
      await at.stop();
    },
  );

  test('that never came, while the line is down, is reported; and all is open again within 65 s of its return', async () => {
    const at = await opened(ONLY.upnp, SILENT);
    at.home.router.changeExternalAddress('none');
    await at.world.run(inMinutes(65));
    expect(at.snapshot.problems.map(({ code }) => code)).toEqual(['no-external-address']);
    at.home.router.changeExternalAddress(ip('11.22.33.44'));
    await wholeAgain(at, inSeconds(65));
    expect(at.snapshot.problems).toEqual([]);
    await at.stop();
  });
});

describe('a table that somebody takes one of ten entries out of', () => {
  test.for(['upnp', 'all'] as const)('has it again at once where the router reports its number (%s)', async (kind) => {
    const at = await EngineHome.start({ router: personality(ONLY[kind], { lease: { longest: seconds(0) } }) });
    const ten = Array.from({ length: 10 }, (_, n) => forward(`f${n}`, 30_000 + n));
    await at.want(...ten);
    // The table may have entries of others as well, so that fewer than ours is not the sign.
    at.home.router.addMapping({
      transport: 'tcp',
      externalPort: 99,
      internalClient: ip('192.168.1.11'),
      internalPort: 99,
      description: '',
      expiresAt: 'never',
      owner: 'manual',
    });
    await at.world.run(inMinutes(7));
    const cut = cuts(at);
    at.home.router.removeMapping('tcp', 30_006);
    await at.until(() => at.table.length === 11 && at.allOpen, inSeconds(3), 'all ten being there');
    expect(cut).toEqual([]);
    await at.stop();
  });

  const UNEVENTFUL: Traits = { status: { events: false } };
  const PXP = { 'nat-pmp': ONLY['nat-pmp'], pcp: ONLY.pcp };

  test.for([
    { kind: 'upnp', others: 0, traits: ONLY.upnp, within: inMinutes(6) },
    { kind: 'upnp, and entries of others', others: 3, traits: ONLY.upnp, within: inMinutes(6) },
    {
      kind: 'an index from 1',
      others: 3,
      traits: { ...ONLY.upnp, list: { firstIndex: 1 } as const },
      within: inMinutes(6),
    },
    { kind: 'all', others: 1, traits: {}, within: inMinutes(6) },
    // They can only be asked to open it again, and cut what works for a moment when they do.
    { kind: 'pcp', others: 0, traits: PXP.pcp, within: inMinutes(11) },
    { kind: 'nat-pmp', others: 0, traits: PXP['nat-pmp'], within: inMinutes(11) },
  ])('has it again within $within ms where it reports nothing ($kind)', async ({ traits, others, within }) => {
    const at = await EngineHome.start({ router: personality(traits, SILENT, UNEVENTFUL) });
    const forwards = Array.from({ length: 10 }, (_, n) => forward(`f${n}`, 30_000 + n));
    for (let n = 0; n < others; n += 1)
      at.home.router.addMapping({
        transport: 'tcp',
        externalPort: 90 + n,
        internalClient: ip('192.168.1.11'),
        internalPort: 99,
        description: '',
        expiresAt: 'never',
        owner: 'manual',
      });
    await at.want(...forwards);
    for (const [n, port] of [30_001, 30_008].entries()) {
      await at.world.run(inMinutes(9 + n));
      const { counters } = at.home.router;
      counters.reset();
      at.home.router.removeMapping('tcp', port);
      await at.until(() => at.table.length === 10 + others && at.allOpen, within, 'all ten being there');
      const asked = counters.total - counters.of('M-SEARCH');
      expect(asked).toBeLessThanOrEqual(6 * (within / 60_000) + forwards.length);
    }
    await at.stop();
  });
});

describe('a router that is away for an hour', () => {
  test.for(KINDS)('is waited for without a flood, reported, and has all again within 65 s (%s)', async (kind) => {
    const at = await opened(ONLY[kind], SILENT);
    at.home.router.powerOff();
    const sent = countPackets(at);
    await at.world.run(inMinutes(3));
    expect(at.snapshot.problems.map(({ code }) => code)).toEqual(['gateway-away']);
    expect(at.status('minecraft')).toMatchObject({ at: 'waiting', for: 'gateway' });
    const first = sent();
    await at.world.run(inHours(1));
    // Heartbeats, retransmissions and a search now and then.
    expect((sent() - first) / 60).toBeLessThan(50);
    at.home.router.powerOn();
    await wholeAgain(at, inSeconds(65));
    expect(at.snapshot.problems).toEqual([]);
    await at.stop();
  });

  test('says nothing is open once the leases have ended', async () => {
    const at = await opened(ONLY.pcp);
    at.home.router.powerOff();
    await at.world.run(inHours(2.1));
    expect(at.status('minecraft')).toEqual({ at: 'waiting', for: 'gateway' });
    await at.stop();
  });
});

describe('a laptop', () => {
  test.for(['stands-still', 'goes-on'] as const)(
    'that slept for three hours, its clock %s, has all again (H9)',
    async (monotonic) => {
      const at = await opened(ONLY.upnp);
      await at.world.run(inMinutes(7));
      at.home.client.clock.suspend(inHours(3), { monotonic });
      await at.world.run(inHours(3));
      expect(at.table).toEqual([]);
      await wholeAgain(at, inSeconds(65));
      await at.stop();
    },
  );

  test('whose waking is reported has all again at once', async () => {
    const at = await opened(ONLY.upnp);
    await at.world.run(inMinutes(7));
    at.home.client.clock.suspend(inHours(3));
    await at.world.run(inHours(3));
    at.engine.woke();
    await wholeAgain(at, inSeconds(1));
    await at.stop();
  });

  test('that slept for a minute keeps what it has', async () => {
    const at = await opened(ONLY.pcp);
    await at.world.run(inMinutes(7));
    at.home.client.clock.suspend(inMinutes(1));
    await at.world.run(inMinutes(3));
    expect(isWhole(at)).toBe(true);
    await at.stop();
  });

  test.for([24, -24])('whose wall clock is set by %s hours keeps its leases, and says so', async (hours) => {
    const at = await opened(ONLY.pcp);
    const lost: string[] = [];
    at.home.router.onMapping((change) => lost.push(change));
    await at.world.run(inMinutes(7));
    at.home.client.clock.jump(inHours(hours));
    await at.world.run(inHours(7));
    expect(lost).not.toContain('removed');
    expect(isWhole(at)).toBe(true);
    await at.stop();
  });

  test('whose wall clock is set beyond the end of its leases closes what is switched off just then', async () => {
    const at = await opened(ONLY.pcp);
    await at.world.run(inMinutes(7));
    at.home.client.clock.jump(inHours(24 * 20));
    at.engine.want([]);
    await at.world.until(() => at.holds(), inSeconds(65), 'an empty table');
    await at.stop();
  });

  test('whose wall clock is set beyond the end of what cannot be closed now leaves that to the next start', async () => {
    const at = await opened(ONLY['nat-pmp']);
    await at.world.run(inMinutes(7));
    at.home.router.powerOff({ keepTable: true });
    at.engine.want([]);
    await at.world.run(inSeconds(5));
    at.home.client.clock.jump(inHours(24 * 20));
    await at.world.run(inSeconds(5));
    at.restart();
    at.home.router.powerOn();
    await at.world.until(() => at.holds(), inMinutes(5), 'an empty table');
    await at.stop();
  });

  test('that gets another address opens everything for it, and closes what led to the old one', async () => {
    const at = await opened();
    await at.world.run(inMinutes(7));
    at.home.readdress(at.home.client, ip('192.168.1.23'));
    const moved = BOTH.map((line) => line.replace('.10:', '.23:'));
    await at.world.until(() => at.holds(...moved) && at.allOpen, inSeconds(65), 'the forwards to the new address');
    await at.stop();
  });

  test('that gets another address where only the old one may delete, has all again when the old leases end', async () => {
    const at = await opened(ONLY.upnp, { mapping: { secure: true } });
    await at.world.run(inMinutes(7));
    at.home.readdress(at.home.client, ip('192.168.1.23'));
    const moved = BOTH.map((line) => line.replace('.10:', '.23:'));
    await at.world.until(() => at.holds(...moved) && at.allOpen, inMinutes(70), 'the forwards to the new address');
    await at.stop();
  });

  test.each([
    ['PCP', personality()],
    // Each opening has a number there, which another address cannot go on using.
    ['UPnP', personality('upnp-only')],
  ])('whose IPv6 address is another has its pinhole led there at once, over %s (V11)', async (_, router) => {
    const at = await EngineHome.start({ ipv6: true, router });
    await at.want(forward('web', 8080, { families: ['ipv6'] }));
    const clients = () => at.home.router.pinholes().map(({ internalClient }) => internalClient);
    const [former] = clients();
    await at.world.run(inMinutes(7));
    const link = at.home.client.interface('eth0');
    link?.setAddresses(
      link.addresses.map((own) => (own.address === former ? { ...own, address: ip('2a02:1111:2222:1::77') } : own)),
    );
    await at.world.until(() => clients().includes(ip('2a02:1111:2222:1::77')), inSeconds(5), 'the new pinhole');
    await at.until(({ mappings }) => mappings.some(({ status }) => isOpen(status)), inSeconds(5), 'it being told');
    await at.world.run(inMinutes(3));
    expect(at.status('web')).toMatchObject({ at: 'open', lease: { external: { address: '2a02:1111:2222:1::77' } } });
    await at.stop();
  });

  test('whose cable is cut and repaired behind its back has all again', async () => {
    const at = await opened(ONLY.upnp);
    at.home.client.interface('eth0')?.setPlugged(false);
    await at.world.run(inHours(2));
    expect(at.table).toEqual([]);
    expect(at.snapshot.problems.map(({ code }) => code)).toEqual(['gateway-away']);
    at.home.client.interface('eth0')?.setPlugged(true);
    await wholeAgain(at, inSeconds(65));
    await at.stop();
  });

  test('whose cable is pulled says so, and all is open again at once when it is back', async () => {
    const at = await opened(ONLY.upnp);
    at.home.client.interface('eth0')?.setUp(false);
    await at.world.run(inMinutes(90));
    expect(at.snapshot.problems.map(({ code }) => code)).toEqual(['no-network']);
    expect(at.status('minecraft')).toMatchObject({ at: 'waiting', for: 'network' });
    at.home.client.interface('eth0')?.setUp(true);
    await wholeAgain(at, inSeconds(3));
    await at.stop();
  });
});

describe('a process that is killed', () => {
  test('leaves nothing that nobody wants, and its successor goes on with what is wanted', async () => {
    const at = await opened();
    const lost: string[] = [];
    at.home.router.onMapping((change, { externalPort }) => {
      if (change === 'removed') lost.push(String(externalPort));
    });
    at.restart();
    await at.want(MINECRAFT);
    await at.world.run(inSeconds(5));
    expect(at.table).toEqual([BOTH[0]]);
    expect(lost).toEqual(['34197']);
    await at.stop();
  });

  test('right after it asked, and before it was answered, leaves nothing either', async () => {
    const at = await EngineHome.start({ router: personality(ONLY.upnp, { http: { latency: inSeconds(2) } }) });
    at.engine.want([MINECRAFT]);
    await at.world.until(() => at.home.router.counters.of('AddPortMapping') === 1, inMinutes(1));
    at.restart();
    await at.world.run(inMinutes(1));
    expect(at.table).toEqual([]);
    await at.stop();
  });
});
