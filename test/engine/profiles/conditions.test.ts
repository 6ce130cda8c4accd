import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import type { OpensWhile } from '../../../main/contract/profiles/opens-while.ts';
import type { ProfileId } from '../../../main/contract/profiles/profile.ts';
import { inHours, inMinutes, inSeconds, millis, port } from '../../../main/contract/units.ts';
import { conditionAfter, type ConditionState } from '../../../main/engine/profiles/conditions.ts';
import type { WaitingSocket } from '../../../main/system/system.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

const SERVER: WaitingSocket = { transport: 'tcp', address: ip('0.0.0.0'), port: port(25_565) };

let at: AppHome;
let sockets: readonly WaitingSocket[];
let programs: ReadonlySet<string>;
let isMute: boolean;
let looks: number;

beforeEach(async () => {
  sockets = [];
  programs = new Set();
  isMute = false;
  looks = 0;
  const told = async <Value>(value: () => Value): Promise<Value> => {
    looks += 1;
    if (isMute) throw new Error('EACCES');
    return value();
  };
  at = await AppHome.start({
    around: (system) => ({ ...system, listeners: () => told(() => sockets), programs: () => told(() => programs) }),
  });
});
afterEach(async () => {
  await at.stop();
});

async function conditional(opensWhile: OpensWhile): Promise<ProfileId> {
  const id = await at.add('Minecraft', [tcp(25_565)]);
  await at.do('profile.change', { id, profile: { opensWhile } });
  await at.do('profile.switch', { id, on: true });
  return id;
}

/** How often the router's table has changed, second by second. */
async function changesDuring(seconds: number, each: (second: number) => void): Promise<number> {
  let changes = 0;
  let before = at.table.length;
  for (let second = 0; second < seconds; second++) {
    each(second);
    await at.world.run(inSeconds(1));
    if (at.table.length !== before) changes += 1;
    before = at.table.length;
  }
  return changes;
}

const facts = async () => (await at.do('activity.read', {})).entries.map(({ fact }) => fact);

describe('while a program listens', () => {
  test('it opens within three seconds after the program began to, and closes within three after its end', async () => {
    const id = await conditional({ is: 'listening' });
    await at.world.run(inMinutes(5));
    expect(at.table).toEqual([]);
    expect(at.snapshot.conditions).toEqual([{ profile: id, isMet: false, isUnknown: false }]);
    sockets = [SERVER];
    await at.world.run(inSeconds(3));
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    sockets = [];
    await at.world.run(inSeconds(3));
    expect(at.table).toEqual([]);
    expect((await facts()).filter(({ is }) => is === 'condition')).toMatchObject([{ isMet: true }, { isMet: false }]);
  });

  test('a restart of the program cuts nothing', async () => {
    await conditional({ is: 'listening' });
    sockets = [SERVER];
    await at.world.run(inSeconds(5));
    const changes = await changesDuring(30, (second) => (sockets = second % 3 === 0 ? [] : [SERVER]));
    expect(changes).toBe(0);
  });

  test('ten slower restarts close once and open once at most', async () => {
    await conditional({ is: 'listening' });
    sockets = [SERVER];
    await at.world.run(inSeconds(5));
    const changes = await changesDuring(100, (second) => (sockets = second % 10 < 5 ? [] : [SERVER]));
    expect(changes).toBe(2);
  });

  test('a socket of loopback alone, of UDP or of another port is not what others reach', async () => {
    await conditional({ is: 'listening' });
    sockets = [
      { ...SERVER, address: ip('127.0.0.1') },
      { ...SERVER, transport: 'udp' },
      { ...SERVER, port: port(25_566) },
    ];
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual([]);
  });

  test('it is known when the switch is answered', async () => {
    sockets = [SERVER];
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.change', { id, profile: { opensWhile: { is: 'listening' } } });
    await at.do('profile.switch', { id, on: true });
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
  });

  test('a system that stops telling closes nothing, and the face says so', async () => {
    await conditional({ is: 'listening' });
    sockets = [SERVER];
    await at.world.run(inSeconds(3));
    isMute = true;
    await at.world.run(inMinutes(1));
    expect(at.table).toHaveLength(1);
    expect(at.snapshot.conditions).toMatchObject([{ isMet: true, isUnknown: true }]);
  });

  test('a restart of Portkeeper cuts nothing', async () => {
    await conditional({ is: 'listening' });
    sockets = [SERVER];
    await at.world.run(inSeconds(5));
    at.kill();
    at = await at.again();
    expect(await changesDuring(20, () => undefined)).toBe(0);
    expect(at.table).toHaveLength(1);
  });

  test('one that forwards to other devices only is refused', async () => {
    const id = await at.add('NAS', [{ ...tcp(443), internal: { first: 443, client: '192.168.1.20' } }]);
    const fault = await at.refused('profile.change', { id, profile: { opensWhile: { is: 'listening' } } });
    expect(fault).toMatchObject({ code: 'bad-input', place: 'profile.opensWhile' });
  });

  test('its ports are kept from others while it waits', async () => {
    await conditional({ is: 'listening' });
    const fault = await at.refused('profile.add', {
      profile: { name: 'Other', forwards: [tcp(25_565)], on: true },
    });
    expect(fault.code).toBe('conflict');
  });
});

