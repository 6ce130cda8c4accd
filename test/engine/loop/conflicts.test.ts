/** Ports that are taken, forbidden or many. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { after, elapsed, inHours, inMinutes, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { SimMapping } from '../../../main/simulator/router/router-table.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

function theirs(transport: 'tcp' | 'udp', externalPort: number, change: Partial<SimMapping> = {}): SimMapping {
  return {
    transport,
    externalPort,
    internalClient: ip('192.168.1.11'),
    internalPort: externalPort,
    description: 'old server',
    expiresAt: 'never',
    owner: 'igd',
    ...change,
  };
}

/** Says nothing unasked. */
const SILENT = { ssdp: { announces: false }, pxp: { announcements: 0 }, status: { events: false } };

const to = (inner: number) => ({ internal: { first: port(inner) } });

describe('a port that somebody else holds', () => {
  test.for(['upnp-only', 'miniupnpd', 'miniupnpd-igd1'] as const)(
    'is reported with its holder, which keeps it (%s)',
    async (name) => {
      const at = await EngineHome.start({ router: personality(name) });
      at.home.router.addMapping(theirs('tcp', 25_565));
      await at.want(forward('minecraft', 25_565));
      expect(at.status('minecraft')).toMatchObject({
        at: 'refused',
        problem: {
          code: 'conflict',
          parameters: { holder: '192.168.1.11', holderName: 'old server', suggestion: 25_566 },
        },
      });
      await at.world.run(inHours(2));
      expect(at.table).toEqual(['tcp 25565 -> 192.168.1.11:25565']);
      at.home.router.removeMapping('tcp', 25_565);
      await at.until(() => at.allOpen, inSeconds(5), 'the port being ours');
      await at.want();
      expect(at.table).toEqual([]);
      await at.stop();
    },
  );

  test.for(['upnp-only', 'miniupnpd', 'pcp-only'] as const)(
    'is opened once his lease has run out, and not asked for much meanwhile (%s)',
    async (name) => {
      const at = await EngineHome.start({ router: personality(name, SILENT) });
      const { clock } = at.home.client;
      const expiresAt = after(clock.now(), inMinutes(20.5));
      at.home.router.addMapping(theirs('tcp', 25_565, { expiresAt }));
      await at.want(forward('minecraft', 25_565));
      const status = at.status('minecraft');
      expect(status).toMatchObject({ at: 'refused', until: expect.any(Number) as number });
      at.home.router.counters.reset();
      await at.world.run(millis(elapsed(clock.now(), expiresAt) - 2000));
      expect(at.table).toEqual(['tcp 25565 -> 192.168.1.11:25565']);
      const { counters } = at.home.router;
      expect(counters.of('AddPortMapping') + counters.of('pcp MAP')).toBeLessThanOrEqual(6);
      await at.until(() => at.allOpen, name === 'pcp-only' ? inMinutes(16) : inSeconds(5), 'the port being ours');
      await at.stop();
    },
  );

  test('is reported with the name that its router has for it (E17)', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only', 'lists-names') });
    at.home.router.addMapping(theirs('tcp', 25_565));
    await at.want(forward('minecraft', 25_565), forward('web', 8080));
    expect(at.status('minecraft')).toMatchObject({
      at: 'refused',
      problem: { code: 'conflict', parameters: { holder: '192.168.1.11', holderHost: 'host-192-168-1-11' } },
    });
    expect(at.status('web')).toMatchObject({ at: 'open', lease: { evidence: 'read-back' } });
    await at.want();
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.11:25565']);
    await at.stop();
  });

  test('and lets go of without a word, is opened within a minute', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only', SILENT) });
    at.home.router.addMapping(theirs('tcp', 25_565));
    await at.want(forward('minecraft', 25_565));
    await at.world.run(inMinutes(3));
    at.home.router.removeMapping('tcp', 25_565);
    await at.until(() => at.allOpen, inSeconds(62), 'the port being ours');
    await at.stop();
  });

  test.for(['upnp-only', 'miniupnpd-igd1', 'pcp-only'] as const)(
    'is passed by where another will do: the next free one, the same for TCP and UDP (%s)',
    async (name) => {
      const at = await EngineHome.start({ router: personality(name) });
      at.home.router.addMapping(theirs('tcp', 25_565));
      at.home.router.addMapping(theirs('udp', 25_566));
      await at.want(forward('minecraft', 25_565, { transports: ['tcp', 'udp'], ifTaken: 'next-free' }));
      expect(at.allOpen).toBe(true);
      const ports = at.snapshot.mappings.map(({ status }) =>
        'lease' in status ? status.lease.external.port : undefined,
      );
      expect(new Set(ports).size).toBe(1);
      expect([25_565, 25_566]).not.toContain(ports[0]);
      expect(at.table).toHaveLength(4);
      await at.world.run(inHours(3));
      expect(at.table).toHaveLength(4);
      await at.want();
      expect(at.table).toEqual(['tcp 25565 -> 192.168.1.11:25565', 'udp 25566 -> 192.168.1.11:25566']);
      await at.stop();
    },
  );
});

