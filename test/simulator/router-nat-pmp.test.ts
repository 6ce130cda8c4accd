/** Datagrams from the figures of RFC 6886, and those that natpmpc sends. */
import { describe, expect, it } from 'vitest';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { scene } from './router-talk.ts';

describe('NAT-PMP of a simulated router', () => {
  it('reports its public IP address and its epoch in seconds', async () => {
    const { talk, world } = await scene();
    await world.run(inMinutes(2));
    expect(await talk.datagram('0000')).toBe('0080 0000 00000078 0b16212c'.replaceAll(' ', ''));
  });

  it('maps, renews and deletes', async () => {
    const { talk, router, world } = await scene();
    // natpmpc -a 5000 5000 udp 60
    expect(await talk.datagram('0001 0000 1388 1388 0000003c')).toMatch(/^00810000.{8}138813880000003c$/);
    expect(router.table()).toMatchObject([
      { transport: 'udp', externalPort: 5000, internalPort: 5000, internalClient: '192.168.1.10', owner: 'nat-pmp' },
    ]);
    await world.run(inSeconds(40));
    expect(await talk.datagram('0001 0000 1388 1388 0000003c')).toMatch(/^00810000/);
    await world.run(inSeconds(40));
    expect(router.table()).toHaveLength(1);
    expect(await talk.datagram('0001 0000 1388 0000 00000000')).toMatch(/^00810000.{8}1388000000000000$/);
    expect(router.table()).toEqual([]);
    expect(await talk.datagram('0001 0000 1388 0000 00000000')).toMatch(/^00810000/);
  });

  it('forgets a mapping at the second when its lifetime ends', async () => {
    const { talk, router, world } = await scene();
    await talk.datagram('0002 0000 1388 1388 0000003c');
    await world.run(inSeconds(59));
    expect(router.table()).toHaveLength(1);
    await world.run(inSeconds(2));
    expect(router.table()).toEqual([]);
  });

  it('gives the next port when the wanted one is taken, and keeps to it', async () => {
    const { talk, neighbour } = await scene();
    await neighbour.datagram('0002 0000 1f90 1f90 00001c20');
    expect(await talk.datagram('0002 0000 1f90 1f90 00001c20')).toMatch(/1f901f9100001c20$/);
    // RFC 6886 §3.3: a mapping keeps its external port, whatever is suggested later.
    expect(await talk.datagram('0002 0000 1f90 2328 00001c20')).toMatch(/1f901f9100001c20$/);
  });

  it('deletes everything of one client and transport for internal port 0', async () => {
    const { talk, neighbour, router } = await scene();
    await talk.datagram('0002 0000 1388 1388 00001c20');
    await talk.datagram('0002 0000 1389 1389 00001c20');
    await talk.datagram('0001 0000 1388 1388 00001c20');
    await neighbour.datagram('0002 0000 138a 138a 00001c20');
    expect(await talk.datagram('0002 0000 0000 0000 00000000')).toMatch(/^00820000.{8}0000000000000000$/);
    expect(router.table().map(({ transport, externalPort }) => `${transport} ${externalPort}`)).toEqual([
      'tcp 5002',
      'udp 5000',
    ]);
  });

  it.each([
    ['an unknown opcode', '0003 0000 0001 0001 00000001', /^00830005/],
    ['an answer', '0080 0000 00000000', /^silence$/],
    ['half a mapping request', '0001 0000 0102', /^silence$/],
    ['one byte', '00', /^silence$/],
    ['internal port 0 with a lifetime', '0001 0000 0000 0000 0000003c', /^00810002/],
  ])('answers %s', async (_what, request, answer) => {
    const { talk } = await scene();
    expect(await talk.datagram(request)).toMatch(answer);
  });

  it('refuses with 3 while the external address is private or missing (N3)', async () => {
    const { talk } = await scene('private-wan');
    expect(await talk.datagram('0000')).toMatch(/^00800003/);
    expect(await talk.datagram('0001 0000 1388 1388 0000003c')).toMatch(/^00810003/);
  });

  it('answers PCP with version 0 and result 1 when it knows NAT-PMP only (P1)', async () => {
    const { talk } = await scene('pcp-answers-version-0');
    expect(await talk.datagram(`02000000 00000000 ${'00'.repeat(10)}ffffc0a8010a`)).toMatch(/^00800001.{8}$/);
  });

  it('is answered with version 2 and result 1 by a PCP-only server (P2)', async () => {
    const { talk } = await scene('pcp-only');
    expect(await talk.datagram('0000')).toMatch(/^02800001/);
  });

  it('meets a closed port where the router speaks UPnP only', async () => {
    const { talk } = await scene('upnp-only');
    expect(await talk.datagram('0000')).toBe('refused');
  });
});

describe('a VPN gateway', () => {
  it('gives a port of its own for a minute at most (P5, P6)', async () => {
    const { talk } = await scene('natpmp-only-vpn');
    const answer = await talk.datagram('0001 0000 1388 1388 00001c20');
    expect(answer).toMatch(/^00810000.{8}1388.{4}0000003c$/);
    expect(answer.slice(20, 24)).not.toBe('1388');
    expect((await talk.datagram('0001 0000 1388 1388 00001c20')).slice(20, 24)).toBe(answer.slice(20, 24));
    expect(await talk.datagram('0000')).toMatch(/0b16212c$/);
  });
});

describe('NAT-PMP habits', () => {
  it('closes its port for a moment, now and then (P4)', async () => {
    const { talk, world } = await scene('transient-refused');
    expect(await talk.datagram('0000')).toMatch(/^0080/);
    await world.run(inSeconds(61));
    expect(await talk.datagram('0000')).toBe('refused');
    await world.run(inSeconds(5));
    expect(await talk.datagram('0000')).toMatch(/^0080/);
  });

  it('opens one port after the other for the same request (P7)', async () => {
    const { talk, router } = await scene('new-port-each-time');
    for (let count = 0; count < 3; count++) await talk.datagram('0001 0000 1388 1388 00001c20');
    expect(new Set(router.table().map(({ externalPort }) => externalPort)).size).toBe(3);
  });

  it('refuses external port 0 (P8)', async () => {
    const { talk } = await scene('refuses-port-0');
    expect(await talk.datagram('0001 0000 1388 0000 00001c20')).toMatch(/^00810002/);
    expect(await talk.datagram('0001 0000 1388 1388 00001c20')).toMatch(/^00810000/);
  });

  it('cuts ports to eight bits (P9)', async () => {
    const { talk } = await scene('eight-bit-ports');
    expect(await talk.datagram('0001 0000 1388 1388 00001c20')).toMatch(/^00810000.{8}00880088/);
  });

  it('says out of resources when its table is full (C19)', async () => {
    const { talk } = await scene(personality({ mapping: { capacity: { entries: 1, whenFull: 728 } } }));
    await talk.datagram('0001 0000 1388 1388 00001c20');
    expect(await talk.datagram('0001 0000 1389 1389 00001c20')).toMatch(/^00810004/);
    expect(await talk.datagram('0001 0000 1388 1388 00001c20')).toMatch(/^00810000/);
  });
});
