import { describe, expect, it } from 'vitest';
import { after, inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { CLIENT, scene } from './router-talk.ts';

describe('leases', () => {
  it('count down and end', async () => {
    const { talk, router, world } = await scene();
    await talk.add();
    await world.run(inMinutes(10));
    expect((await talk.specific(8080)).value('NewLeaseDuration')).toMatch(/^(?:3000|2999)$/);
    await world.run(inMinutes(51));
    expect(router.table()).toEqual([]);
  });

  it('start again with each add', async () => {
    const { talk, router, world } = await scene();
    await talk.add();
    await world.run(inMinutes(50));
    await talk.add();
    await world.run(inMinutes(50));
    expect(router.table()).toHaveLength(1);
  });

  it('are seven days at most, and seven days when none was requested (L7)', async () => {
    const { talk } = await scene();
    for (const lease of [0, 99_999_999]) {
      await talk.add({ NewLeaseDuration: lease });
      expect((await talk.specific(8080)).value('NewLeaseDuration')).toBe('604800');
    }
  });

  it('of 0 never end on an IGD:1', async () => {
    const { talk, router } = await scene('miniupnpd-igd1');
    await talk.add({ NewLeaseDuration: 0 });
    expect(router.table()).toMatchObject([{ expiresAt: 'never' }]);
    expect((await talk.specific(8080)).value('NewLeaseDuration')).toBe('0');
  });

  it('are reported to whoever forwards traffic', async () => {
    const { talk, router, world } = await scene();
    const changes: string[] = [];
    const end = router.onMapping((change, { externalPort }) => changes.push(`${change} ${externalPort}`));
    await talk.add({ NewLeaseDuration: 60 });
    await talk.add({ NewLeaseDuration: 60 });
    await world.run(inSeconds(61));
    expect(changes).toEqual(['added 8080', 'renewed 8080', 'removed 8080']);
    end();
    await talk.add();
    expect(changes).toHaveLength(3);
  });
});

describe('leases of routers that take them lightly', () => {
  it('only permanent ones (L1): 0 is taken and stays', async () => {
    const { talk, router } = await scene('permanent-only-725');
    expect((await talk.add()).code).toBe(725);
    expect((await talk.add({ NewLeaseDuration: 0 })).status).toBe(200);
    expect(router.table()).toMatchObject([{ expiresAt: 'never' }]);
  });

  it('a leased add succeeds and is forgotten (L4)', async () => {
    const { talk, router } = await scene('accepts-but-drops-leased');
    expect((await talk.add()).status).toBe(200);
    expect(router.table()).toEqual([]);
    await talk.add({ NewLeaseDuration: 0 });
    expect(router.table()).toHaveLength(1);
  });

  it('always a day (L6)', async () => {
    const { talk, world } = await scene('constant-lease-86400');
    await talk.add();
    await world.run(inHours(2));
    expect((await talk.specific(8080)).value('NewLeaseDuration')).toBe('86400');
  });

  it('renewing does not restart the clock (L8)', async () => {
    const { talk, router, world } = await scene('renew-does-not-restart-clock');
    await talk.add();
    await world.run(inMinutes(50));
    expect((await talk.add()).status).toBe(200);
    expect((await talk.specific(8080)).value('NewLeaseDuration')).toMatch(/^(?:600|599)$/);
    await world.run(inMinutes(11));
    expect(router.table()).toEqual([]);
  });

  it('renewing is a conflict (L9)', async () => {
    const { talk } = await scene('refuses-own-overwrite-718');
    await talk.add();
    expect((await talk.add()).code).toBe(718);
    await talk.remove(8080);
    expect((await talk.add()).status).toBe(200);
  });

  it('a crowded table is cleaned of what nobody has used for ten minutes (L10)', async () => {
    const { talk, home, router, world } = await scene('cleans-early');
    const ports = () => router.table().map(({ externalPort }) => externalPort);
    for (let port = 9000; port < 9018; port++) await talk.add({ NewExternalPort: port, NewLeaseDuration: 86_400 });
    await home.serve(home.client, 'udp', 8080);
    await talk.add({ NewProtocol: 'UDP', NewLeaseDuration: 86_400 });
    await world.run(inMinutes(25));
    expect(ports()).toHaveLength(19);
    expect(await home.whoAnswers('udp', 8080)).toBe('client');
    await talk.add({ NewExternalPort: 9018, NewLeaseDuration: 86_400 });
    await world.run(inMinutes(6));
    expect(ports()).toEqual([9018, 8080]);
    await world.run(inMinutes(60));
    expect(ports()).toEqual([9018, 8080]);
  });
});

describe('entries that are listed and do not forward', () => {
  it('lose their rule with the firewall, and a listing makes it stay lost (L20)', async () => {
    const { talk, home, router } = await scene();
    await home.serve(home.client, 'tcp', 8080);
    await talk.add();
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');

    router.wipeFirewall();
    expect(router.lookup('tcp', 8080)).toBe(false);
    expect(await home.whoAnswers('tcp', 8080)).toBeUndefined();
    // Nobody has read the table since: an add makes the rule again.
    await talk.add();
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');

    router.wipeFirewall();
    await talk.entry(0);
    expect((await talk.add()).status).toBe(200);
    expect((await talk.specific(8080)).status).toBe(200);
    expect(await home.whoAnswers('tcp', 8080)).toBeUndefined();

    await talk.remove(8080);
    await talk.add();
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');
  });

  it('are repaired by NAT-PMP, for the same client and ports (L20)', async () => {
    const { talk, router } = await scene();
    await talk.add();
    router.wipeFirewall();
    await talk.entry(0);
    await talk.add();
    expect(router.lookup('tcp', 8080)).toBe(false);
    await talk.datagram('0002 0000 1f90 1f90 00001c20');
    expect(router.lookup('tcp', 8080)).toMatchObject({ internalClient: CLIENT });
  });

  it('die of old age, whatever is renewed (L11)', async () => {
    const { talk, home, router, world } = await scene('listed-but-dead');
    await home.serve(home.client, 'tcp', 8080);
    await talk.add();
    await world.run(inMinutes(25));
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');
    await world.run(inMinutes(10));
    await talk.add();
    expect(await home.whoAnswers('tcp', 8080)).toBeUndefined();
    expect((await talk.specific(8080)).status).toBe(200);
    expect(router.table()).toHaveLength(1);
    await talk.remove(8080);
    await talk.add();
    expect(await home.whoAnswers('tcp', 8080)).toBe('client');
  });

  it('never forward at all (L12)', async () => {
    const { talk, router } = await scene('never-forwards');
    await talk.add();
    expect(router.lookup('tcp', 8080)).toBe(false);
  });
});

describe('foreign entries', () => {
  it('stand beside ours, with and without an end', async () => {
    const { talk, router, world } = await scene(personality());
    const entry = {
      transport: 'tcp',
      internalClient: CLIENT,
      internalPort: 1,
      description: 'old',
      owner: 'igd',
    } as const;
    router.addMapping({ ...entry, externalPort: 7000, expiresAt: 'never' });
    router.addMapping({ ...entry, externalPort: 7001, expiresAt: after(world.now, inMinutes(1)) });
    await talk.add();
    await world.run(inMinutes(2));
    expect(router.table().map(({ externalPort }) => externalPort)).toEqual([8080, 7000]);
    expect(router.removeMapping('tcp', 7000)).toBe(true);
    expect(router.removeMapping('tcp', 7000)).toBe(false);
  });
});
