/** Which gateway may serve, and when: the default router first, others in its place, and back. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { asGatewayId, type ControlKind } from '../../main/contract/model.ts';
import { inMinutes, inSeconds, millis } from '../../main/contract/units.ts';
import { plan } from '../../main/core/plan.ts';
import type { DefaultRouter } from '../../main/core/state.ts';
import { snapshotOf } from '../../main/core/view.ts';
import { capabilities, forward, HOME, refused, silence, Story } from '../support/story.ts';

const OTHER = asGatewayId('eth0/192.168.1.66');
const ROUTER: DefaultRouter = { family: 'ipv4', interfaceName: 'eth0', address: ip('192.168.1.1') };
const minecraft = forward('minecraft', 25_565);

const begin = (...routers: readonly DefaultRouter[]): Story =>
  new Story().routedBy(...(routers.length === 0 ? [ROUTER] : routers));

/** Served by the other one, since the default router said nothing. */
const servedByOther = (...wishes: Parameters<Story['want']>): Story => {
  const story = begin().want(...wishes);
  story.found('igd', { gateway: OTHER }).pass(inSeconds(2));
  for (const _ of story.state.mappings) expect(story.grant().gateway).toBe(OTHER);
  return story;
};

const codes = (story: Story) => snapshotOf(story.state).problems.map(({ code }) => code);

describe('another gateway that answers first', () => {
  test('is asked for nothing until the default router has had its time', () => {
    const story = begin().want(minecraft).found('igd', { gateway: OTHER });
    expect(story.asked()).toBe('');
    expect(snapshotOf(story.state).gateways).toEqual([]);
    expect(story.status().at).toBe('opening');
    story.pass(millis(900));
    expect(story.asked()).toBe('');
    story.passToNext();
    expect(story.next('open').gateway).toBe(OTHER);
    expect(snapshotOf(story.state).gateways).toMatchObject([{ id: OTHER, isDefault: false }]);
  });

  test.for(['pcp', 'nat-pmp', 'igd'] as const)(
    'is not waited for, nor anything else, once the default router has answered over %s',
    (kind) => {
      const story = begin().want(minecraft).found('igd', { gateway: OTHER }).pass(millis(60)).found(kind);
      expect(story.next('open')).toMatchObject({ gateway: HOME, control: kind });
    },
  );

  test('is remembered or reported by minissdpd: it waits all the same', () => {
    for (const foundBy of ['remembered', 'minissdpd'] as const) {
      const story = begin().want(minecraft).found('igd', { gateway: OTHER, foundBy });
      expect(story.asked()).toBe('');
    }
  });

  test('waits while the default router has shown what cannot do what is wanted', () => {
    const only6 = capabilities({ families: ['ipv6'] });
    const story = begin().want(minecraft).found('pcp', { capabilities: only6 }).found('igd', { gateway: OTHER });
    expect(story.asked()).toBe('');
    expect(story.pass(inSeconds(2)).next('open').gateway).toBe(OTHER);
  });

  test('serves at once where a person named its address, but not for the name that it goes by', () => {
    for (const [gateway, waits] of [
      ['192.168.1.66', false],
      [OTHER, false],
      ['Router', true],
    ] as const) {
      const story = begin()
        .want({ ...minecraft, gateway })
        .found('igd', { gateway: OTHER });
      expect(story.asked()).toBe(waits ? '' : 'open');
      if (waits) story.pass(inSeconds(2));
      story.grant();
      expect(codes(story)).toEqual([]);
    }
  });

  test('serves at once where no default router is known', () => {
    for (const story of [new Story(), new Story().routedBy()]) {
      expect(story.want(minecraft).found('igd', { gateway: OTHER }).next('open').gateway).toBe(OTHER);
    }
  });

  test('waits again on another network', () => {
    const story = servedByOther(minecraft);
    story.routedBy({ ...ROUTER, address: ip('192.168.1.254') });
    story.want(minecraft, forward('web', 8080)).searchEnded();
    expect(story.asked()).not.toContain('open');
    story.alive().pass(inSeconds(2)).alive();
    expect(story.asked()).toContain('open');
  });
});

