import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Vitals } from '../../main/contract/mapping.ts';
import {
  inHours,
  inMinutes,
  inSeconds,
  millis,
  port,
  seconds,
  type EpochMs,
  type Millis,
} from '../../main/contract/units.ts';
import { snapshotOf } from '../../main/core/view.ts';
import { forward, HOME, listed, refused, silence, Story } from '../support/story.ts';

const OLD = ip('11.22.33.44');
const NEW = ip('11.22.33.99');

/** A router that has run for ten hours, and whose vitals were read just now. */
function running(control: 'igd' | 'pcp' | 'nat-pmp', vitals: Vitals): Story {
  const story = new Story().found(control, { vitals }).searchEnded().want(forward('minecraft', 25_565));
  story.grant(control === 'igd' ? {} : { epoch: seconds(36_000), external: { port: port(25_565), address: OLD } });
  return story;
}

const restartedAt = (story: Story): EpochMs | undefined =>
  snapshotOf(story.state).gateways.find(({ id }) => id === HOME)?.restartedAt;

/** The heartbeat after that long reports this; requests that follow are granted. */
function later(story: Story, duration: Millis, vitals: Vitals, outside = OLD): Story {
  story.pass(duration).alive(vitals);
  while (story.asked().includes('open')) story.grant({ external: { port: port(25_565), address: outside } });
  return story;
}

