/** Ports are opened on approved networks only. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Forward } from '../../main/contract/model.ts';
import { inMinutes, seconds } from '../../main/contract/units.ts';
import { approvalOf } from '../../main/core/approval.ts';
import { plan } from '../../main/core/plan.ts';
import { isSettled, problemsOf, snapshotOf } from '../../main/core/view.ts';
import { forward, LAPTOP, refused, silence, Story } from '../support/story.ts';

const PLACE = '192.168.1.1/24';
const HOME = `${PLACE} 00:11:22:33:44:55`;
/** The same addresses, another router. */
const CAFE = `${PLACE} 66:77:88:99:aa:bb`;
const GAME = forward('minecraft', 25_565);

class Traveller extends Story {
  wantOn(approvedNetworks: readonly string[], ...forwards: Forward[]): this {
    return this.tell({ type: 'wanted', at: this.now, forwards, approvedNetworks });
  }

  arrive(network: string): this {
    const interfaces = network === '-' ? new Map() : new Map([['eth0', [LAPTOP]]]);
    return this.tell({ type: 'network', at: this.now, host: { network, interfaces, publicIpv6: new Map() } });
  }

  named(network: string): this {
    return this.tell({ type: 'network-named', at: this.now, network });
  }

  get approved(): boolean | undefined {
    return snapshotOf(this.state).network?.approved;
  }

  codes(): readonly string[] {
    return problemsOf(this.state).map(({ code }) => code);
  }
}

describe('on a network that is not approved', () => {
  const inCafe = (): Traveller => new Traveller(CAFE).wantOn([HOME], GAME).found().searchEnded();

  test('nothing is requested, wanted forwards wait for approval, and that is settled', () => {
    const story = inCafe();
    expect(story.asked()).toBe('');
    expect(story.status()).toEqual({ at: 'waiting', for: 'approval' });
    expect(isSettled(story.state)).toBe(true);
    expect(story.approved).toBe(false);
  });

  test('one problem says so, by the router’s name, since when; and limits of its router are not a problem', () => {
    const story = new Traveller(CAFE).wantOn([HOME], GAME);
    const since = story.now;
    expect(problemsOf(story.state)).toMatchObject([
      { code: 'network-not-approved', parameters: { network: CAFE, name: '192.168.1.1' }, severity: 'warning', since },
    ]);
    story
      .pass(inMinutes(1))
      .found('igd', { vitals: { externalAddress: 'none' } })
      .searchEnded();
    expect(problemsOf(story.state)).toMatchObject([
      { code: 'network-not-approved', parameters: { network: CAFE, name: 'Router' }, since },
    ]);
    // Nobody wants anything here: worth knowing, no more.
    expect(problemsOf(story.wantOn([HOME]).state)).toMatchObject([{ severity: 'info' }]);
  });

  test('routers are searched for once, not again and again', () => {
    const story = new Traveller(CAFE).wantOn([HOME], GAME).searchEnded();
    story.pass(inMinutes(60));
    expect(story.all.map((action) => action.do)).toEqual(['search']);
  });

  test('approving it opens what waits at once', () => {
    const story = inCafe().wantOn([HOME, CAFE], GAME);
    expect(story.asked()).toBe('open');
    story.grant();
    expect(story.status().at).toBe('open');
    expect(story.approved).toBe(true);
    expect(story.codes()).toEqual([]);
  });

  test('so does letting it open ports everywhere', () => {
    expect(inCafe().want(GAME).asked()).toBe('open');
  });

  test('approving it makes a search of its own when no router is known yet', () => {
    const story = new Traveller(CAFE).wantOn([HOME], GAME).searchEnded().wantOn([CAFE], GAME);
    expect(story.all.map((action) => action.do)).toEqual(['search', 'search']);
  });
});

