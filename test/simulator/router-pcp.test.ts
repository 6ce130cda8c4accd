/** Datagrams from the figures of RFC 6887. */
import { describe, expect, it } from 'vitest';
import { ip, toBytes16 } from '../../main/contract/address.ts';
import { inSeconds } from '../../main/contract/units.ts';
import type { PersonalityName } from '../../main/simulator/personalities/personalities.ts';
import { bytesOf, scene, hexOf as toHex } from './router-talk.ts';

const noAddress = '00000000000000000000ffff00000000';
const client = '00000000000000000000ffffc0a8010a';
const neighbourAddress = '00000000000000000000ffffc0a8010b';
const outside = '00000000000000000000ffff0b16212c';
const mine = '41'.repeat(12);
const other = '42'.repeat(12);
const preferFailure = '02000000';

const hexOf = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

function map(
  wish: {
    readonly internal: number;
    readonly external?: number;
    readonly lifetime?: number;
    readonly nonce?: string;
    readonly protocol?: number;
    readonly sender?: string;
    readonly address?: string;
  },
  options = '',
): string {
  const header = `02010000${hexOf(wish.lifetime ?? 7200, 8)}${wish.sender ?? client}`;
  const ports = `${hexOf(wish.internal, 4)}${hexOf(wish.external ?? wish.internal, 4)}`;
  return `${header}${wish.nonce ?? mine}${hexOf(wish.protocol ?? 6, 2)}000000${ports}${wish.address ?? noAddress}${options}`;
}

const resultOf = (answer: string): number => Number.parseInt(answer.slice(6, 8), 16);
const lifetimeOf = (answer: string): number => Number.parseInt(answer.slice(8, 16), 16);
const externalOf = (answer: string): number => Number.parseInt(answer.slice(84, 88), 16);

