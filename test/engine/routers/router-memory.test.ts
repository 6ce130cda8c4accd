import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../../main/contract/units.ts';
import { personality } from '../../../main/simulator/personalities/personalities.ts';
import { tcp, type AppHome } from '../../support/app-home.ts';
import { appAtRouter, routerOf } from '../../support/app-router.ts';

/** A router that gives permanent leases only, once it has shown it. */
async function atPermanentOnly(): Promise<{ readonly at: AppHome; readonly fingerprint: string }> {
  const { at } = await appAtRouter({ router: personality('upnp-only', 'permanent-only-725') });
  const id = await at.add('Web', [tcp(8080)]);
  await at.do('profile.switch', { id, on: true });
  return { at, fingerprint: routerOf(at).fingerprint };
}

async function remembered(at: AppHome): Promise<Readonly<Record<string, string>>> {
  const { routers } = await at.do('memory.read', {});
  return Object.fromEntries(routers.flatMap(({ traits }) => traits.map(({ name, value }) => [name, value])));
}

describe('a remembered workaround', () => {
  test('is shown with its reason and its end, under the name that the router has in the snapshot', async () => {
    const { at, fingerprint } = await atPermanentOnly();
    const { routers } = await at.do('memory.read', {});
    expect(routers).toMatchObject([
      {
        fingerprint,
        traits: [{ name: 'leases', value: '"permanent-only"', why: expect.stringMatching(/^refused a lease/) }],
      },
    ]);
    const [trait] = routers[0]?.traits ?? [];
    expect(trait?.expiresAt).toBeGreaterThan(trait?.learntAt ?? Infinity);
    await at.stop();
  });

  test('is forgotten: the router is asked as one that nobody knows', async () => {
    const { at, fingerprint } = await atPermanentOnly();
    const asked = () => at.home.router.counters.of('AddPortMapping');
    await at.do('memory.forget', { fingerprint, trait: 'leases' });
    expect(await remembered(at)).toEqual({});
    const before = asked();
    const id = await at.add('Game', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    // With a lease, refused, and without one.
    expect(asked() - before).toBe(2);
    expect(await remembered(at)).toMatchObject({ leases: '"permanent-only"' });
    await at.stop();
  });

  test('is changed: it holds from the next request on, and after a restart', async () => {
    const { at, fingerprint } = await atPermanentOnly();
    await at.do('memory.forget', { fingerprint });
    await at.do('memory.change', { fingerprint, trait: 'leases', value: '"permanent-only"' });
    const before = at.home.router.counters.of('AddPortMapping');
    const id = await at.add('Game', [tcp(25_565)]);
    await at.do('profile.switch', { id, on: true });
    expect(at.home.router.counters.of('AddPortMapping') - before).toBe(1);
    await at.stop();
    const next = await at.again({ runs: false });
    const { routers } = await next.do('memory.read', {});
    expect(routers).toMatchObject([{ fingerprint, traits: [{ value: '"permanent-only"', why: 'by hand' }] }]);
  });

  test('can be said of a router that has shown nothing yet', async () => {
    const { at } = await appAtRouter();
    const { fingerprint } = routerOf(at);
    await at.do('memory.change', { fingerprint, trait: 'parallel', value: '1' });
    expect(await remembered(at)).toEqual({ parallel: '1' });
    await at.do('memory.change', { fingerprint, trait: 'parallel', value: '2' });
    await at.do('memory.change', { fingerprint, trait: 'soap', value: '{"httpVersion":"1.0"}' });
    await at.do('memory.change', { fingerprint, trait: 'soap', value: '{"base":"urlbase"}' });
    expect(await remembered(at)).toEqual({ parallel: '2', soap: '{"base":"urlbase"}' });
    await at.do('memory.forget', { fingerprint });
    expect(await remembered(at)).toEqual({});
    await at.stop();
  });
});

describe('a change that makes no sense', () => {
  test.each([
    ['leases', '"sideways"', 'value', /“leases” can’t have this value\. It can be "permanent-only" or "capped"\./],
    ['leases', 'permanent-only', 'value', /It can be "permanent-only" or "capped"\./],
    ['parallel', '65', 'value', /It can be 1 … 64\./],
    ['soap', '{"colour":"red"}', 'value', /It can be \{"httpVersion": "1\.0"\} or /],
    ['colour', '"red"', 'trait', /There is no trait “colour”\. Choose one of: leases, /],
  ])('%s: %s is refused with what may be', async (trait, value, place, message) => {
    const { at } = await appAtRouter();
    const { fingerprint } = routerOf(at);
    const fault = await at.refused('memory.change', { fingerprint, trait, value });
    expect(fault).toMatchObject({ code: 'bad-input', place, message: expect.stringMatching(message) });
    expect(await remembered(at)).toEqual({});
    await at.stop();
  });

  test('of a router that nobody knows is refused; nothing of it is forgotten', async () => {
    const { at } = await atPermanentOnly();
    const change = { fingerprint: 'who', trait: 'parallel', value: '1' };
    expect(await at.refused('memory.change', change)).toMatchObject({ code: 'bad-input', place: 'fingerprint' });
    expect(await at.refused('memory.forget', { fingerprint: 'who', trait: 'colour' })).toMatchObject({
      code: 'bad-input',
      place: 'trait',
    });
    await at.do('memory.forget', { fingerprint: 'who' });
    expect(Object.keys(await remembered(at))).toEqual(['leases']);
    await at.stop();
  });
});

test('a change that cannot be saved is not done', async () => {
  const { at, fingerprint } = await atPermanentOnly();
  at.storage.failNext('write', 'no-space', 2);
  const fault = await at.refused('memory.forget', { fingerprint });
  expect(fault).toMatchObject({ code: 'storage' });
  expect(await at.refused('memory.change', { fingerprint, trait: 'parallel', value: '1' })).toMatchObject({
    code: 'storage',
  });
  expect(Object.keys(await remembered(at))).toEqual(['leases']);
  await at.world.run(inSeconds(1));
  await at.stop();
});