describe('open forwards when only approved networks may be used', () => {
  test('is closed', () => {
    const story = new Traveller(CAFE).found().searchEnded().want(GAME);
    story.grant();
    story.wantOn([HOME], GAME);
    expect(story.statuses()).toEqual(['waiting', 'closing']);
    expect(story.closed().key).toMatchObject({ external: { port: 25_565 } });
    expect(story.statuses()).toEqual(['waiting']);
    expect(isSettled(story.state)).toBe(true);
  });

  test('is closed also when its opening was still under way', () => {
    const story = new Traveller(CAFE).found().searchEnded().want(GAME).wantOn([HOME], GAME);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'approval' });
    story.grant();
    story.closed();
    expect(story.state.leftovers.size).toBe(0);
    expect(story.asked()).toBe('');
  });

  test('is not opened again by a retry, a wake-up, or a router that comes back', () => {
    const story = new Traveller(CAFE).found().searchEnded().want(GAME);
    story.fail('open', refused('conflict'));
    story.wantOn([HOME], GAME);
    const before = story.all.filter((action) => action.do === 'open').length;
    story.tell({ type: 'retry', at: story.now }).tell({ type: 'woke', at: story.now });
    story.found('pcp').searchEnded().pass(inMinutes(60));
    expect(story.all.filter((action) => action.do === 'open')).toHaveLength(before);
    expect(story.status()).toEqual({ at: 'waiting', for: 'approval' });
  });

  test('a leftover of an earlier run there is closed, not taken over', () => {
    const before = new Traveller(CAFE).found().searchEnded().want(GAME);
    const { lease } = before.grant();
    const story = new Traveller(CAFE).found().searchEnded();
    story.tell({ type: 'recovered', at: story.now, leases: [{ lease, label: '', kept: false }] });
    story.wantOn([HOME], GAME);
    expect(story.asked()).toBe('close');
    story.closed();
    expect(story.status()).toEqual({ at: 'waiting', for: 'approval' });
  });
});

describe('an approved network whose hardware address is not known yet', () => {
  const arriving = (): Traveller => new Traveller(PLACE).wantOn([HOME], GAME);

  test('is waited for: nothing is opened until it is known, and no problem is reported', () => {
    const story = arriving();
    expect(story.status()).toEqual({ at: 'waiting', for: 'gateway' });
    expect(story.approved).toBe(false);
    expect(story.codes()).toEqual([]);
    expect(isSettled(story.state)).toBe(false);
    expect(story.all.map((action) => action.do)).toEqual(['search']);
    story.named(HOME).found();
    expect(story.asked()).toBe('open');
  });

  test('is another one that has the same addresses', () => {
    const story = arriving().named(CAFE).found().searchEnded();
    expect(story.asked()).toBe('');
    expect(story.status()).toEqual({ at: 'waiting', for: 'approval' });
    expect(story.codes()).toEqual(['network-not-approved']);
  });

  test('is not taken for approved when it never becomes known', () => {
    const story = arriving().found().searchEnded();
    expect(story.asked()).toBe('');
    expect(story.status()).toEqual({ at: 'waiting', for: 'approval' });
    expect(story.codes()).toEqual(['network-not-approved']);
  });

  test('is searched for on and on while its router is away', () => {
    const story = arriving();
    for (let searches = 1; searches < 5; searches++) {
      story.searchEnded();
      expect(story.codes()).toEqual(['no-gateway']);
      story.passToNext();
      expect(story.all.filter((action) => action.do === 'search')).toHaveLength(searches + 1);
    }
    story.named(HOME).found();
    expect(story.asked()).toBe('open');
  });

  test('keeps what is open while it is found out that it is still the same', () => {
    const story = new Traveller(HOME).wantOn([HOME], GAME).found().searchEnded();
    story.grant();
    // The Wi-Fi was gone for a moment.
    story.arrive(PLACE);
    expect(story.status().at).toBe('open');
    story.named(HOME).found().searchEnded();
    expect(story.status().at).toBe('open');
    expect(story.all.some((action) => action.do === 'close')).toBe(false);
  });

  test('asks for nothing of a router that has its addresses', () => {
    const story = new Traveller(HOME).wantOn([HOME], GAME).found().searchEnded();
    story.grant();
    story.arrive(PLACE).pass(inMinutes(120)).alive();
    expect(story.asked()).toBe('');
    story.named(CAFE).searchEnded();
    expect(story.asked()).toBe('');
    expect(story.codes()).toEqual(['network-not-approved']);
    // Home again: it is requested again.
    story.arrive(HOME).found();
    expect(story.asked()).toBe('open');
  });
});