describe('PCP of a simulated router', () => {
  it('answers ANNOUNCE', async () => {
    const { talk } = await scene();
    expect(await talk.datagram(`0200000000000000${client}`)).toMatch(/^0280000000000000.{8}0{24}$/);
  });

  it('maps: nonce and internal port come back, with the port and address given', async () => {
    const { talk, router } = await scene();
    const answer = await talk.datagram(map({ internal: 6000 }));
    expect(answer.slice(0, 16)).toBe('0281000000001c20');
    expect(answer.slice(48)).toBe(`${mine}0600000017701770${outside}`);
    expect(router.table()).toMatchObject([{ transport: 'tcp', externalPort: 6000, owner: 'pcp', nonce: mine }]);
  });

  it('keeps a mapping to its nonce (P15)', async () => {
    const { talk, router } = await scene();
    await talk.datagram(map({ internal: 6000 }));
    expect(resultOf(await talk.datagram(map({ internal: 6000, nonce: other })))).toBe(2);
    expect(resultOf(await talk.datagram(map({ internal: 6000, nonce: other, lifetime: 0 })))).toBe(2);
    expect(router.table()).toHaveLength(1);
    expect(resultOf(await talk.datagram(map({ internal: 6000, lifetime: 0 })))).toBe(0);
    expect(router.table()).toEqual([]);
  });

  it('keeps lifetimes between two minutes and a day (P23)', async () => {
    const { talk } = await scene();
    expect(lifetimeOf(await talk.datagram(map({ internal: 6000, lifetime: 5 })))).toBe(120);
    expect(lifetimeOf(await talk.datagram(map({ internal: 6000, lifetime: 0xffff_ffff })))).toBe(86_400);
  });

  it('forgets a mapping when its lifetime ends', async () => {
    const { talk, router, world } = await scene();
    await talk.datagram(map({ internal: 6000, lifetime: 120 }));
    await world.run(inSeconds(121));
    expect(router.table()).toEqual([]);
  });

  it('gives another port unless PREFER_FAILURE forbids it', async () => {
    const { talk, neighbour } = await scene();
    await neighbour.datagram(map({ internal: 6000, sender: neighbourAddress }));
    expect(resultOf(await talk.datagram(map({ internal: 6000 }, preferFailure)))).toBe(11);
    expect(externalOf(await talk.datagram(map({ internal: 6000 })))).toBe(6001);
    expect(resultOf(await talk.datagram(map({ internal: 6000 }, preferFailure)))).toBe(11);
    expect(await talk.datagram(map({ internal: 7000 }, preferFailure))).toMatch(
      new RegExp(`^02810000.*${preferFailure}$`),
    );
  });

  it('does not give another address where PREFER_FAILURE forbids it', async () => {
    const { talk } = await scene();
    const elsewhere = '00000000000000000000ffff05050505';
    expect(resultOf(await talk.datagram(map({ internal: 6000, address: elsewhere }, preferFailure)))).toBe(11);
    expect(resultOf(await talk.datagram(map({ internal: 6000, address: elsewhere })))).toBe(0);
  });

  it('takes over what UPnP mapped for the same client and ports (P26)', async () => {
    const { talk, router } = await scene();
    await talk.add();
    expect(externalOf(await talk.datagram(map({ internal: 8080 })))).toBe(8080);
    expect(router.table()).toMatchObject([{ externalPort: 8080, owner: 'pcp' }]);
  });

  it.each([
    ['another version', `03${map({ internal: 6000 }).slice(2)}`, 1],
    ['PEER', `0202${map({ internal: 6000 }).slice(4)}`, 4],
    ['a request for all ports', map({ internal: 0 }), 3],
    ['a request cut short', map({ internal: 6000 }).slice(0, 80), 3],
    ['a length that four does not divide', `${map({ internal: 6000 })}02`, 3],
    ['an address that is not the sender’s (P17)', map({ internal: 6000, sender: neighbourAddress }), 12],
    ['a protocol without ports', map({ internal: 6000, protocol: 1 }), 9],
    ['THIRD_PARTY', map({ internal: 6000 }, `01000010${neighbourAddress}`), 5],
    ['FILTER', map({ internal: 6000 }, `03000014${'00'.repeat(20)}`), 5],
    ['an unknown mandatory option', map({ internal: 6000 }, '63000000'), 5],
    ['an option that is longer than the datagram', map({ internal: 6000 }, '02000040'), 6],
    ['PREFER_FAILURE with data', map({ internal: 6000 }, '02000004deadbeef'), 6],
    ['PREFER_FAILURE twice', map({ internal: 6000 }, preferFailure + preferFailure), 6],
    ['PREFER_FAILURE in a deletion', map({ internal: 6000, lifetime: 0 }, preferFailure), 6],
    ['the deletion of what is not there (P18)', map({ internal: 6000, lifetime: 0 }), 8],
  ])('answers %s', async (_what, request, result) => {
    const { talk, router } = await scene();
    const answer = await talk.datagram(request);
    expect(answer.slice(0, 2)).toBe('02');
    expect(resultOf(answer)).toBe(result);
    expect(router.table()).toEqual([]);
  });

  it('ignores an unknown option that may be ignored, and does not repeat it', async () => {
    const { talk } = await scene();
    const answer = await talk.datagram(map({ internal: 6000 }, 'e3000000'));
    expect(resultOf(answer)).toBe(0);
    expect(answer).toHaveLength(120);
  });

  it('refuses with 8 behind a private or shared address (N3)', async () => {
    for (const name of ['private-wan', 'cgnat-wan'] as const) {
      const { talk } = await scene(name);
      const answer = await talk.datagram(map({ internal: 6000 }));
      expect([resultOf(answer), lifetimeOf(answer)]).toEqual([8, 30]);
    }
  });

  it('maps for another host where that is allowed', async () => {
    const { talk, router } = await scene('third-party-allowed');
    expect(resultOf(await talk.datagram(map({ internal: 6000 }, `01000010${neighbourAddress}`)))).toBe(0);
    expect(router.table()).toMatchObject([{ internalClient: '192.168.1.11' }]);
  });

  it.each<[PersonalityName, string, number]>([
    ['no-options', map({ internal: 6000 }, preferFailure), 5],
    ['delete-result-8', map({ internal: 6000, lifetime: 0 }), 8],
    ['refuses-port-0', map({ internal: 6000, external: 0 }), 2],
    ['no-announce', `0200000000000000${client}`, 4],
  ])('as %s it answers with result %#', async (name, request, result) => {
    const { talk } = await scene(name);
    if (name === 'delete-result-8') await talk.datagram(map({ internal: 6000 }));
    expect(resultOf(await talk.datagram(request))).toBe(result);
  });

  it('can hold errors to be long-lived (P20)', async () => {
    const { talk } = await scene('long-error-lifetimes');
    expect(lifetimeOf(await talk.datagram(map({ internal: 6000, protocol: 1 })))).toBe(7200);
  });
});

describe('PCP over IPv6', () => {
  it('opens the firewall for the address that asks', async () => {
    const { home, world, router } = await scene('miniupnpd', { ipv6: true });
    const own = ip('2a02:1111:2222:1::10');
    const sender = toHex(toBytes16(own));
    const connectTo = { address: ip('fe80::1'), port: 5351, zone: 'eth0' };
    const socket = await home.client.system.udp.open({ family: 'ipv6', localAddress: own, connectTo });
    await socket.send(bytesOf(map({ internal: 6000, sender, address: '00'.repeat(16) })));
    const { bytes } = await world.finish(socket.receive(new AbortController().signal));
    socket.close();
    expect(toHex(bytes).slice(48)).toBe(`${mine}0600000017701770${sender}`);
    expect(router.pinholes()).toMatchObject([{ internalClient: own, internalPort: 6000, protocol: 6, owner: 'pcp' }]);
    expect(router.lookupPinhole(6, own, 6000)).toBeDefined();
    expect(router.lookupPinhole(17, own, 6000)).toBeUndefined();
    await world.run(inSeconds(7201));
    expect(router.pinholes()).toEqual([]);
  });
});