describe('several default routers', () => {
  const tunnel: DefaultRouter = { family: 'ipv4', interfaceName: 'tun0', address: undefined };

  test('the machine’s own has the first word over that of another interface', () => {
    const story = begin(tunnel, ROUTER).want(minecraft).found('igd');
    expect(story.asked()).toBe('');
    expect(story.pass(inSeconds(2)).grant().gateway).toBe(HOME);
    expect(codes(story)).toEqual(['not-default-router']);
  });

  test('where a person chose the interface, its own has the first word', () => {
    const wish = { ...minecraft, interfaceName: 'eth0' };
    const story = begin(tunnel, ROUTER).want(wish).found('igd', { gateway: OTHER });
    expect(story.asked()).toBe('');
    story.found('igd').grant();
    expect(story.state.mappings.values().next().value?.lease?.gateway).toBe(HOME);
    expect(codes(story)).toEqual([]);
  });
});

describe('the default router turns up late', () => {
  test('it is asked at once, and only then the other one is closed', () => {
    const story = servedByOther(minecraft);
    expect(codes(story)).toEqual(['not-default-router']);
    story.found('pcp');
    expect(story.asked()).toBe('open');
    expect(story.grant().gateway).toBe(HOME);
    expect(story.closed().gateway).toBe(OTHER);
    expect(story.state.leftovers.size).toBe(0);
    expect(story.statuses()).toEqual(['open']);
    expect(codes(story)).toEqual([]);
  });

  test('TCP and UDP of one forward get one port there', () => {
    const both = { ...minecraft, transports: ['tcp', 'udp'], ifTaken: 'next-free' } as const;
    const story = servedByOther(both);
    story.found('pcp');
    expect(story.asked()).toBe('open');
    story.fail('open', refused('conflict', 'pcp 11'));
    const { external } = story.grant().wish;
    while (story.asked().includes('close')) story.closed();
    expect(story.grant().wish.external).toEqual(external);
    while (story.asked().includes('close')) story.closed();
    expect([...story.state.leftovers.keys()]).toEqual([]);
    expect([...story.state.mappings.values()].map(({ lease }) => [lease?.gateway, lease?.external.port])).toEqual([
      [HOME, external.port],
      [HOME, external.port],
    ]);
  });

  test('without an answer to the opening, what may have been made there is closed or held', () => {
    const story = servedByOther(minecraft).found('pcp');
    story.fail('open', silence);
    expect(story.status().at).toBe('open');
    expect(story.next('close').gateway).toBe(HOME);
    story.want();
    const held = [...story.state.leftovers.values()].map(({ lease }) => lease.gateway);
    expect(new Set(held)).toEqual(new Set([HOME, OTHER]));
  });

  test('and falls silent before it granted: what is open on the other one is renewed there', () => {
    const story = servedByOther(minecraft).found('igd');
    story.fail('open', { class: 'unreachable', why: 'refused' });
    for (let minute = 0; minute < 90; minute++) {
      story.pass(inMinutes(1));
      const asked = story.open.splice(0);
      for (const { request } of asked.filter(({ gateway }) => gateway === HOME)) {
        story.tell({ type: 'failed', at: story.now, random: 0, request, failure: silence });
      }
      story.open.push(...asked.filter(({ gateway }) => gateway === OTHER));
      story.alive();
      while (story.asked().includes('find')) story.lookedUp('cannot-tell');
      while (story.asked().includes('open')) story.grant();
      expect(story.state.mappings.values().next().value?.lease).toMatchObject({ gateway: OTHER, evidence: 'answered' });
    }
  });

  test('and refuses for good: what the other one holds is closed', () => {
    for (const failure of [refused('conflict'), refused('not-authorized', 'upnp 606')]) {
      const story = servedByOther(minecraft).found('igd');
      story.fail('open', failure);
      expect(story.closed().gateway).toBe(OTHER);
      expect(story.statuses()).toEqual(['refused']);
    }
  });

  test('it is searched for while another one serves, ever more rarely, and as soon as it is heard of', () => {
    const story = servedByOther(minecraft).searchEnded();
    const { nextAt } = story.state.search;
    expect(nextAt).toBeGreaterThan(story.now);
    const before = story.all.filter((action) => action.do === 'search').length;
    const announcement = { kind: 'alive', location: undefined, bootId: undefined, epoch: undefined } as const;
    story.tell({ type: 'announced', at: story.now, announcement: { ...announcement, from: ip('192.168.1.99') } });
    expect(story.all.filter((action) => action.do === 'search')).toHaveLength(before);
    story.tell({ type: 'announced', at: story.now, announcement: { ...announcement, from: ip('192.168.1.1') } });
    expect(story.all.filter((action) => action.do === 'search')).toHaveLength(before + 1);
  });
});

