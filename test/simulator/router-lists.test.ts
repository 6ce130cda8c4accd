import { describe, expect, it } from 'vitest';
import { inSeconds } from '../../main/contract/units.ts';
import { type PersonalityName, personality } from '../../main/simulator/personalities/personalities.ts';
import { scene } from './router-talk.ts';

const all = { NewStartPort: 0, NewEndPort: 65_535, NewProtocol: 'TCP', NewManage: 1, NewNumberOfPorts: 0 };

describe('lists as real routers keep them', () => {
  it.each<[PersonalityName, number | undefined]>([
    ['miniupnpd', 713],
    ['list-ends-with-714', 714],
    ['list-ends-with-402', 402],
    ['list-ends-with-501', 501],
    ['list-ends-with-718', 718],
    ['list-ends-with-899', 899],
    ['list-ends-with-bare-500', undefined],
  ])('%s (E1)', async (name, code) => {
    const { talk } = await scene(name);
    await talk.add();
    expect((await talk.entry(0)).status).toBe(200);
    const end = await talk.entry(1);
    expect([end.status, end.code]).toEqual([500, code]);
  });

  it('repeat the last entry forever (E2), but not of an empty table', async () => {
    const { talk } = await scene('list-repeats-last');
    expect((await talk.entry(0)).code).toBe(713);
    await talk.add();
    expect((await talk.entry(99)).value('NewExternalPort')).toBe('8080');
  });

  it('count from 1 (E3)', async () => {
    const { talk } = await scene('list-counts-from-1');
    await talk.add();
    expect((await talk.entry(0)).code).toBe(713);
    expect((await talk.entry(1)).value('NewExternalPort')).toBe('8080');
  });

  it('show nothing, though the mapping works (E5)', async () => {
    const { talk, router } = await scene('lists-nothing');
    await talk.add();
    expect((await talk.entry(0)).code).toBe(713);
    expect((await talk.specific(8080)).code).toBe(714);
    expect(router.lookup('tcp', 8080)).toBeTruthy();
  });

  it('do not know what was added a moment ago (E10)', async () => {
    const { talk, world } = await scene('specific-says-714-after-add');
    await talk.add();
    expect((await talk.specific(8080)).code).toBe(714);
    expect((await talk.entry(0)).status).toBe(200);
    await world.run(inSeconds(2));
    expect((await talk.specific(8080)).status).toBe(200);
  });

  it('hang up in the middle, and go on when asked again (E12)', async () => {
    const { talk } = await scene('hangs-up-in-list');
    await talk.add();
    const statuses: number[] = [];
    for (let count = 0; count < 6; count++) statuses.push((await talk.entry(0)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 0, 200]);
  });

  it('want their pages small, or their ports from 1 (E6, E7)', async () => {
    const small = await scene('list-pages-of-100');
    expect((await small.talk.soap('GetListOfPortMappings', all)).code).toBe(501);
    expect((await small.talk.soap('GetListOfPortMappings', { ...all, NewNumberOfPorts: 100 })).status).toBe(200);
    const from1 = await scene('list-from-1');
    expect((await from1.talk.soap('GetListOfPortMappings', all)).code).toBe(402);
    expect((await from1.talk.soap('GetListOfPortMappings', { ...all, NewStartPort: 1 })).status).toBe(200);
  });

  it('check the range that is requested', async () => {
    const { talk } = await scene();
    expect((await talk.soap('GetListOfPortMappings', { ...all, NewStartPort: 9, NewEndPort: 8 })).code).toBe(733);
    expect((await talk.soap('DeletePortMappingRange', { ...all, NewStartPort: 8, NewEndPort: 9 })).code).toBe(730);
  });

  it('are the daemon’s death when they are long (E16)', async () => {
    const { talk, router, world } = await scene(personality('dies-of-list', { list: { diesAt: 3 } }));
    for (const port of [8001, 8002]) await talk.add({ NewExternalPort: port });
    expect((await talk.soap('GetListOfPortMappings', all)).status).toBe(200);
    await talk.add({ NewExternalPort: 8003 });
    expect((await talk.soap('GetListOfPortMappings', all)).status).toBe(0);
    expect(router.location).toBe('');
    // The rules go on forwarding while nobody is there to answer.
    expect(router.lookup('tcp', 8003)).toBeTruthy();
    await world.run(inSeconds(30));
    expect(router.location).not.toBe('');
    expect((await talk.entry(0)).status).toBe(200);
  });
});