test('a network that was approved by its addresses alone is approved by them', () => {
  const story = new Traveller(PLACE).wantOn([PLACE], GAME).found();
  expect(story.asked()).toBe('open');
  expect(new Traveller(HOME).wantOn([PLACE], GAME).found().asked()).toBe('open');
  expect(new Traveller('10.0.0.1/8').wantOn([PLACE], GAME).found().asked()).toBe('');
});

test('a network without a router is approved by exactly its address', () => {
  expect(new Traveller('- 192.168.1.7/24').wantOn(['- 192.168.1.7/24']).approved).toBe(true);
  expect(new Traveller('- 192.168.1.7/24').wantOn(['- 192.168.1.8/24']).approved).toBe(false);
});

test('without a network there is none to approve, and no word about it', () => {
  const story = new Traveller('-').wantOn([HOME], GAME);
  expect(snapshotOf(story.state).network).toBeUndefined();
  expect(story.status()).toEqual({ at: 'waiting', for: 'network' });
  expect(story.codes()).toEqual(['no-network']);
  story.arrive(HOME).found();
  expect(story.asked()).toBe('open');
});

describe('whatever happens', () => {
  type Step = (story: Traveller) => void;
  const networks = fc.constantFrom('-', PLACE, HOME, CAFE, '10.0.0.1/8', '- 10.1.2.3/8');
  const named = <Value>(values: fc.Arbitrary<Value>, name: string, go: (story: Traveller, value: Value) => void) =>
    values.map((value): Step =>
      Object.assign((story: Traveller) => go(story, value), {
        [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}`,
      }),
    );
  const nothing = fc.constant(undefined);
  const step: fc.Arbitrary<Step> = fc.oneof(
    named(networks, 'arrive', (story, network) => story.arrive(network)),
    named(fc.constantFrom(HOME, CAFE), 'named', (story, network) => story.named(network)),
    named(fc.subarray([PLACE, HOME, '10.0.0.1/8']), 'approve', (story, approved) => story.wantOn(approved, GAME)),
    named(nothing, 'anywhere', (story) => story.want(GAME)),
    named(nothing, 'nothing', (story) => story.wantOn([HOME])),
    named(fc.constantFrom('igd', 'pcp'), 'found', (story, kind) => story.found(kind)),
    named(nothing, 'search ended', (story) => story.searchEnded()),
    named(fc.constantFrom('woke', 'retry', 'kept', 'search-asked'), 'tell', (story, type) =>
      story.tell({ type, at: story.now }),
    ),
    named(nothing, 'next', (story) => story.passToNext()),
    named(fc.boolean(), 'answered', (story, well) => {
      const [action] = story.open;
      if (action === undefined) return;
      if (!well) story.fail(action.do, silence);
      else if (action.do === 'open') story.grant({ lifetime: 3600 });
      else if (action.do === 'close') story.closed();
      else if (action.do === 'find') story.lookedUp('cannot-tell');
      else story.alive({ uptime: seconds(60) });
    }),
  );

  test('nothing is requested, and nothing held, but on an approved network', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const story = new Traveller();
        const judged = story.tell.bind(story);
        story.tell = (event) => {
          const asked = story.all.length;
          judged(event);
          const approval = approvalOf(story.state);
          const opened = story.all.slice(asked).some((action) => action.do === 'open');
          expect(opened && approval !== 'approved').toBe(false);
          if (approval === 'refused') {
            for (const { lease, request } of story.state.mappings.values())
              expect([lease, request]).toEqual([undefined, undefined]);
          }
          expect(plan(story.state).actions).toEqual([]);
          return story;
        };
        for (const one of steps) one(story);
      }),
      { numRuns: 500 },
    );
  });
});