describe('whatever is found in whatever order', () => {
  const wishes = [minecraft, forward('factorio', 34_197, { transports: ['tcp', 'udp'], ifTaken: 'next-free' })];
  const kinds: readonly ControlKind[] = ['pcp', 'nat-pmp', 'igd'];

  type Step = 'other' | 'router' | 'grant' | 'silence' | 'refuse' | 'close' | 'second' | 'minute' | 'search-ended';
  const step = fc.constantFrom<Step>(
    'other',
    'router',
    'grant',
    'silence',
    'refuse',
    'close',
    'second',
    'minute',
    'search-ended',
  );

  function go(story: Story, what: Step, kind: ControlKind): void {
    const asked = story.asked();
    if (what === 'other') story.found('igd', { gateway: OTHER });
    else if (what === 'router') story.found(kind);
    else if (what === 'second') story.pass(millis(400));
    else if (what === 'minute') story.pass(inMinutes(1));
    else if (what === 'search-ended') story.searchEnded();
    else if (what === 'close' && asked.includes('close')) story.closed();
    else if (what === 'grant' && asked.includes('open')) story.grant();
    else if (what === 'silence' && asked.includes('open')) story.fail('open', silence);
    else if (what === 'refuse' && asked.includes('open')) story.fail('open', refused('failed', 'upnp 501'));
  }

  test('the other one is asked for nothing in the first second, and in the end the default router holds all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.constantFrom(...kinds)), { maxLength: 40 }), (steps) => {
        const story = begin().want(...wishes);
        const since = story.now;
        for (const [what, kind] of steps) {
          const before = story.all.length;
          go(story, what, kind);
          if (story.now - since >= 1000) continue;
          for (const action of story.all.slice(before)) {
            expect(action).not.toMatchObject({ do: 'open', gateway: OTHER });
          }
        }
        for (let n = 0; n < 300 && !isDone(story); n++) {
          story.found('igd').found('igd', { gateway: OTHER }).alive();
          const asked = story.asked();
          if (asked.includes('close')) story.closed();
          else if (asked.includes('open')) story.grant();
          else if (asked.includes('find')) story.lookedUp('cannot-tell');
          else story.passToNext();
        }
        expect([...story.state.mappings.values()].map(({ lease }) => lease?.gateway)).toEqual([HOME, HOME, HOME]);
        expect([...story.state.leftovers.keys()]).toEqual([]);
        expect(plan(story.state)).toMatchObject({ actions: [], givenUp: [] });
      }),
      { numRuns: Number(process.env['RUNS'] ?? 300) },
    );
  });

  const isDone = (story: Story): boolean =>
    story.open.length === 0 &&
    story.state.leftovers.size === 0 &&
    [...story.state.mappings.values()].every(({ lease }) => lease?.gateway === HOME && lease.evidence !== 'asked');
});
