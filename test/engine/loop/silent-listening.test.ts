/** Where a firewall would ask the person as soon as somebody listens, nobody does, and ports are kept open all the same. */
import { afterEach, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { System } from '../../../main/system/system.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

let at: AppHome;

afterEach(async () => {
  await at.stop();
});

/** Notes every place where something is waited for that nobody has asked for. */
function noting(listened: string[], mayListen: boolean) {
  return (system: System): System => ({
    ...system,
    mayListen: async () => mayListen,
    udp: {
      open: (options) => {
        if ((options.localPort ?? 0) !== 0) listened.push(`udp ${options.localPort}`);
        return system.udp.open(options);
      },
    },
    tcp: {
      ...system.tcp,
      connect: (...args) => system.tcp.connect(...args),
      connectLocal: (...args) => system.tcp.connectLocal(...args),
      listen: (options) => {
        listened.push('tcp');
        return system.tcp.listen(options);
      },
    },
  });
}

test.each(['miniupnpd', 'upnp-only'] as const)('%s', async (name) => {
  const listened: string[] = [];
  at = await AppHome.start({ router: personality(name), around: noting(listened, false) });
  await at.add('Web', [tcp(8080)], true);
  await at.world.run(inMinutes(40));
  expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
  at.home.router.reboot({ downFor: inSeconds(30) });
  await at.world.run(inMinutes(5));
  expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
  expect(listened).toEqual([]);
});

test('where it may, it listens', async () => {
  const listened: string[] = [];
  at = await AppHome.start({ router: personality('upnp-only'), around: noting(listened, true) });
  await at.add('Web', [tcp(8080)], true);
  await at.world.run(inMinutes(10));
  expect(new Set(listened)).toEqual(new Set(['udp 1900', 'udp 5350', 'tcp']));
});