test('while a program runs, by its file name', async () => {
  await conditional({ is: 'running', program: String.raw`C:\Java\bin\Java.exe` });
  programs = new Set(['java', 'systemd']);
  await at.world.run(inSeconds(3));
  expect(at.table).toHaveLength(1);
  programs = new Set(['systemd']);
  await at.world.run(inSeconds(5));
  expect(at.table).toEqual([]);
});

test('at certain hours, to the minute', async () => {
  // The world begins at a moment of its own; the hours are set around it.
  const begin = at.home.client.system.clock.now();
  const clock = (later: number): string => new Date(begin + later * 60_000).toISOString().slice(11, 16);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
  await conditional({ is: 'hours', days, from: clock(10), to: clock(70) });
  expect(at.table).toEqual([]);
  expect(at.snapshot.conditions[0]?.until).toBe(Math.floor(begin / 60_000 + 10) * 60_000);
  await at.world.run(inMinutes(10));
  expect(at.table).toHaveLength(1);
  await at.world.run(inMinutes(59));
  expect(at.table).toHaveLength(1);
  await at.world.run(inMinutes(1));
  expect(at.table).toEqual([]);
  expect(looks).toBe(0);
});

describe('for a time', () => {
  test('the switch goes off automatically, and says until when', async () => {
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true, for: 7200 });
    const until = at.snapshot.profiles[0]?.onUntil ?? 0;
    expect(until - at.home.client.system.clock.now()).toBeGreaterThan(inMinutes(119));
    await at.world.run(inMinutes(119));
    expect(at.table).toHaveLength(1);
    await at.world.run(inMinutes(2));
    expect(at.table).toEqual([]);
    expect(at.snapshot.profiles[0]).not.toHaveProperty('onUntil');
    expect(at.snapshot.profiles[0]?.on).toBe(false);
  });

  test('its time also passes while Portkeeper does not run', async () => {
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true, for: 7200 });
    at.kill();
    await at.world.run(inHours(3));
    at = await at.again();
    await at.world.run(inSeconds(30));
    expect(at.snapshot.profiles[0]?.on).toBe(false);
    expect(at.table).toEqual([]);
  });

  test('turned on again, it stays on', async () => {
    const id = await at.add('Minecraft', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true, for: 60 });
    await at.do('profile.switch', { id, on: true });
    await at.world.run(inMinutes(5));
    expect(at.table).toHaveLength(1);
  });
});

test('without conditions nothing is checked', async () => {
  await at.add('Minecraft', [tcp(25_565)], true);
  await at.world.run(inMinutes(10));
  expect(looks).toBe(0);
});

test('however a program comes and goes, it is open when it is there, and its ports change twice a minute at most', () => {
  const comings = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 20 })), { maxLength: 60 });
  fc.assert(
    fc.property(comings, (spans) => {
      let state: ConditionState | undefined;
      let now = 0;
      const changes: number[] = [];
      for (const [isThere, seconds] of spans) {
        for (let second = 0; second < seconds; second++) {
          const before = state?.isMet ?? false;
          state = conditionAfter(state, isThere, millis(now));
          if (isThere) expect(state.isMet).toBe(true);
          if (state.isMet !== before) changes.push(now);
          now += 1000;
        }
      }
      for (const [place, moment] of changes.entries()) {
        const closely = changes.slice(place).filter((later) => later - moment < 28_000);
        expect(closely.length).toBeLessThanOrEqual(4);
      }
    }),
  );
});