describe('a restart', () => {
  test('is seen by an epoch that went back', () => {
    const story = running('pcp', { epoch: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { epoch: seconds(36_060) });
    expect(restartedAt(story)).toBeUndefined();
    later(story, inSeconds(60), { epoch: seconds(20) });
    expect(restartedAt(story)).toBe(story.now);
  });

  test('is seen by an epoch of less time than has passed, of a router that had just started before', () => {
    const story = running('pcp', { epoch: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { epoch: seconds(5) });
    const first = story.now;
    later(story, inMinutes(3), { epoch: seconds(185) });
    expect(restartedAt(story)).toBe(first);
    later(story, inMinutes(20), { epoch: seconds(600) });
    expect(restartedAt(story)).toBe(story.now);
  });

  test('is not seen by an epoch that only seems too slow, after our own clock was set', () => {
    const story = running('pcp', { epoch: seconds(36_000), externalAddress: OLD });
    story.pass(inHours(20)).tell({ type: 'woke', at: story.now });
    story.alive({ epoch: seconds(36_060) });
    expect(restartedAt(story)).toBeUndefined();
  });

  test('leaves nothing open that is refused since, where nobody can look', () => {
    const story = running('pcp', { epoch: seconds(36_000), externalAddress: OLD });
    story.pass(inSeconds(60)).alive({ epoch: seconds(36_060) });
    expect(story.statuses()).toEqual(['open']);
    story.pass(inSeconds(60)).alive({ epoch: seconds(20) });
    story.fail('open', refused('failed', 'pcp NO_RESOURCES'));
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'retry', mayBeOpenUntil: expect.any(Number) });
  });

  test('is seen by an uptime that went back', () => {
    const story = running('igd', { uptime: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { uptime: seconds(12), externalAddress: OLD });
    expect(restartedAt(story)).toBe(story.now);
  });

  describe('of a router whose uptime has fitted so far', () => {
    /** The heartbeat that is answered so long after it was due; whatever is looked at is there. */
    function beat(story: Story, after: Millis, uptime: number, takes: Millis = millis(0)): Story {
      const look = (): void => {
        while (story.asked().includes('find')) story.lookedUp(listed('192.168.1.7', 'PK', 3000));
      };
      look();
      story.pass(after);
      look();
      expect(story.asked()).toContain('vitals');
      return story.pass(takes).alive({ uptime: seconds(uptime) });
    }

    const isDoubted = (story: Story) => [...story.state.mappings.values()].some(({ doubted }) => doubted);

    function beating(step: number): Story {
      const story = running('igd', { uptime: seconds(36_000), externalAddress: OLD });
      for (let up = 36_020; up <= 36_200; up += 20) beat(story, inSeconds(20), up - (up % step));
      return story;
    }

    test('is seen seconds after another one', () => {
      const story = beat(beating(1), inSeconds(20), 2);
      expect(isDoubted(story)).toBe(true);
      expect(isDoubted(beat(story, inSeconds(20), 5))).toBe(true);
    });

    test('is not seen by an answer that took its time, nor by a count in steps', () => {
      const late = beat(beating(1), inSeconds(20), 36_220, inSeconds(8));
      const stepwise = beat(beating(15), inSeconds(20), 36_210);
      expect([isDoubted(late), isDoubted(stepwise)]).toEqual([false, false]);
    });
  });

  test('is seen by another boot id, and once: the heartbeat then shows the same restart', () => {
    const story = running('igd', { uptime: seconds(36_000), externalAddress: OLD });
    const alive = { from: ip('192.168.1.1'), kind: 'alive' as const, location: undefined, epoch: undefined };
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 7 } }).alive();
    story.pass(inSeconds(30)).tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 8 } });
    const told = story.now;
    expect(restartedAt(story)).toBe(told);
    later(story, inSeconds(60), { uptime: seconds(70), externalAddress: OLD });
    expect(restartedAt(story)).toBe(told);
  });

  test('that the heartbeat has already shown is not reported again by a boot id that is heard late', () => {
    const story = running('igd', { uptime: seconds(36_000), externalAddress: OLD });
    const alive = { from: ip('192.168.1.1'), kind: 'alive' as const, location: undefined, epoch: undefined };
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 7 } }).alive();
    later(story, inSeconds(60), { uptime: seconds(12), externalAddress: OLD });
    const told = restartedAt(story);
    expect(told).toBe(story.now);
    story.pass(inMinutes(15)).alive();
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 8 } });
    expect(restartedAt(story)).toBe(told);
    // Nothing is taken away and made again for old news.
    expect(story.asked()).not.toContain('open');
  });

  test('after a silence is certain, though the public IP address has changed as well', () => {
    const story = running('nat-pmp', { epoch: seconds(36_000), externalAddress: OLD });
    while (snapshotOf(story.state).gateways[0]?.reachable === true) {
      story.passToNext();
      if (story.asked().includes('vitals')) story.fail('vitals', silence);
    }
    story.pass(inSeconds(60)).alive({ epoch: seconds(20), externalAddress: NEW });
    expect(restartedAt(story)).toBe(story.now);
  });
});

describe('a new public IP address alone is not a restart', () => {
  test('though the uptime of the line went back', () => {
    const story = running('igd', { uptime: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { uptime: seconds(12), externalAddress: NEW });
    expect(restartedAt(story)).toBeUndefined();
  });

  test('though the epoch went back with it (L21)', () => {
    const story = running('nat-pmp', { epoch: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { epoch: seconds(12), externalAddress: NEW }, NEW);
    expect(restartedAt(story)).toBeUndefined();
  });

  test('though the epoch went back before the address was reported', () => {
    const story = running('pcp', { epoch: seconds(36_000), externalAddress: OLD });
    story.pass(inSeconds(60)).alive({ epoch: seconds(12) });
    expect(restartedAt(story)).toBe(story.now);
    story.grant({ epoch: seconds(12), external: { port: port(25_565), address: NEW } });
    expect(restartedAt(story)).toBeUndefined();
  });

  test('though the epoch went back after it', () => {
    const story = running('nat-pmp', { epoch: seconds(36_000), externalAddress: OLD });
    later(story, inSeconds(60), { externalAddress: NEW }, NEW);
    later(story, inSeconds(60), { epoch: seconds(70), externalAddress: NEW }, NEW);
    expect(restartedAt(story)).toBeUndefined();
  });
});
