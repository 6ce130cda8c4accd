/** Tests of every client of the contract, whatever carries it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AppClient, AppSnapshot, CommandInput, HoldEnd } from '../../main/contract/commands.ts';
import type { ProfileId } from '../../main/contract/profiles/profile.ts';
import { millis } from '../../main/contract/units.ts';
import { AppHome, tcp } from '../support/app-home.ts';

/** Windows hold nothing; programs do. */
type Client = Pick<AppClient, 'ask' | 'watch'> & Partial<Pick<AppClient, 'hold'>>;

interface Connected<Kind extends Client> {
  readonly client: Kind;
  /** Ends the connection. */
  readonly end: () => Promise<void>;
}

/** A client of the app that lives in a home. */
type Connect<Kind extends Client> = (at: AppHome) => Promise<Connected<Kind>>;

/** Longer than anything takes that is not stuck, in milliseconds. */
const HANG = 30_000;

/** Lets time pass in the home, and outside for what carries the commands. */
export async function during<Value>(at: AppHome, work: Promise<Value>): Promise<Value> {
  const done = new AbortController();
  const finish = (): void => done.abort();
  work.then(finish, finish);
  await until(at, () => done.signal.aborted);
  return await work;
}

export async function until(at: AppHome, condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 1) {
    if (waited > HANG) throw new Error('it never happened');
    await at.world.run(millis(50));
    await sleep(1);
  }
}

