import { describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inSeconds, port } from '../../../main/contract/units.ts';
import { AppHome, tcp, udp } from '../../support/app-home.ts';

describe('another external port for a forward', () => {
  test('takes the way out of a conflict that the router reported', async () => {
    const at = await AppHome.start();
    at.home.router.addMapping({
      transport: 'tcp',
      externalPort: 25_565,
      internalClient: ip('192.168.1.11'),
      internalPort: 25_565,
      description: 'brother',
      expiresAt: 'never',
      owner: 'manual',
    });
    const id = await at.add('Minecraft', [udp(19_132), tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    const refused = at.snapshot.engine.mappings.find(({ status }) => status.at === 'refused');
    expect(refused?.forward).toBe('minecraft/2');
    expect(await at.do('forward.use-port', { forward: 'minecraft/2', external: port(25_566) })).toEqual({ id });
    await at.world.until(() => at.table.length === 3, inSeconds(30), 'the other port');
    expect(at.table).toContain('tcp 25566 -> 192.168.1.10:25565');
    expect(at.snapshot.profiles[0]?.forwards).toMatchObject([
      { external: { first: 19_132 } },
      { external: { first: 25_566, last: 25_566 }, internal: { first: 25_565 } },
    ]);
    await at.stop();
  });

  test('keeps the length of a range, and what is inside', async () => {
    const at = await AppHome.start({ runs: false });
    await at.add('Steam', [udp(27_000, 27_015)]);
    await at.do('forward.use-port', { forward: 'steam/1', external: port(28_000) });
    expect(at.snapshot.profiles[0]?.forwards).toMatchObject([
      { external: { first: 28_000, last: 28_015 }, internal: { first: 27_000 } },
    ]);
    expect(at.storage.document('profiles')).toMatchObject({
      profiles: [{ forwards: [{ external: { first: 28_000 } }] }],
    });
  });

  test.for<readonly [forward: string, external: number, fault: object]>([
    ['web/9', 80, { code: 'no-such-forward', place: 'forward' }],
    ['web/0', 80, { code: 'no-such-forward', place: 'forward' }],
    ['25565/tcp', 80, { code: 'no-such-forward', place: 'forward' }],
    ['', 80, { code: 'bad-input', place: 'forward' }],
    ['web/1', 0, { code: 'bad-input', place: 'external' }],
    // A range of 11 ports.
    ['web/1', 65_526, { code: 'bad-input', place: 'external', message: expect.stringContaining('at most 65525') }],
    ['web/1', 9090, { code: 'bad-input', place: 'external', message: expect.stringContaining('9090/tcp') }],
    ['web/1', 7000, { code: 'conflict', place: 'external', message: expect.stringContaining('“Other”') }],
    ['web/3', 7777, { code: 'bad-input', place: 'forward', message: expect.stringContaining('IPv6') }],
  ])('%s to %i is refused, and all stays as it was', async ([forward, external, fault]) => {
    const at = await AppHome.start({ runs: false });
    await at.add('Web', [tcp(8080, 8090), tcp(9090), { ...tcp(8443), families: ['ipv6'] }], true);
    await at.add('Other', [tcp(7005)], true);
    const before = at.snapshot;
    expect(await at.refused('forward.use-port', { forward, external })).toMatchObject(fault);
    expect(at.snapshot).toEqual(before);
  });

  test('may claim what a profile that is off claims', async () => {
    const at = await AppHome.start({ runs: false });
    await at.add('Web', [tcp(8080)], true);
    await at.add('Other', [tcp(7005)]);
    await at.do('forward.use-port', { forward: 'web/1', external: port(7005) });
    expect(at.snapshot.profiles[0]?.forwards).toMatchObject([{ external: { first: 7005 } }]);
  });
});
