import { describe, expect, test } from 'vitest';
import { isShown } from '../../../main/contract/activity.ts';
import { ip } from '../../../main/contract/address.ts';
import type { ProfileId } from '../../../main/contract/profiles/profile.ts';
import { inHours, inMinutes, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { activityText } from '../../../main/contract/words/activity.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { SimMapping } from '../../../main/simulator/router/router-table.ts';
import { told, withoutRenewals } from '../../support/activity-talk.ts';
import { AppHome, tcp, udp, type AppHomeOptions } from '../../support/app-home.ts';
import { addOtherNetwork } from '../../support/other-network.ts';

/** Two forwards of one profile, open for half an hour. */
async function minecraft(options: AppHomeOptions = {}): Promise<AppHome & { readonly id: ProfileId }> {
  const at = await AppHome.start(options);
  const id = await at.add('Minecraft', [tcp(25_565), udp(19_132)]);
  await at.do('profile.switch', { id, on: true });
  await at.world.run(inMinutes(30));
  return Object.assign(at, { id });
}

const brothers = (externalPort: number): SimMapping => ({
  transport: 'tcp',
  externalPort,
  internalClient: ip('192.168.1.11'),
  internalPort: externalPort,
  description: 'brother',
  expiresAt: 'never',
  owner: 'manual',
});

describe('a person’s actions', () => {
  test('is noted with what follows from it, in that order', async () => {
    const at = await AppHome.start();
    await at.world.run(inSeconds(20));
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    await at.do('settings.change', { settings: { paused: true } });
    await at.world.run(inSeconds(5));
    await at.do('settings.change', { settings: { paused: false } });
    await at.world.run(inSeconds(5));
    await at.do('profile.switch', { id, on: false });
    expect(await told(at)).toEqual([
      'started',
      'gateway-found',
      'Minecraft on',
      'opened Minecraft 25565',
      'paused',
      'closed Minecraft 25565',
      'resumed',
      'opened Minecraft 25565',
      'Minecraft off',
      'closed Minecraft 25565',
    ]);
    await at.stop();
  });

  test('is in the snapshot that says that there is something new', async () => {
    const at = await AppHome.start();
    await at.world.run(inSeconds(20));
    const id = await at.add('Web', [tcp(8080)]);
    const seen: string[] = [];
    at.app.watch(({ activity, profiles, engine }) =>
      seen.push(`${activity} ${profiles[0]?.on === true ? 'on' : 'off'} ${engine.mappings[0]?.status.at ?? '-'}`),
    );
    await at.do('profile.switch', { id, on: true });
    await at.world.run(inSeconds(10));
    const { entries } = await at.do('activity.read', {});
    const [switched, opened] = ['switched', 'opened'].map((is) => entries.find(({ fact }) => fact.is === is)?.id);
    expect(seen.find((line) => line.includes('on'))).toBe(`${switched} on opening`);
    expect(seen.find((line) => line.includes('open') && !line.includes('opening'))).toBe(`${opened} on open`);
    await at.stop();
  });

  test('to a forward that is open moves it: closed at the old port, opened at the new one', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    await at.do('forward.use-port', { forward: 'minecraft/1', external: port(25_570) });
    await at.world.run(inSeconds(10));
    expect(await told(at, before)).toEqual(['closed Minecraft 25565', 'opened Minecraft 25570']);
    const { forwards } = await at.do('activity.times', {});
    expect(forwards.map(({ external, open }) => `${external.first}: ${open.length}`)).toEqual([
      '25570: 1',
      '19132: 1',
      '25565: 1',
    ]);
    await at.stop();
  });

  test('to a name is not news; later events appear under the new one', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    await at.do('profile.change', { id: at.id, profile: { name: 'Survival' } });
    await at.world.run(inSeconds(10));
    expect(await told(at, before)).toEqual([]);
    await at.do('profile.remove', { id: at.id });
    await at.world.run(inSeconds(10));
    expect((await told(at, before)).toSorted()).toEqual(['closed Survival 19132', 'closed Survival 25565']);
    await at.stop();
  });

  test('to where routers are searched for closes all, and opens it again by what is found then', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    await at.do('settings.change', { settings: { protocol: 'upnp' } });
    await at.world.run(inMinutes(1));
    const all = await told(at, before);
    expect(all.slice(0, 2).toSorted()).toEqual(['closed Minecraft 19132', 'closed Minecraft 25565']);
    expect(all.slice(2).toSorted()).toEqual(['gateway-found', 'opened Minecraft 19132', 'opened Minecraft 25565']);
    await at.stop();
  });
});