export function clientSuite(name: string, connect: Connect<Client>): void {
  describe(name, () => {
    let at: AppHome;
    let client: Client;
    let end: () => Promise<void>;

    beforeEach(async () => {
      at = await AppHome.start();
      ({ client, end } = await connect(at));
    });
    afterEach(async () => {
      await end();
      await at.stop();
    });

    const added = (title: string, port: number): Promise<ProfileId> => add(at, client, title, port);

    test('answers a command when it is done', async () => {
      const id = await added('Web', 8080);
      expect(await during(at, client.ask('profile.switch', { id, on: true }))).toEqual({ ok: true, value: { id } });
      expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080']);
      await during(at, client.ask('profile.switch', { id, on: false }));
      expect(at.table).toEqual([]);
    });

    test('answers a refusal with its place', async () => {
      const answer = await during(at, client.ask('settings.change', { settings: { lease: 1 } }));
      expect(answer).toEqual({
        ok: false,
        fault: {
          code: 'bad-input',
          place: 'settings.lease',
          reason: {
            code: 'bad-input',
            parameters: { place: 'settings.lease', why: { code: 'too-small', parameters: { least: 60 } }, more: 0 },
          },
          message: 'settings.lease: is too small (minimum 60)',
        },
      });
    });

    test('carries whole documents, in any script', async () => {
      const forwards = Array.from({ length: 200 }, (_, each) => ({ ...tcp(1000 + each), label: 'Spiel – 东方 🎮' }));
      const profiles = Array.from({ length: 50 }, (_, each) => ({ id: `p-${each}`, name: `Größe ${each}`, forwards }));
      const document = { version: 1, profiles };
      const answer = await during(at, client.ask('profiles.import', { document, mode: 'replace' }));
      expect(answer.ok && answer.value.added).toHaveLength(50);
      const exported = await during(at, client.ask('profiles.export', {}));
      expect(exported).toMatchObject({ ok: true, value: { document } });
    });

    test('shows the snapshot at once, and each change, until it is stopped', async () => {
      const seen: AppSnapshot[] = [];
      const unwatch = client.watch((snapshot) => seen.push(snapshot));
      await until(at, () => seen.length > 0);
      expect(seen[0]?.profiles).toEqual([]);
      await added('Web', 8080);
      await until(at, () => seen.at(-1)?.profiles[0]?.forwards.length === 1);
      expect(seen.at(-1)).toEqual(at.snapshot);
      const revisions = seen.map(({ revision }) => revision);
      expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
      // A later client sees the current state at once.
      const later: AppSnapshot[] = [];
      client.watch((snapshot) => later.push(snapshot))();
      unwatch();
      const count = seen.length;
      await during(at, client.ask('settings.change', { settings: { theme: 'dark' } }));
      expect(seen).toHaveLength(count);
    });

    test('the answer comes after the snapshot that shows what was done', async () => {
      const seen: AppSnapshot[] = [];
      const unwatch = client.watch((snapshot) => seen.push(snapshot));
      await until(at, () => seen.length > 0);
      await added('Web', 8080);
      expect(at.snapshot.profiles).toHaveLength(1);
      await until(at, () => seen.at(-1)?.profiles.length === 1);
      unwatch();
    });

    test('an abort ends the wait, not what was begun', async () => {
      const id = await added('Web', 8080);
      at.home.router.powerOff();
      const waiting = new AbortController();
      const reason = new Error('no more patience');
      const asked = client.ask('profile.switch', { id, on: true }, waiting.signal);
      asked.catch(() => undefined);
      await until(at, () => at.snapshot.profiles[0]?.on === true);
      waiting.abort(reason);
      await expect(during(at, asked)).rejects.toBe(reason);
      at.home.router.powerOn();
      await until(at, () => at.table.length === 1);
    });

    test('asks nothing with a signal that has aborted', async () => {
      const reason = new Error('too late');
      const profile = { name: 'Web', forwards: [] };
      await expect(client.ask('profile.add', { profile }, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(at.snapshot.profiles).toEqual([]);
    });

    test('many ask at once, and each gets the own answer', async () => {
      const asked = Array.from({ length: 40 }, (_, each) =>
        client.ask('profile.add', { profile: { name: `P ${each}`, forwards: [] } }),
      );
      const ids = (await during(at, Promise.all(asked))).map((answer) => (answer.ok ? answer.value.id : ''));
      const nameOf = (id: string): string | undefined => at.snapshot.profiles.find((each) => each.id === id)?.name;
      expect(ids.map(nameOf)).toEqual(Array.from({ length: 40 }, (_, each) => `P ${each}`));
    });
  });
}

/** For clients that hold as well. */
export function holdingSuite(name: string, connect: Connect<Client & Pick<AppClient, 'hold'>>): void {
  describe(name, () => {
    let at: AppHome;
    let client: Client & Pick<AppClient, 'hold'>;
    let end: () => Promise<void>;

    beforeEach(async () => {
      at = await AppHome.start();
      ({ client, end } = await connect(at));
    });
    afterEach(async () => {
      await end();
      await at.stop();
    });

    test('holds a profile until it is stopped', async () => {
      const id = await add(at, client, 'Web', 8080);
      const holding = new AbortController();
      const held = { what: 'profile', profile: id } as const;
      expect(await during(at, client.hold(held, holding.signal))).toMatchObject({ ok: true, value: { forwards: [] } });
      expect(at.table).toHaveLength(1);
      holding.abort();
      await until(at, () => at.table.length === 0);
      expect(at.snapshot.held).toEqual([]);
    });

    test('says why a profile cannot be held', async () => {
      const id = await add(at, client, 'Web', 8080);
      await during(at, client.ask('profile.remove', { id }));
      const held = { what: 'profile', profile: id } as const;
      expect(await during(at, client.hold(held, new AbortController().signal))).toMatchObject({
        ok: false,
        fault: { code: 'no-such-profile', place: 'profile' },
      });
    });

    test('holds forwards of no profile, which every snapshot shows', async () => {
      const holding = new AbortController();
      const answer = await during(at, client.hold(terminal('open-1', 8080, 9090), holding.signal));
      expect(answer).toMatchObject({ ok: true, value: { forwards: ['open-1:8080/tcp', 'open-1:9090/tcp'] } });
      expect(at.table).toEqual(['tcp 8080 -> 192.168.1.10:8080', 'tcp 9090 -> 192.168.1.10:9090']);
      const forwards = ['open-1:8080/tcp', 'open-1:9090/tcp'];
      const [hold] = at.snapshot.holds;
      expect(hold).toMatchObject({ name: 'open-1', from: 'terminal', label: 'Web', forwards });
      holding.abort();
      await until(at, () => at.table.length === 0);
      expect(at.snapshot.holds).toEqual([]);
    });

    test('learns that somebody else has released what it holds', async () => {
      const ends: HoldEnd[] = [];
      const holding = new AbortController();
      await during(
        at,
        client.hold(terminal('open-1', 8080), holding.signal, (why) => ends.push(why)),
      );
      expect(await during(at, client.ask('forwards.release', { hold: 'open-1' }))).toMatchObject({ ok: true });
      expect(at.table).toEqual([]);
      await until(at, () => ends.length > 0);
      expect(ends).toEqual(['released']);
      const again = await during(at, client.ask('forwards.release', { hold: 'open-1' }));
      expect(again).toMatchObject({ ok: false, fault: { reason: { code: 'no-such-hold' } } });
    });

    test('replaces a list in place, and the end of the older connection releases nothing', async () => {
      const ends: HoldEnd[] = [];
      const [older, newer] = [new AbortController(), new AbortController()];
      await during(
        at,
        client.hold(terminal('run-1', 8080, 9090), older.signal, (why) => ends.push(why)),
      );
      const count = asked(at);
      await during(at, client.hold(terminal('run-1', 9090, 7070), newer.signal));
      expect(at.table).toEqual(['tcp 7070 -> 192.168.1.10:7070', 'tcp 9090 -> 192.168.1.10:9090']);
      // One was closed and one opened; the one in both lists was left alone.
      expect(asked(at) - count).toBe(2);
      await until(at, () => ends.length > 0);
      expect(ends).toEqual(['replaced']);
      older.abort();
      await at.world.run(millis(10_000));
      expect(at.table).toHaveLength(2);
      newer.abort();
      await until(at, () => at.table.length === 0);
    });

    test('is refused what makes no sense, with the place', async () => {
      const held = { ...terminal('open-1', 8080), forwards: [{ id: 'x', ...tcp(0) }] };
      expect(await during(at, client.hold(held, new AbortController().signal))).toMatchObject({
        ok: false,
        fault: { code: 'bad-input', place: 'forwards.0.external.first' },
      });
    });
  });
}

function terminal(hold: string, ...ports: readonly number[]): CommandInput<'forwards.hold'> {
  const forwards = ports.map((port) => ({ id: `${port}/tcp`, ...tcp(port) }));
  return { what: 'forwards', forwards, from: 'terminal', label: 'Web', hold, afterwards: 'close' };
}

/** Requests that changed the router's table so far. */
function asked(at: AppHome): number {
  const kinds = Object.entries(at.home.router.counters.all()).filter(([kind]) => /PortMapping|map|delete/i.test(kind));
  return kinds.reduce((sum, [, count]) => sum + count, 0);
}

async function add(at: AppHome, client: Client, title: string, port: number): Promise<ProfileId> {
  const answer = await during(at, client.ask('profile.add', { profile: { name: title, forwards: [] } }));
  if (!answer.ok) throw new Error(answer.fault.message);
  const { id } = answer.value;
  const forwards: CommandInput<'profile.change'>['profile']['forwards'] = [tcp(port)];
  await during(at, client.ask('profile.change', { id, profile: { forwards } }));
  return id;
}
