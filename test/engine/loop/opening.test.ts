import { describe, expect, test } from 'vitest';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../../support/engine-home.ts';

describe('in a home', () => {
  test.for(['miniupnpd', 'miniupnpd-igd1', 'upnp-only', 'pxp-only', 'pcp-only', 'pcp-answers-version-0'] as const)(
    'with a router like %s, what is wanted gets open and what is not gets closed',
    async (name) => {
      const at = await EngineHome.start({ router: personality(name) });
      await at.want(forward('minecraft', 25_565), forward('factorio', 34_197, { transports: ['udp'] }));
      expect(at.snapshot.mappings.map(({ status }) => status)).toMatchObject([{ at: 'open' }, { at: 'open' }]);
      expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565', 'udp 34197 -> 192.168.1.10:34197']);
      await at.home.serve(at.home.client, 'tcp', 25_565);
      expect(await at.home.whoAnswers('tcp', 25_565)).toBe('client');
      await at.want(forward('factorio', 34_197, { transports: ['udp'] }));
      expect(at.table).toEqual(['udp 34197 -> 192.168.1.10:34197']);
      await at.want();
      expect(at.table).toEqual([]);
      await at.stop();
    },
  );

  test('leases are renewed before they end', async () => {
    const at = await EngineHome.start();
    await at.want(forward('minecraft', 25_565));
    await at.world.run(inMinutes(600));
    expect(at.allOpen).toBe(true);
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    await at.stop();
  });

  test('a router that rebooted and forgot is noticed, and everything is open again', async () => {
    const at = await EngineHome.start();
    await at.want(forward('minecraft', 25_565), forward('web', 8080));
    await at.world.run(inMinutes(3));
    at.home.router.reboot({ downFor: inSeconds(90) });
    await at.world.run(inSeconds(60));
    expect(at.table).toEqual([]);
    await at.world.run(inSeconds(30 + 65));
    expect(at.table).toHaveLength(2);
    expect(at.allOpen).toBe(true);
    await at.stop();
  });

  test('kill -9 and a restart leave no mapping that nobody wants', async () => {
    const at = await EngineHome.start();
    await at.want(forward('minecraft', 25_565), forward('web', 8080));
    at.restart();
    await at.want(forward('web', 8080));
    expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
    await at.stop();
  });
});
