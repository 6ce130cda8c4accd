import { describe, expect, test } from 'vitest';
import type { ActivityFact } from '../../main/contract/activity.ts';
import { isShown } from '../../main/contract/activity.ts';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities.ts';
import type { AppHomeOptions } from '../support/app-home.ts';
import { AppHome, tcp, udp } from '../support/app-home.ts';

/** As `opened Minecraft 25565`. */
function inBrief(fact: ActivityFact): string {
  switch (fact.is) {
    case 'opened':
      return `opened ${fact.name} ${fact.external.first}${fact.granted === undefined ? '' : ` as ${fact.granted}`}`;
    case 'closed':
    case 'lost':
      return `${fact.is} ${fact.name} ${fact.external.first}`;
    case 'refused':
      return `refused ${fact.name} ${fact.external.first}: ${fact.problem.code}`;
    case 'problem':
    case 'solved':
      return `${fact.is} ${fact.problem.code}`;
    case 'switched':
      return `${fact.name} ${fact.on ? 'on' : 'off'}`;
    case 'address-changed':
      return `${fact.from} -> ${fact.to}`;
    case 'renewed':
      return `renewed ${fact.forwards}`;
    case 'ended':
      return `ended, left ${fact.left}`;
    default:
      return fact.is;
  }
}

/** What people are told, from the entry after `after` on. */
async function told(at: AppHome, after = 0): Promise<readonly string[]> {
  const { entries } = await at.do('activity.read', { after });
  return entries.map(({ fact }) => fact).flatMap((fact) => (isShown(fact) ? inBrief(fact) : []));
}

const withoutRenewals = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.startsWith('renewed'));

/** Two forwards of one profile, open for half an hour. */
async function minecraft(options: AppHomeOptions = {}): Promise<AppHome> {
  const at = await AppHome.start(options);
  const id = await at.add('Minecraft', [tcp(25_565), udp(19_132)]);
  await at.do('profile.switch', { id, on: true });
  await at.world.run(inMinutes(30));
  return at;
}

describe('what a person does', () => {
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

  test('that gets another outside address is noted with both', async () => {
    const at = await minecraft({ router: personality('upnp-only') });
    const before = at.snapshot.activity;
    at.home.router.changeExternalAddress(ip('11.22.33.99'));
    await at.world.run(inMinutes(5));
    expect(withoutRenewals(await told(at, before))).toEqual(['11.22.33.44 -> 11.22.33.99']);
    await at.stop();
  });
});
