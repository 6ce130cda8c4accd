/** Why something is not open: what is known of each action, and nothing concluded from what is left over. */
import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds } from '../../main/contract/units.ts';
import type { FailureFact } from '../../main/core/state.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { problemsOf } from '../../main/core/view.ts';
import { forward, HOME, refused, silence, Story } from '../support/story.ts';

const GAME = forward('game', 25_565);
const cut: FailureFact = { class: 'unreachable', why: 'reset', undone: true };
const garbled = (capture: string): FailureFact => ({ class: 'malformed', capture, undone: true });

/** Lets the next try come; all else is answered. */
function untilAsked(story: Story): Story {
  for (let rounds = 0; rounds < 100; rounds++) {
    while (story.asked().includes('find')) story.lookedUp('cannot-tell');
    if (story.asked().includes('open')) return story;
    story.passToNext().alive();
  }
  throw new Error('nothing is asked for');
}

describe('an answer that cannot be read', () => {
  test('stays the reason however often it comes, with a harmless part of what was seen', () => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    for (let n = 0; n < 5; n++) {
      untilAsked(story).fail('open', garbled(`\u001b[2J<html>\r\n\u202e${'x'.repeat(500)}`));
      expect(story.status()).toMatchObject({ at: 'waiting', problem: { code: 'router-garbled' } });
    }
    const status = story.status();
    const seen =
      status.at === 'waiting' && status.problem?.code === 'router-garbled' ? status.problem.parameters.seen : '';
    expect(seen).toMatch(/^\[2J<html> x{60,80}…$/);
  });

  test('sends the next control to work in the same moment', () => {
    const story = new Story().found('pcp').found('igd').searchEnded().want(GAME);
    expect(story.fail('open', garbled('{}'))).toMatchObject({ control: 'pcp' });
    expect(story.grant()).toMatchObject({ control: 'igd' });
  });

  test('is remembered when the control that was left is lost meanwhile', () => {
    const story = new Story().found('pcp').found('igd').searchEnded().want(GAME);
    story.fail('open', garbled('?'));
    story.fail('open', { class: 'unreachable', why: 'no-route' });
    story.pass(inSeconds(30));
    expect(JSON.stringify(story.status())).not.toMatch(/one-per-internal-port|only-for-itself/);
  });

  test('of a renewal is asked again before another control is', () => {
    const story = new Story().found('pcp').found('igd').searchEnded().want(GAME);
    story.grant({ lifetime: 600 });
    story.pass(inMinutes(9)).alive();
    expect(story.fail('open', { class: 'malformed', capture: '?' })).toMatchObject({ control: 'pcp' });
    expect(story.status().at).toBe('open');
    expect(untilAsked(story).fail('open', { class: 'malformed', capture: '?' })).toMatchObject({ control: 'pcp' });
    expect(story.next('open')).toMatchObject({ control: 'igd' });
  });
});

test('the reason for a failed try stays until the next one is answered', () => {
  const story = new Story().found('igd').searchEnded().want(GAME);
  story.fail('open', refused('failed', 'upnp 501'));
  const waiting = { at: 'waiting', for: 'retry', problem: { code: 'router-failed' } };
  expect(story.status()).toMatchObject(waiting);
  untilAsked(story);
  expect(story.status()).toMatchObject(waiting);
  story.grant();
  expect(story.status().at).toBe('open');
});

test('a router that asked for a password is not said to have nothing while the next search has yet to ask it', () => {
  const router = { address: ip('192.168.1.1'), alive: true };
  const story = new Story().want(GAME).searchEnded({ routers: [{ ...router, guarded: true }] });
  const summary = { routers: [router], noNetwork: false, denied: false, localNetworkDenied: false };
  story.tell({ type: 'search-silent', at: story.now, summary });
  expect(problemsOf(story.state)).toMatchObject([{ code: 'router-password' }]);
  story.searchEnded({ routers: [router] });
  expect(problemsOf(story.state)).toMatchObject([{ code: 'port-control-off' }]);
});