describe('a router', () => {
  test('that restarts is noted, not the seconds until all is open again', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    at.home.router.reboot();
    await at.world.run(inMinutes(10));
    expect(withoutRenewals(await told(at, before))).toEqual(['gateway-restarted']);
    await at.stop();
  });

  test('that is away for a while is noted, with what was lost and came back', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    at.home.router.powerOff();
    await at.world.run(inMinutes(10));
    expect(await told(at, before)).toEqual(['gateway-away', 'lost Minecraft 25565', 'lost Minecraft 19132']);
    const away = at.snapshot.activity;
    at.home.router.powerOn();
    await at.world.run(inMinutes(10));
    expect(await told(at, away)).toEqual([
      'gateway-back',
      'opened Minecraft 25565',
      'opened Minecraft 19132',
      'gateway-restarted',
    ]);
    await at.stop();
  });

  test('that gets another public IP address is noted with both', async () => {
    const at = await minecraft({ router: personality('upnp-only') });
    const before = at.snapshot.activity;
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.world.run(inMinutes(5));
    expect(withoutRenewals(await told(at, before))).toEqual(['11.22.33.44 -> 11.22.33.99']);
    await at.stop();
  });

  test('whose line is down for a moment is not noted; for longer, it is, and as a problem', async () => {
    const at = await minecraft({ router: personality('upnp-only') });
    const before = at.snapshot.activity;
    at.home.router.changeExternalAddress('none');
    await at.world.run(inSeconds(5));
    at.home.router.changeExternalAddress(ip('11.22.33.44'));
    await at.world.run(inMinutes(5));
    expect(withoutRenewals(await told(at, before))).toEqual([]);
    at.home.router.changeExternalAddress('none');
    await at.world.run(inMinutes(5));
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.world.run(inMinutes(5));
    expect(withoutRenewals(await told(at, before))).toEqual([
      '11.22.33.44 -> none',
      'problem no-external-address',
      'none -> 11.22.33.99',
      'solved no-external-address',
    ]);
    await at.stop();
  });

  test('that had another address when it was last heard of is noted when it is found again', async () => {
    const first = await minecraft();
    first.kill();
    first.home.router.changeExternalAddress(ip('11.22.33.99'));
    const at = await first.again();
    await at.world.run(inSeconds(30));
    expect((await told(at, first.snapshot.activity)).toSorted()).toEqual([
      '11.22.33.44 -> 11.22.33.99',
      'gateway-found',
      'opened Minecraft 19132',
      'opened Minecraft 25565',
      'started',
    ]);
    await at.stop();
  });

  test('that refuses is noted once, with the holder of the port', async () => {
    const at = await AppHome.start();
    at.home.router.addMapping(brothers(25_565));
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    // It is asked again each quarter of an hour.
    await at.world.run(inHours(2));
    const { entries } = await at.do('activity.read', {});
    const refusals = entries.map(({ fact }) => fact).filter((fact) => fact.is === 'refused');
    expect(refusals).toMatchObject([
      {
        name: 'Minecraft',
        problem: { code: 'conflict', parameters: { holder: '192.168.1.11', holderName: 'brother' } },
      },
    ]);
    at.home.router.removeMapping('tcp', 25_565);
    await at.world.run(inMinutes(20));
    at.home.router.addMapping(brothers(25_565));
    await at.world.run(inHours(3));
    expect(withoutRenewals(await told(at)).slice(3)).toEqual([
      'refused Minecraft 25565: conflict',
      'opened Minecraft 25565',
      'refused Minecraft 25565: conflict',
    ]);
    await at.stop();
  });

  test('that closes the connection is noted once with that reason, however often it is asked', async () => {
    const at = await minecraft({ router: personality('upnp-only', 'hangs-up-on-add') });
    const { entries } = await at.do('activity.read', {});
    const lines = entries.flatMap(({ fact }) => (isShown(fact) ? activityText(fact, 'en') : []));
    const reason = 'Your router closes the connection when asked to open a port.';
    expect(lines.filter((line) => line.includes(reason))).toHaveLength(1);
    expect(lines.join('\n')).not.toMatch(/stopped answering/);
    await at.stop();
  });

  test('that gives another port is noted with it', async () => {
    const at = await AppHome.start();
    at.home.router.addMapping(brothers(25_565));
    const id = await at.add('Minecraft', [{ ...tcp(25_565), ifTaken: 'next-free' }]);
    await at.do('profile.switch', { id, on: true });
    expect((await told(at)).at(-1)).toBe('opened Minecraft 25565 as 25566');
    await at.stop();
  });

  test('that renews fifty forwards is noted once an hour at most', async () => {
    const at = await AppHome.start();
    const ports = Array.from({ length: 50 }, (_, n) => tcp(30_000 + n));
    await at.add('Games', ports, true);
    await at.world.run(inHours(8));
    const renewals = (await told(at)).filter((line) => line.startsWith('renewed'));
    expect(renewals.length).toBeGreaterThan(2);
    expect(renewals.length).toBeLessThan(9);
    await at.stop();
  });
});