describe('another host of the LAN', () => {
  const friend = forward('friend', 443, { internal: { first: port(443), client: ip('192.168.1.11') } });

  test('is served where the router allows it', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only') });
    await at.want(friend);
    expect(at.table).toEqual(['tcp 443 -> 192.168.1.11:443']);
    await at.home.serve(at.home.others[0] ?? at.home.client, 'tcp', 443);
    expect(await at.home.whoAnswers('tcp', 443)).toBe('neighbour-1');
    await at.want();
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test.for(['718-for-third-party', '606-for-third-party'] as const)(
    'is refused in plain words in secure mode (%s, C3)',
    async (name) => {
      const at = await EngineHome.start({ router: personality('upnp-only', name) });
      const high = forward('friend', 8443, { internal: { first: port(443), client: ip('192.168.1.11') } });
      await at.want(high);
      expect(at.status('friend')).toMatchObject({
        at: 'refused',
        problem: { code: 'only-for-itself', parameters: { client: '192.168.1.11', port: 8443 } },
      });
      expect(at.table).toEqual([]);
      await at.stop();
    },
  );
});

describe('ports that the router does not allow', () => {
  test.for([
    ['openwrt-secure', 'port-not-allowed'],
    ['low-ports-refused-501', 'router-failed'],
    ['low-ports-refused-402', 'router-refused'],
  ] as const)(
    'a port below 1024 is refused with one that is allowed (%s): %s, as far as is known',
    async ([name, code]) => {
      const at = await EngineHome.start({ router: personality(name) });
      await at.want(forward('web', 80));
      // 501 may also be a trouble that passes, so that it is tried again sooner.
      expect(at.status('web')).toMatchObject({
        at: name === 'low-ports-refused-501' ? 'waiting' : 'refused',
        problem: { code, parameters: { port: 80, suggestion: 8080 } },
      });
      await at.want(forward('web', 8080, to(8080)));
      expect(at.allOpen).toBe(true);
      await at.stop();
    },
  );

  test('ports that differ outside and inside (C9)', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only', 'same-port-only-724') });
    await at.want(forward('web', 8080, to(80)), forward('minecraft', 25_565));
    expect(at.status('web')).toMatchObject({
      at: 'refused',
      problem: { code: 'same-port-only', parameters: { internal: 80 } },
    });
    expect(at.status('minecraft')).toMatchObject({ at: 'open' });
    await at.stop();
  });

  // How the router says so makes no difference afterwards: one of them is lived with for a day.
  test.for([
    ['permanent-only-725', 25, 1],
    ['lease-402', 1, 0],
    ['lease-501', 1, 0],
  ] as const)(
    'leases: a permanent mapping is checked, renewed each day, and closed at the end (%s, %d h, L1–L3)',
    async ([name, hours, renewals]) => {
      const at = await EngineHome.start({ router: personality('upnp-only', name) });
      await at.want(forward('minecraft', 25_565));
      expect(at.status('minecraft')).toMatchObject({ at: 'open', lease: { expiresAt: 'never' } });
      const { counters } = at.home.router;
      counters.reset();
      await at.world.run(inHours(hours));
      expect(counters.of('AddPortMapping')).toBeGreaterThanOrEqual(renewals);
      expect(counters.of('AddPortMapping')).toBeLessThanOrEqual(2 * renewals);
      expect(counters.of('GetSpecificPortMappingEntry')).toBeGreaterThan(14 * hours);
      at.home.router.removeMapping('tcp', 25_565);
      await at.world.until(() => at.table.length === 1, inMinutes(2), 'the lost mapping being made again');
      await at.want();
      expect(at.table).toEqual([]);
      await at.stop();
    },
  );
});

describe('many', () => {
  test('a range is opened and closed as one', async () => {
    const at = await EngineHome.start();
    await at.want(
      forward('games', 27_015, { transports: ['udp'], external: { first: port(27_015), last: port(27_030) } }),
    );
    expect(at.table).toHaveLength(16);
    expect(at.allOpen).toBe(true);
    await at.want();
    expect(at.table).toEqual([]);
    await at.stop();
  });

  test('five hundred are opened, held and closed over UPnP, on a router that dies of listing them at once (E16)', async () => {
    const at = await EngineHome.start({ router: personality('upnp-only', 'dies-of-list') });
    const all = Array.from({ length: 500 }, (_, n) => forward(`f${n}`, 20_000 + n));
    at.engine.want(all);
    await at.settle(inMinutes(10));
    expect(at.table).toHaveLength(500);
    expect(at.allOpen).toBe(true);
    const lost: number[] = [];
    const unwatch = at.home.router.onMapping((change, { externalPort }) => {
      if (change === 'removed') lost.push(externalPort);
    });
    await at.world.run(inMinutes(65));
    expect(lost).toEqual([]);
    unwatch();
    at.engine.want(all.slice(0, 3));
    await at.settle(inMinutes(10));
    expect(at.table).toHaveLength(3);
    await at.want();
    expect(at.table).toEqual([]);
    await at.stop();
  });
});
