/** An entry of somebody else is taken away because a person said so, while the engine goes on. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { port } from '../../main/contract/units.ts';
import { budgetOf } from '../../main/core/schedule.ts';
import { ownerIn, forwardWanting } from '../../main/core/whose.ts';
import { forward, HOME, LAPTOP, listed, refused, Story } from '../support/story.ts';

const WEB = forward('web', 25_565);
const THEIRS = listed('192.168.1.20', 'Camera');
const TO_ANOTHER = { internal: { first: port(25_565), client: ip('192.168.1.20') } };

const removing = (story: Story, entry = THEIRS): Story =>
  story.tell({ type: 'removing', at: story.now, gateway: HOME, entry });
const removed = (story: Story, gone: boolean, entry = THEIRS): Story =>
  story.tell({ type: 'removed', at: story.now, gateway: HOME, entry, gone });

describe('while it is being removed', () => {
  test('nothing is opened there, and other places are as open as ever', () => {
    const story = new Story().found('igd').searchEnded();
    removing(story).want(WEB, forward('game', 27_015));
    expect(story.next('open').wish.external.port).toBe(27_015);
    expect(story.asked()).toBe('');
    removed(story, true);
    expect(story.statuses()).toEqual(['opening', 'opening']);
  });

  test('and stays, forwards for the port are requested as before', () => {
    const story = new Story().found('igd').searchEnded();
    removed(removing(story).want(WEB), false);
    expect(story.next('open').wish.external.port).toBe(25_565);
  });
});

test('a forward refused because of it is requested again, once it has gone', () => {
  const story = new Story().found('igd').searchEnded().want(WEB);
  story.fail('open', refused('conflict'));
  story.lookedUp(THEIRS);
  expect(story.statuses()).toEqual(['refused']);
  removed(removing(story), false);
  expect(story.statuses()).toEqual(['refused']);
  removed(removing(story), true);
  story.grant();
  expect(story.statuses()).toEqual(['open']);
});

test('a mapping to the same internal port over the other protocol is created again: the delete may have silenced it', () => {
  const story = new Story().found('igd').searchEnded().want(WEB);
  story.grant();
  const other = { ...listed(LAPTOP, 'A game'), transport: 'udp' } as const;
  removed(removing(story, other), true, other);
  expect(story.next('open').wish).toMatchObject({ transport: 'tcp', recreate: true });
});

describe('an entry', () => {
  const ours = listed(LAPTOP, 'whatever a router makes of our text');

  test('is ours while a lease of ours is there, and the forward’s', () => {
    const story = new Story().found('igd').searchEnded();
    expect(ownerIn(story.state, HOME, ours)).toEqual({ is: 'this-computer' });
    story.want(WEB).grant();
    expect(ownerIn(story.state, HOME, ours)).toEqual({ is: 'ours', forward: WEB.id });
    expect(ownerIn(story.state, HOME, { ...ours, internal: { client: LAPTOP, port: 80 } })).toEqual({
      is: 'this-computer',
    });
    expect(ownerIn(story.state, HOME, THEIRS)).toEqual({ is: 'other' });
    story.want();
    expect(ownerIn(story.state, HOME, ours)).toEqual({ is: 'ours' });
    story.closed();
    expect(ownerIn(story.state, HOME, ours)).toEqual({ is: 'this-computer' });
  });

  test('is ours when it leads where a forward is to lead on this computer, whatever its text', () => {
    const story = new Story()
      .found('igd')
      .searchEnded()
      .want(WEB, forward('tv', 8080, TO_ANOTHER));
    expect(ownerIn(story.state, HOME, listed(LAPTOP, 'PCP MAP'))).toEqual({ is: 'ours', forward: WEB.id });
    expect(ownerIn(story.state, HOME, { ...THEIRS, external: { port: 8080 } })).toEqual({ is: 'other' });
  });

  test('is wanted by whoever holds it, and by whoever would open it', () => {
    const story = new Story().found('igd').searchEnded();
    expect(forwardWanting(story.state, HOME, ours)).toBeUndefined();
    story.want(WEB);
    expect(forwardWanting(story.state, HOME, ours)).toBe(WEB.id);
    story.grant();
    expect(forwardWanting(story.state, HOME, ours)).toBe(WEB.id);
    expect(forwardWanting(story.state, HOME, THEIRS)).toBeUndefined();
  });
});

test('a table that is read makes room for itself in the budget; what else a person asks does not', () => {
  const story = new Story().found('igd').searchEnded();
  const budget = () => {
    const gateway = story.state.gateways.get(HOME);
    return gateway === undefined ? undefined : budgetOf(story.state, gateway);
  };
  const before = budget();
  story.tell({ type: 'asked', at: story.now, gateway: HOME, requests: 500, for: 'listing' });
  expect(budget()).toMatchObject({ used: 500, perMinute: (before?.perMinute ?? 0) + 500 });
  // A forward turned on now does not wait for the next minute.
  story.want(WEB);
  expect(story.next('open').wish.external.port).toBe(25_565);
  story.tell({ type: 'asked', at: story.now, gateway: HOME, requests: 2, for: 'count' });
  expect(budget()).toMatchObject({ used: 503 });
});