describe('an opening that alone goes unanswered', () => {
  const cutOnce = (): Story => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    story.fail('open', cut);
    return story;
  };

  test('is not a sign that the router is away: its heartbeat shows that', () => {
    const story = cutOnce();
    // Until then nobody knows which it is.
    expect(story.status()).not.toHaveProperty('problem');
    expect(story.asked()).toBe('vitals');
    story.alive();
    expect(story.status()).toMatchObject({
      at: 'waiting',
      for: 'retry',
      problem: { code: 'open-unanswered', parameters: { gateway: 'Router', how: 'hung-up' } },
    });
    for (let n = 0; n < 6; n++) untilAsked(story).fail('open', cut);
    expect(problemsOf(story.alive().state)).toEqual([]);
    expect(story.status()).not.toHaveProperty('mayBeOpenUntil');
  });

  test('with its heartbeat unanswered, too, the router is away, as fast as ever', () => {
    const story = cutOnce();
    story.fail('vitals', silence);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'gateway' });
  });

  test('keeps its back-off when the search meets the router again, and loses it when the router restarts', () => {
    const story = cutOnce().alive();
    for (let n = 0; n < 8; n++) untilAsked(story).fail('open', cut);
    story.alive().found('igd').pass(inSeconds(30)).alive();
    expect(story.asked()).not.toContain('open');
    const alive = { from: ip('192.168.1.1'), kind: 'alive', location: undefined, epoch: undefined } as const;
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 1 } }).alive();
    expect(story.asked()).not.toContain('open');
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 2 } }).alive();
    expect(story.asked()).toContain('open');
  });

  test('speaks for other forwards of that router, and one that opens calls them all', () => {
    const wanted = Array.from({ length: 10 }, (_, n) => forward(`f${n}`, 30_000 + n));
    const story = new Story()
      .found('igd')
      .searchEnded()
      .want(...wanted);
    let tries = 0;
    const end = story.now + 75_000;
    while (story.now < end) {
      if (story.asked().includes('open')) {
        story.fail('open', cut);
        tries += 1;
      }
      story.alive();
      if (!story.asked().includes('open')) story.passToNext();
    }
    expect(tries).toBeLessThanOrEqual(30);
    untilAsked(story).grant();
    // At once, one after the other.
    for (let n = 1; n < 10; n++) story.grant();
    expect(new Set(story.statuses())).toEqual(new Set(['open']));
  });

  test.each([
    ['timeout', 'silent'],
    ['refused', 'not-there'],
  ] as const)('%s is reported as %s', (why, how) => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    story.fail('open', { class: 'unreachable', why });
    story.alive();
    expect(story.status()).toMatchObject({ problem: { code: 'open-unanswered', parameters: { how } } });
  });
});

describe('access that needs a password (X37)', () => {
  test('is reported as that, whichever action it is, and says what to turn on', () => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    story.fail('open', refused('not-authorized', 'http 401'));
    const status = story.status();
    expect(status).toMatchObject({ problem: { code: 'router-password' } });
    const problem = 'problem' in status ? status.problem : undefined;
    expect(problem === undefined ? '' : explain(problem, 'en').todo).toContain('Permit independent port sharing');
  });

  test('of the default router alone is why nothing can be opened there', () => {
    const story = new Story().want(GAME);
    story.searchEnded({ routers: [{ address: ip('192.168.1.1'), alive: true, guarded: true }] });
    expect(problemsOf(story.state)).toMatchObject([{ code: 'router-password', parameters: { router: '192.168.1.1' } }]);
  });

  test('a wrong URL is why, where nothing is found; where the router is found all the same it is a warning', () => {
    const wrongUrl = { url: 'http://192.168.1.1/', what: 'web-page', router: ip('192.168.1.1') } as const;
    const story = new Story().want(GAME);
    story.searchEnded({ wrongUrl, routers: [{ address: ip('192.168.1.1'), alive: true }] });
    expect(problemsOf(story.state)).toMatchObject([{ code: 'router-url', severity: 'error', parameters: wrongUrl }]);
    expect(problemsOf(story.found('igd').state)).toMatchObject([{ code: 'router-url', severity: 'warning' }]);
  });
});

describe('a failure without a reason', () => {
  test('is reported with the address where the line is known to be up', () => {
    const story = new Story().found('igd').searchEnded().want(GAME);
    story.fail('open', refused('failed', 'upnp 501'));
    expect(story.status()).toMatchObject({
      problem: { code: 'router-failed', parameters: { external: '11.22.33.44', suggestion: undefined } },
    });
  });

  test.each([
    ['which says that it is not connected', { externalAddress: ip('11.22.33.44'), connected: false }],
    ['whose address is unknown', { externalAddress: 'unknown' }],
    ['whose address is private', { externalAddress: ip('10.0.0.2') }],
  ] as const)('is reported without one for a router %s', (_name, vitals) => {
    const story = new Story().found('igd', { vitals }).searchEnded().want(GAME);
    story.fail('open', refused('firewall-failed', 'nat-pmp NETWORK_FAILURE'));
    expect(story.status()).toMatchObject({ problem: { code: 'router-failed', parameters: { external: undefined } } });
  });

  test('below 1024 is not reported as forbidden: nobody said so', () => {
    const story = new Story().found('igd').searchEnded().want(forward('web', 80));
    story.fail('open', refused('failed', 'upnp 501'));
    expect(story.status()).toMatchObject({ problem: { code: 'router-failed', parameters: { suggestion: 8080 } } });
  });

  test('of UPnP is explained by what another protocol said of the router as a whole', () => {
    const story = new Story().found('nat-pmp').found('igd').searchEnded().want(GAME);
    story.fail('open', refused('firewall-failed', 'nat-pmp NETWORK_FAILURE'));
    story.fail('open', refused('failed', 'upnp 501'));
    expect(story.status()).toMatchObject({ problem: { code: 'firewall-failed', gateway: HOME } });
  });
});