describe('a laptop', () => {
  test('without a network for a while is noted once, whatever waits for it', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    at.home.client.interface('eth0')?.setUp(false);
    await at.world.run(inSeconds(2));
    at.home.client.interface('eth0')?.setUp(true);
    await at.world.run(inMinutes(5));
    expect(withoutRenewals(await told(at, before)).filter((line) => line !== 'gateway-found')).toEqual([]);
    const later = at.snapshot.activity;
    at.home.client.interface('eth0')?.setUp(false);
    await at.world.run(inMinutes(20));
    at.home.client.interface('eth0')?.setUp(true);
    await at.world.run(inMinutes(5));
    expect(await told(at, later)).toEqual([
      'lost Minecraft 25565',
      'lost Minecraft 19132',
      'problem no-network',
      'opened Minecraft 25565',
      'opened Minecraft 19132',
      'gateway-found',
      'solved no-network',
    ]);
    await at.stop();
  });

  test('that is carried to another network and back is noted by what is found there', async () => {
    const at = await minecraft();
    const cafe = await addOtherNetwork(at.home, personality('pcp-only'));
    const before = at.snapshot.activity;
    cafe.enter();
    await at.world.run(inMinutes(10));
    cafe.leave();
    await at.world.run(inMinutes(10));
    const all = await told(at, before);
    expect(all.filter((line) => line === 'gateway-found')).toHaveLength(2);
    expect(all.filter((line) => line.startsWith('lost'))).toEqual([]);
    expect(at.snapshot.engine.mappings.map(({ status }) => status.at)).toEqual(['open', 'open']);
    await at.stop();
  });
});

describe('Portkeeper', () => {
  test('that closes all at its end says so', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    await at.finish(at.app.leave(inSeconds(15), 'close'));
    await at.stop();
    const idle = await at.again({ runs: false });
    const all = withoutRenewals(await told(idle, before));
    expect(all.slice(0, 2).toSorted()).toEqual(['closed Minecraft 19132', 'closed Minecraft 25565']);
    expect(all.slice(2)).toEqual(['ended, left closed']);
  });

  test('that leaves all open at its end says so, and closes nothing in its record', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    await at.finish(at.app.leave(inSeconds(15), 'keep'));
    await at.stop();
    const idle = await at.again({ runs: false });
    expect(withoutRenewals(await told(idle, before))).toEqual(['ended, left open']);
  });

  test('that cannot close at its end says that something stays open', async () => {
    const at = await minecraft();
    const before = at.snapshot.activity;
    at.home.router.powerOff();
    await at.world.run(millis(100));
    await at.finish(at.app.leave(inSeconds(5), 'close'));
    await at.stop();
    const idle = await at.again({ runs: false });
    expect(withoutRenewals(await told(idle, before))).toEqual(['ended, left open']);
  });
});
