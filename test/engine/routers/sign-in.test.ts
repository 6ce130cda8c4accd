/** Routers that open ports only after signing in, as FRITZ!Boxes do over TR-064. */
import { afterEach, describe, expect, test } from 'vitest';
import { ip } from '../../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import type { SecretStore } from '../../../main/system/system.ts';
import { AppHome, tcp } from '../../support/app-home.ts';

const ROUTER = ip('192.168.1.1');
const RIGHT = { router: ROUTER, user: 'alice', password: 'sesame' };

let at: AppHome;
afterEach(async () => {
  await at.stop();
});

function memoryStore(): SecretStore & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    read: async (key) => {
      const secret = kept.get(key);
      return secret === undefined ? undefined : { secret, place: 'system' };
    },
    write: async (key, secret) => {
      if (secret === undefined) kept.delete(key);
      else kept.set(key, secret);
      return 'system';
    },
  };
}

const guarded = (signIn: object = {}) =>
  personality('tr-064', {
    http: { signIn: { user: 'alice', password: 'sesame', locksAfter: 3, secondFactor: false, ...signIn } },
  });

const start = async (router = guarded(), secrets = memoryStore()): Promise<AppHome> => {
  at = await AppHome.start({ router, secrets });
  await at.add('Minecraft', [tcp(25_565)], true);
  await at.world.run(inSeconds(30));
  return at;
};

const problems = () => at.snapshot.engine.problems.map(({ code }) => code);
const refusals = () => at.home.router.counters.of('401');
const wrongPasswords = () => at.home.router.counters.of('wrong password');

test('without a password nothing is tried, and the person learns what is needed', async () => {
  await start();
  expect(problems()).toEqual(['router-password']);
  expect(refusals()).toBe(0);
});

describe('signed in', () => {
  test('ports are opened, kept and closed', async () => {
    await start();
    expect(await at.do('gateway.sign-in', RIGHT)).toEqual({ state: 'accepted', place: 'system' });
    await at.world.run(inSeconds(10));
    expect(at.table).toEqual(['tcp 25565 -> 192.168.1.10:25565']);
    expect(problems()).toEqual([]);
    // Nonces grow old meanwhile.
    await at.world.run(inMinutes(60));
    expect(at.table).toHaveLength(1);
    for (const { id } of at.snapshot.profiles) await at.do('profile.switch', { id, on: false });
    expect(at.table).toEqual([]);
  });

  test('it is remembered, and nowhere but in the secret store', async () => {
    const secrets = memoryStore();
    await start(guarded(), secrets);
    await at.do('gateway.sign-in', RIGHT);
    await at.stop();
    at = await at.again();
    await at.world.run(inSeconds(10));
    expect(at.table).toHaveLength(1);
    expect([...secrets.kept.values()].join('')).toContain('sesame');
    const said = JSON.stringify([at.snapshot, await at.do('profiles.export', {}), at.home.client.logged]);
    expect(said).not.toContain('sesame');
    expect(said).not.toContain('alice');
    await at.do('gateway.sign-out', { router: ROUTER });
    expect(secrets.kept.size).toBe(0);
  });

  test('a router that restarts, or forgets its nonces, is signed in to again', async () => {
    await start();
    await at.do('gateway.sign-in', RIGHT);
    at.home.router.reboot();
    await at.world.run(inMinutes(3));
    expect(at.table).toHaveLength(1);
    expect(at.snapshot.signIns).toEqual([{ router: ROUTER, state: 'accepted' }]);
  });
});

describe('a wrong password', () => {
  test('is sent once, refused, and not kept', async () => {
    const secrets = memoryStore();
    await start(guarded(), secrets);
    const before = refusals();
    const fault = await at.refused('gateway.sign-in', { ...RIGHT, password: 'wrong' });
    expect(fault).toMatchObject({ code: 'gateway-failed', reason: { code: 'wrong-password' } });
    // The question, and the one wrong answer.
    expect(refusals() - before).toBe(2);
    await at.world.run(inMinutes(60));
    expect(wrongPasswords()).toBe(1);
    expect(secrets.kept.size).toBe(0);
    expect(problems()).toEqual(['router-password']);
    expect(await at.do('gateway.sign-in', RIGHT)).toEqual({ state: 'accepted', place: 'system' });
  });

  test('that was right once is not tried again and again when it is changed on the router', async () => {
    await start(guarded({ locksAfter: 2 }));
    await at.do('gateway.sign-in', RIGHT);
    at.home.router.changePassword('other');
    await at.world.run(inMinutes(120));
    expect(at.snapshot.signIns).toEqual([{ router: ROUTER, state: 'wrong' }]);
    expect(wrongPasswords()).toBe(1);
  });
});

test('a router that wants changes confirmed is reported as such', async () => {
  await start(guarded({ secondFactor: true }));
  await at.do('gateway.sign-in', RIGHT);
  await at.world.run(inSeconds(10));
  const problem = at.snapshot.engine.mappings.flatMap(({ status }) =>
    'problem' in status ? (status.problem ?? []) : [],
  );
  expect(problem).toMatchObject([{ code: 'router-confirmation' }]);
});

test('another router at the same address is not answered', async () => {
  const secrets = memoryStore();
  await start(guarded(), secrets);
  await at.do('gateway.sign-in', RIGHT);
  await at.stop();
  for (const [key, text] of secrets.kept) {
    secrets.kept.set(key, text.replace(/"mac":"[^"]*"/, '"mac":"00:11:22:33:44:55"'));
  }
  at = await at.again();
  await at.world.run(inMinutes(1));
  expect(at.snapshot.signIns).toEqual([{ router: ROUTER, state: 'untried' }]);
});

test('where nobody has signed in, the system’s secret store is left alone', async () => {
  let asked = 0;
  const secrets = memoryStore();
  secrets.read = () => {
    asked += 1;
    return Promise.resolve(undefined);
  };
  await start(guarded(), secrets);
  await at.stop();
  at = await at.again();
  expect(asked).toBe(0);
});
