import { describe, expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import { inMinutes, inSeconds, port, seconds } from '../../main/contract/units.ts';
import { isSettled, problemsOf } from '../../main/core/view.ts';
import type { Lease } from '../../main/core/state.ts';
import type { Vitals } from '../../main/contract/mapping.ts';
import { capabilities, forward, HOME, LAPTOP, listed, refused, silence, Story, type Asked } from '../support/story.ts';

function opened(control: 'igd' | 'pcp' | 'nat-pmp' = 'igd', lifetime = 600): Story {
  const story = new Story().found(control).searchEnded().want(forward('minecraft', 25_565));
  story.grant({ lifetime });
  return story;
}

function leaseOf(story: Story): Lease {
  const lease = [...story.state.mappings.values()][0]?.lease;
  if (lease === undefined) throw new Error('no lease');
  return lease;
}

describe('holding', () => {
  test('a lease is renewed before it ends, computed from what was granted', () => {
    const story = opened('pcp', 600);
    expect(leaseOf(story).renewAt - story.now).toBe(540_000);
    story.pass(inSeconds(539));
    expect(story.asked()).not.toContain('open');
    story.pass(inSeconds(1));
    expect(story.status().at).toBe('renewing');
    story.grant({ lifetime: 600 });
    expect(story.status().at).toBe('open');
  });

  test('a short lease is renewed at its half', () => {
    const story = opened('pcp', 60);
    expect(leaseOf(story).renewAt - story.now).toBe(30_000);
  });

  test('a renewal that goes unanswered is repeated, and nothing says open after the end', () => {
    const story = opened('pcp', 600);
    story.pass(inSeconds(540));
    const renewals = () => story.all.filter((action) => action.do === 'open').length;
    const end = leaseOf(story).expiresAt as number;
    while (story.now < end) {
      for (const kind of ['open', 'vitals'] as const) if (story.asked().includes(kind)) story.fail(kind, silence);
      story.passToNext();
    }
    expect(renewals()).toBeGreaterThan(2);
    expect(story.statuses()).not.toContain('open');
  });

  test('a renewal that cannot be read and has left nothing behind is not shown as open, and asked for again soon', () => {
    const story = opened('nat-pmp', 7200);
    while (!story.asked().includes('open')) story.passToNext().alive();
    const renewal = story.fail('open', { class: 'malformed', capture: 'x', undone: true });
    expect(renewal).toMatchObject({ wish: { isRenewal: true } });
    expect(story.statuses()).not.toContain('open');
    story.pass(inSeconds(5));
    expect(story.next('open').wish).toMatchObject({ external: { port: 25_565 }, isRenewal: false });
  });

  test('a server whose epoch went back is asked for everything again at once', () => {
    const story = new Story().found('pcp').want(forward('a', 1111), forward('b', 2222));
    story.grant({ epoch: seconds(5000) });
    story.grant({ epoch: seconds(5000) });
    story.pass(inSeconds(56));
    const vitals = story.next('vitals');
    story.tell({ type: 'vitals', at: story.now, random: 0, request: vitals.request, vitals: { epoch: seconds(3) } });
    expect(story.asked()).toBe('open open');
  });

  describe('a forward that may be gone', () => {
    const PORTS = [1111, 2222, 3333];
    const entry = (n: number) => ({ ...listed(LAPTOP, `PK-${n}T`, 3500), ...atPort(n) });
    const atPort = (n: number) => ({ external: { port: n }, internal: { client: LAPTOP, port: n } });
    /** The ports that are asked for again, once every look is answered by `table`. */
    function askedAgain(story: Story, table: readonly number[]): readonly number[] {
      answerLooks(story, table);
      return story.open
        .flatMap((action) => (action.do === 'open' ? [action.wish.external.port] : []))
        .toSorted((a, b) => a - b);
    }
    function answerLooks(story: Story, table: readonly number[]): void {
      while (story.asked().includes('find')) {
        const { port: at } = story.open.find((action) => action.do === 'find')?.key.external ?? { port: 0 };
        story.lookedUp(table.includes(at) ? entry(at) : 'absent');
      }
    }
    function holding(...controls: readonly ('igd' | 'pcp')[]): Story {
      const able = capabilities({ canFind: true, parallel: 4 });
      const story = new Story();
      for (const control of controls) story.found(control, control === 'igd' ? { capabilities: able } : {});
      story.searchEnded().want(...PORTS.map((n) => forward(`f${n}`, n)));
      while (story.asked().includes('open')) story.grant({ lifetime: 7200 });
      return story.pass(inSeconds(30));
    }
    function readdressed(story: Story): Story {
      while (!story.asked().includes('vitals')) story.passToNext();
      answerLooks(story, PORTS);
      return story.alive({ externalAddress: ip('11.22.33.99') });
    }

    test('is checked first, and left alone when it is there', () => {
      expect(askedAgain(readdressed(holding('igd')), PORTS)).toEqual([]);
    });

    test('is requested again where it is not there, and nothing else is', () => {
      const story = readdressed(holding('igd'));
      expect(askedAgain(story, [1111, 2222])).toEqual([3333]);
      expect(story.next('open').wish.recreate).toBe(false);
    });

    test('is requested again without more looks once the first look shows that it is gone', () => {
      const story = readdressed(holding('igd'));
      expect(story.next('find')).toMatchObject({ afresh: true, key: { external: { port: 1111 } } });
      expect(story.asked()).toBe('');
      story.open.push(...story.all.flatMap((action) => (action.do === 'find' ? [action] : [])).slice(-1));
      story.lookedUp('absent');
      expect(story.asked()).not.toContain('find');
      expect(askedAgain(story, [])).toHaveLength(PORTS.length);
    });

    test('and was made over PCP is checked where UPnP has shown such an entry', () => {
      const story = holding('pcp', 'igd');
      while (!story.asked().includes('find')) story.passToNext().alive();
      expect(askedAgain(story, PORTS)).toEqual([]);
      story.pass(inSeconds(3));
      const restarted = (epoch: number) => {
        while (!story.asked().includes('vitals')) story.passToNext();
        return story.alive({ epoch: seconds(epoch) });
      };
      restarted(5000);
      expect(askedAgain(story, PORTS)).toHaveLength(0);
      restarted(1);
      expect(askedAgain(story, [1111, 3333])).toEqual([2222]);
    });

    test('is checked again when the look fails, and requested again when that fails as well', () => {
      const story = readdressed(holding('igd'));
      story.fail('find', silence);
      expect(story.asked()).not.toContain('open');
      story.pass(inSeconds(3));
      story.fail('find', silence);
      expect(askedAgain(story, [])).toHaveLength(PORTS.length);
    });

    test('and is the first that a look misses makes the others be checked', () => {
      const story = holding('igd');
      while (!story.asked().includes('find')) story.passToNext().alive();
      story.lookedUp('absent');
      expect(askedAgain(story, PORTS.slice(1))).toEqual([1111]);
    });
  });

  test('one entry is looked up at a time, however many requests the gateway takes', () => {
    const able = capabilities({ canFind: true, parallel: 4 });
    const story = new Story().found('igd', { capabilities: able }).searchEnded();
    story.want(...[1, 2, 3, 4].map((n) => forward(`f${n}`, 30_000 + n)));
    while (story.asked().includes('open')) story.grant();
    story.pass(inSeconds(50)).alive().pass(inSeconds(10));
    expect(
      story
        .asked()
        .split(' ')
        .filter((kind) => kind === 'find'),
    ).toHaveLength(1);
  });

  test('an entry that somebody else took over is not counted as ours', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(60)).alive();
    story.lookedUp(listed('192.168.1.99', 'thief'));
    expect(story.status().at).toBe('opening');
  });

  test('a renewal that did not restart the router’s clock is done by delete and add before the end (L8)', () => {
    const story = opened('igd', 600);
    story.pass(inSeconds(540)).alive();
    story.grant({ lifetime: 600 });
    story.pass(inSeconds(40)).alive();
    while (!story.asked().includes('find')) story.passToNext().alive();
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 20));
    story.pass(inSeconds(11));
    expect(story.next('open').wish.recreate).toBe(true);
  });

  test('one that was renewed just after its grant, and given less than asked for, is not deleted', () => {
    const story = opened('igd', 180);
    story.pass(inSeconds(10)).alive();
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 170));
    // Another lease time is asked for at once.
    story.want(forward('minecraft', 25_565, { lease: seconds(1800) }));
    story.grant({ lifetime: 3600 });
    for (let steps = 0; steps < 20 && !story.asked().includes('find'); steps += 1) story.passToNext().alive();
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 180 - Math.round((story.now - leaseOf(story).grantedAt) / 1000)));
    expect(leaseOf(story).recreate).toBe(false);
  });

  test('one that the router gives less for than before is renewed in place, as soon as it shows (L6)', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(3240)).alive();
    story.grant({ lifetime: 3600 });
    story.pass(inSeconds(10)).alive();
    while (!story.asked().includes('find')) story.passToNext().alive();
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 110));
    story.pass(inSeconds(60)).alive();
    expect(story.next('open').wish.recreate).toBe(false);
  });

  describe('a router that gives less than it says, as its table shows of one entry', () => {
    const entryAt = (n: number, left: number) => ({
      ...listed(LAPTOP, `PK-${n}T`, left),
      external: { port: port(n) },
      internal: { client: LAPTOP, port: port(n) },
    });
    const endsAfter = (story: Story): readonly number[] =>
      [...story.state.mappings.values()].map(
        ({ lease }) => (Number(lease?.expiresAt) - Number(lease?.grantedAt)) / 1000,
      );

    /** Until it asks so; its looks show leases of so many seconds from their grant on. */
    function passUntil(story: Story, kind: 'find' | 'open', whole: number): void {
      for (let steps = 0; steps < 100; steps += 1) {
        story.passToNext().alive();
        if (story.asked().includes(kind)) return;
        if (story.asked().includes('find')) look(story, whole);
      }
      throw new Error(`never asks to ${kind}`);
    }
    function look(story: Story, whole: number): void {
      const at = Number(story.open.find((action) => action.do === 'find')?.key.external.port);
      story.lookedUp(entryAt(at, whole - Math.round((story.now - leaseOf(story).grantedAt) / 1000)));
    }
    function shortLived(): Story {
      const story = new Story().found('igd').want(forward('a', 1111), forward('b', 2222));
      story.grant({ lifetime: 3600 });
      story.grant({ lifetime: 3600 });
      passUntil(story, 'find', 3600);
      look(story, 300);
      return story;
    }

    test('is believed to do so with all of them, and those that follow', () => {
      const story = shortLived();
      expect(endsAfter(story)).toEqual([300, 300]);
      passUntil(story, 'open', 300);
      story.grant({ lifetime: 3600 });
      expect(endsAfter(story)).toEqual([300, 300]);
      expect(story.statuses()).toContain('open');
    });

    test('is not taken for one because of a lease that is nearly over', () => {
      const story = new Story().found('igd').want(forward('a', 1111), forward('b', 2222));
      story.grant({ lifetime: 3600 });
      story.grant({ lifetime: 3600 });
      passUntil(story, 'find', 3600);
      look(story, 40);
      let asked = 0;
      const end = story.now + 600_000;
      for (let steps = 0; steps < 2000 && story.now < end; steps += 1) {
        story.passToNext().alive();
        if (story.asked().includes('find')) look(story, 3600);
        for (; story.asked().includes('open'); asked += 1) story.grant({ lifetime: 3600 });
      }
      expect(asked).toBeLessThan(10);
    });

    test('is believed again once another entry shows more', () => {
      const story = shortLived();
      passUntil(story, 'open', 3600);
      story.grant({ lifetime: 3600 });
      expect(endsAfter(story)).toContain(3600);
    });
  });

  test('a listed mapping that lets nothing through is reported, and deleted and added at once (L20)', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(10));
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 3500));
    const [mapping] = story.state.mappings.keys();
    if (mapping === undefined) throw new Error('no mapping');
    story.tell({ type: 'probed', at: story.now, random: 0, mapping, passes: false });
    const dead = expect.objectContaining({ code: 'listed-but-dead', forward: 'minecraft' });
    expect(problemsOf(story.state)).toContainEqual(dead);
    expect(story.grant({ lifetime: 3600 }).wish.recreate).toBe(true);
    story.tell({ type: 'probed', at: story.now, random: 0, mapping, passes: true });
    expect(problemsOf(story.state)).not.toContainEqual(dead);
    expect(leaseOf(story).evidence).toBe('traffic');
  });

  test('a gateway that is away is waited for and reported, and everything is requested again when it is back', () => {
    const story = opened('pcp', 3600);
    story.pass(inSeconds(60));
    story.fail('vitals', silence);
    expect(story.status().at).toBe('open');
    story.pass(inSeconds(5));
    story.fail('vitals', silence);
    expect(story.status()).toMatchObject({
      at: 'waiting',
      for: 'gateway',
      mayBeOpenUntil: expect.any(Number) as number,
    });
    let longest = 0;
    for (let n = 0; n < 10; n++) {
      const before = story.now;
      while (!story.asked().includes('vitals')) story.passToNext();
      longest = Math.max(longest, story.now - before);
      story.fail('vitals', silence);
    }
    expect(longest).toBeLessThanOrEqual(60_000);
    while (!story.asked().includes('vitals')) story.passToNext();
    const vitals = story.next('vitals');
    story.tell({ type: 'vitals', at: story.now, random: 0, request: vitals.request, vitals: { epoch: seconds(1) } });
    story.grant();
    expect(story.status().at).toBe('open');
  });

  test('a gateway is away once two heartbeats go unanswered, though what was asked before them is answered', () => {
    const story = opened('pcp', 600);
    story.pass(inSeconds(530)).alive().pass(inSeconds(10));
    while (!story.asked().includes('vitals')) story.passToNext();
    story.pass(inSeconds(1)).grant();
    story.fail('vitals', silence);
    while (!story.asked().includes('vitals')) story.passToNext();
    story.fail('vitals', silence);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'gateway' });
  });

  test('a gateway is away once none of its controls answers, also those that hold nothing', () => {
    const story = new Story().found('pcp').found('nat-pmp').found('igd').searchEnded();
    story.want(forward('minecraft', 25_565));
    expect(story.grant({ lifetime: 3600 }).control).toBe('pcp');
    story.pass(inSeconds(60));
    while (story.asked().includes('find')) story.lookedUp('cannot-tell');
    const refused = { class: 'unreachable', why: 'refused' } as const;
    expect(story.fail('vitals', refused).control).toBe('pcp');
    expect(story.status().at).toBe('open');
    story.fail('vitals', refused);
    story.fail('vitals', refused);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'gateway' });
  });

  test('a refused connection starts a search at once: the service moved (D14)', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(60));
    story.fail('vitals', { class: 'unreachable', why: 'refused' });
    expect(story.all.at(-1)).toEqual({ do: 'search' });
  });

  test('TCP and UDP on one internal port are both removed before either is created again', () => {
    const story = new Story().found('igd').searchEnded();
    story.want(forward('factorio', 34_197, { transports: ['tcp', 'udp'] }));
    story.grant();
    story.grant();
    const [mapping] = story.state.mappings.keys();
    if (mapping === undefined) throw new Error('no mapping');
    story.tell({ type: 'probed', at: story.now, random: 0, mapping, passes: false });
    expect(story.closed().key.transport).toBe('tcp');
    expect(story.asked()).toBe('close');
    story.closed();
    expect([story.grant(), story.grant()]).toMatchObject([{ do: 'open' }, { do: 'open' }]);
    expect(story.statuses()).toEqual(['open', 'open']);
  });

  test('closing TCP creates a UDP twin on the same internal port again', () => {
    const tcp = forward('a', 34_197);
    const udp = forward('b', 34_197, { transports: ['udp'] });
    const story = new Story().found('igd').searchEnded().want(tcp, udp);
    story.grant();
    story.grant();
    story.want(udp);
    story.closed();
    expect(story.next('open').wish).toMatchObject({ transport: 'udp', recreate: true });
  });

  test('an announcement only starts a check', () => {
    const story = opened('pcp', 3600);
    story.pass(inSeconds(10));
    const announcement = {
      from: ip('192.168.1.1'),
      kind: 'epoch' as const,
      location: undefined,
      bootId: undefined,
      epoch: seconds(0),
    };
    story.tell({ type: 'announced', at: story.now, announcement });
    expect(story.asked()).toBe('vitals');
    story.tell({ type: 'announced', at: story.now, announcement: { ...announcement, from: ip('192.168.1.66') } });
    expect(story.asked()).toBe('vitals');
  });

  test('a sign of life has what waits for an answer asked again at once, and what is being answered left alone', () => {
    const story = opened('pcp', 3600);
    const hear = () => {
      const announcement = { from: ip('192.168.1.1'), kind: 'epoch' as const, location: undefined, bootId: undefined };
      story.tell({ type: 'announced', at: story.now, announcement: { ...announcement, epoch: seconds(0) } });
    };
    story.pass(inSeconds(60));
    const before = story.next('vitals');
    story.pass(inSeconds(5));
    hear();
    const after = story.next('vitals');
    // The outcome of the former no longer counts.
    story.tell({ type: 'failed', at: story.now, random: 0, request: before.request, failure: silence });
    expect(story.asked()).toBe('');
    story.tell({ type: 'vitals', at: story.now, random: 0, request: after.request, vitals: {} });
    story.want(...[1111, 2222].map((n) => forward(`f${n}`, n)));
    story.pass(inSeconds(5));
    story.grant();
    hear();
    expect(story.asked().split(' ')).toContain('open');
    expect(story.all.filter(({ do: what }) => what === 'open')).toHaveLength(3);
  });

  test('the first boot id that is heard starts a check of vitals and table, a later one a look at everything', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(60)).alive();
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 3500));
    const alive = { from: ip('192.168.1.1'), kind: 'alive' as const, location: undefined, epoch: undefined };
    story.pass(inSeconds(10));
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 7 } });
    expect(story.asked()).toBe('vitals');
    story.alive();
    expect(story.asked()).toBe('find');
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 3500));
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 7 } });
    expect(story.asked()).toBe('');
    story.tell({ type: 'announced', at: story.now, announcement: { ...alive, bootId: 8 } });
    expect(story.next('find').afresh).toBe(true);
  });

  test('no announcement in quick succession is lost, and none makes us chatty', () => {
    const story = opened('pcp', 3600);
    story.pass(inSeconds(10));
    const announcement = {
      from: ip('192.168.1.1'),
      kind: 'epoch' as const,
      location: undefined,
      bootId: undefined,
      epoch: seconds(0),
    };
    const hear = () => story.tell({ type: 'announced', at: story.now, announcement });
    hear();
    story.alive();
    hear();
    hear();
    expect(story.asked()).toBe('');
    story.pass(inSeconds(2));
    expect(story.asked()).toBe('vitals');
  });

  test('a control that has answered heartbeats may again, though a search found it while it answered none', () => {
    const story = opened('igd', 3600);
    story.found('igd', { vitals: {} });
    expect(story.state.gateways.get(HOME)?.controls.get('igd')).toMatchObject({ answersVitals: true });
  });

  test('a renewal that goes unanswered after it was switched off is closed, though the lease before it has ended', () => {
    const story = opened('pcp', 600);
    while (!story.asked().includes('open')) story.alive().passToNext();
    story.want().pass(inSeconds(400));
    // The router is away by then.
    for (const kind of ['vitals', 'vitals', 'open'] as const) {
      story.fail(kind, silence);
      story.pass(inSeconds(5));
    }
    story.found('pcp');
    expect(story.closed()).toMatchObject({ key: { external: { port: 25_565 } } });
  });

  test('while the line is down a renewal is not repeated again and again, and once more before the end', () => {
    const story = opened('igd', 180);
    const pass = (time: number, vitals: Vitals): number => {
      let asked = 0;
      for (let second = 0; second < time; second += 1) {
        story.pass(inSeconds(1)).alive(vitals);
        while (story.asked().includes('find')) story.lookedUp(listed(LAPTOP, 'PK-25565T', 180));
        for (; story.asked().includes('open'); asked += 1) story.fail('open', refused('no-external-address'));
      }
      return asked;
    };
    pass(70, { externalAddress: ip('198.51.100.7') });
    const asked = pass(100, { externalAddress: 'none' });
    expect(asked).toBeGreaterThan(2);
    expect(asked).toBeLessThanOrEqual(9);
    story.pass(inSeconds(60)).alive({ externalAddress: ip('198.51.100.7') });
    expect(story.asked()).toContain('open');
  });

  test('a lease whose renewals went unanswered is closed when it is switched off, though it seems to have ended', () => {
    const story = opened('pcp', 600);
    while (!story.asked().includes('open')) story.alive().passToNext();
    story.fail('open', silence);
    for (let time = 0; time < 2; time += 1) {
      story.pass(inSeconds(20));
      while (story.asked() !== '') story.fail(story.open[0]?.do ?? 'vitals', silence);
    }
    story.pass(inSeconds(400)).want();
    story.found('pcp');
    expect(story.closed()).toMatchObject({ key: { external: { port: 25_565 } } });
  });

  test('a lease that ends while its last renewal waits for an answer is closed when it is switched off', () => {
    const story = opened('pcp', 600);
    for (let steps = 0; steps < 100 && !story.asked().includes('open'); steps += 1) story.alive().passToNext();
    const end = Number(leaseOf(story).expiresAt);
    while (story.now <= end) story.pass(inSeconds(1)).alive();
    story.fail('open', silence);
    story.pass(inSeconds(1)).want();
    for (let steps = 0; steps < 20 && !story.asked().includes('close'); steps += 1) story.passToNext().alive();
    expect(story.closed()).toMatchObject({ key: { external: { port: 25_565 } } });
  });

  test('a shorter lease than was asked for, as nothing but experience says, is closed also after its end', () => {
    const story = new Story().found('igd').searchEnded().want(forward('minecraft', 25_565));
    story.grant({ lifetime: 180 });
    story.want();
    story.fail('close', silence);
    for (let second = 0; second < 300; second += 1) {
      story.pass(inSeconds(1));
      while (story.asked() !== '') story.fail(story.open[0]?.do ?? 'vitals', silence);
    }
    story.found('igd');
    for (let second = 0; second < 70 && !story.asked().includes('close'); second += 1) story.pass(inSeconds(1)).alive();
    expect(story.closed()).toMatchObject({ key: { external: { port: 25_565 } } });
  });

  test('waking checks every gateway at once', () => {
    const story = opened('pcp', 3600);
    story.tell({ type: 'woke', at: story.now });
    expect(story.asked()).toBe('vitals');
  });

  test('a changed public IP address is a reason to check everything', () => {
    const story = opened('igd', 3600);
    story.pass(inSeconds(60));
    const vitals = story.next('vitals');
    const event = { type: 'vitals' as const, at: story.now, random: 0, request: vitals.request };
    story.tell({ ...event, vitals: { externalAddress: ip('11.22.33.99') } });
    expect(story.state.gateways.get(HOME)?.externalAddress).toBe('11.22.33.99');
    expect(story.next('find').afresh).toBe(true);
  });
});

describe('one of two controls that falls silent', () => {
  test('is searched for until it is back, for it may be the only one that can renew what it made (P15)', () => {
    const story = new Story().found('pcp').found('nat-pmp').searchEnded().want(forward('minecraft', 25_565));
    story.grant();
    story.pass(inSeconds(60)).fail('vitals', silence);
    story.pass(inSeconds(5)).fail('vitals', silence);
    const searches = () => story.all.filter((action) => action.do === 'search').length;
    const before = searches();
    story.alive().searchEnded();
    while (searches() < before + 3) {
      story.passToNext().alive();
      if (story.state.search.running) story.searchEnded();
    }
    const then = searches();
    story.found('pcp');
    for (let n = 0; n < 20; n++) {
      if (story.state.search.running) story.searchEnded();
      story.passToNext().alive();
    }
    expect(searches()).toBeLessThanOrEqual(then + 1);
  });

  test('is searched for at once when the gateway is back', () => {
    const story = new Story().found('pcp').found('nat-pmp').searchEnded().want(forward('minecraft', 25_565));
    story.grant();
    story.pass(inSeconds(60)).fail('vitals', silence);
    for (let n = 0; n < 30; n++) {
      while (story.asked().includes('vitals')) story.fail('vitals', silence);
      if (story.state.search.running) story.searchEnded();
      story.passToNext();
    }
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'gateway' });
    if (story.state.search.running) story.searchEnded();
    while (!story.asked().includes('vitals')) story.passToNext();
    if (story.state.search.running) story.searchEnded();
    story.alive();
    expect(story.state.search.running).toBe(true);
  });
});

describe('a forward held a moment ago', () => {
  /** PCP held it, and has fallen silent: UPnP is asked. */
  function takenOver(): Story {
    const upnp = capabilities({ canFind: true, parallel: 4 });
    const story = new Story().found('pcp').found('igd', { capabilities: upnp }).searchEnded();
    story.want(forward('minecraft', 25_565));
    story.grant({ lifetime: 600 });
    story.pass(inSeconds(540));
    for (let n = 0; n < 2; n++) {
      untilAsked(story);
      story.fail('open', silence);
    }
    return untilAsked(story);
  }

  function untilAsked(story: Story): Story {
    for (let n = 0; n < 20 && !story.asked().includes('open'); n++) {
      if (story.asked().includes('find')) story.lookedUp(listed(LAPTOP, 'PCP MAP'));
      else story.passToNext();
    }
    return story;
  }

  test('is not refused for good over a conflict, but requested again soon, and stays on record', () => {
    const story = takenOver();
    expect(story.fail('open', refused('conflict'))).toMatchObject({ control: 'igd' });
    expect(story.status()).toMatchObject({
      at: 'waiting',
      for: 'retry',
      mayBeOpenUntil: expect.any(Number) as unknown,
    });
    const [held] = story.state.mappings.values();
    expect(held?.lease).toMatchObject({ control: 'pcp', external: { port: 25_565 } });
    story.lookedUp(listed('192.168.1.99', 'thief'));
    expect(story.status()).toMatchObject({ at: 'waiting', problem: { parameters: { holder: '192.168.1.99' } } });
    const before = story.now;
    untilAsked(story).grant();
    expect(story.now - before).toBeLessThan(inSeconds(60));
    expect(story.status().at).toBe('open');
  });

  test('is refused when that does not help for a quarter of an hour', () => {
    const story = takenOver();
    const start = story.now;
    for (let n = 0; n < 100 && story.status().at !== 'refused'; n++) {
      if (story.asked().includes('find')) story.lookedUp(listed('192.168.1.99', 'thief'));
      else if (story.asked().includes('open')) story.fail('open', refused('conflict'));
      else story.passToNext();
    }
    expect(story.now - start).toBeGreaterThanOrEqual(inMinutes(15));
    expect(story.status()).toMatchObject({ at: 'refused', problem: { code: 'conflict' } });
  });

  test('nor over anything else that a control of another protocol says', () => {
    const story = takenOver();
    story.fail('open', refused('not-authorized', 'upnp 606'));
    expect(story.status().at).toBe('open');
    const before = story.now;
    untilAsked(story);
    expect(story.now - before).toBeLessThan(inSeconds(60));
  });
});

test('an entry that forwards to us is not a holder that we give way to, whatever its text', () => {
  const story = new Story().found('igd').searchEnded().want(forward('minecraft', 25_565));
  story.fail('open', refused('conflict'));
  story.lookedUp(listed(LAPTOP, 'PCP MAP'));
  expect(story.status()).toMatchObject({ at: 'waiting', for: 'retry' });
  expect(story.status()).not.toHaveProperty('problem');
  story.pass(inSeconds(2));
  story.grant();
  expect(story.status().at).toBe('open');
});

describe('a control that is only remembered', () => {
  test('serves for a first request, and is not a sign of life of a gateway that is away', () => {
    const blind = capabilities();
    const remembered = { foundBy: 'remembered', vitals: {}, capabilities: blind } as const;
    const story = new Story().found('igd', remembered).want(forward('minecraft', 25_565));
    story.grant();
    story.pass(inSeconds(60)).fail('vitals', silence);
    story.pass(inSeconds(5)).fail('vitals', silence);
    story.found('igd', remembered);
    expect(story.status()).toMatchObject({ at: 'waiting', for: 'gateway' });
    story.found('igd', { capabilities: blind });
    story.grant();
    expect(story.status().at).toBe('open');
  });
});

describe('a control that is found again', () => {
  test('a question asked at its former place is asked again at the new one at once (D14)', () => {
    const blind = { capabilities: capabilities({ parallel: 2 }) };
    const story = new Story().found('igd', blind).searchEnded().want(forward('minecraft', 25_565));
    story.grant({ lifetime: 3600 });
    const moved = {
      from: ip('192.168.1.1'),
      kind: 'alive' as const,
      location: undefined,
      epoch: undefined,
    };
    story.pass(inSeconds(20)).tell({ type: 'announced', at: story.now, announcement: { ...moved, bootId: 1 } });
    story.tell({ type: 'announced', at: story.now, announcement: { ...moved, bootId: 2 } });
    story.pass(inSeconds(1)).found('igd', blind);
    story.fail('open', { class: 'unreachable', why: 'refused' });
    expect(story.status().at).toBe('renewing');
    expect(story.asked()).toContain('open');
  });
});

describe('a forward that one control refuses to close', () => {
  /** The laptop has another address; the router lets only the former one close what it opened over PCP (C2). */
  const moved = (): Story => {
    const story = new Story().found('pcp').found('igd').searchEnded().want(forward('minecraft', 25_565));
    expect(story.grant()).toMatchObject({ control: 'pcp' });
    const host = {
      network: '192.168.1.1/24',
      interfaces: new Map([['eth0', [ip('192.168.1.8')]]]),
      publicIpv6: new Map(),
    };
    story.tell({ type: 'network', at: story.now, host }).found('pcp').found('igd');
    expect(story.fail('close', refused('not-authorized', 'pcp NOT_AUTHORIZED'))).toMatchObject({ control: 'pcp' });
    return story;
  };

  test('is closed over another before anything else is said or asked', () => {
    const story = moved();
    expect(isSettled(story.state)).toBe(false);
    expect(story.asked()).toBe('close');
    expect(story.closed()).toMatchObject({ control: 'igd' });
    story.grant();
    expect(story.status().at).toBe('open');
  });

  test('and cannot be closed at all, keeps its port until it can; then that is requested again at once', () => {
    const story = moved();
    expect(story.fail('close', refused('not-authorized', 'upnp 606'))).toMatchObject({ control: 'igd' });
    // PCP does not show whether it is taken, so UPnP is asked as well.
    story.fail('open', refused('conflict'));
    story.fail('open', refused('conflict'));
    story.lookedUp(listed(LAPTOP, 'PK-25565T'));
    story.pass(inSeconds(2));
    story.closed();
    story.grant();
    expect(story.status().at).toBe('open');
  });
});

describe('the public IP address', () => {
  test('an IPv6 opening says nothing about it, nor about the epoch of the IPv4 server', () => {
    const able = capabilities({ families: ['ipv4', 'ipv6'] });
    const story = new Story().found('pcp', { capabilities: able }).searchEnded();
    const host = {
      network: '192.168.1.1/24',
      interfaces: new Map([['eth0', [LAPTOP, ip('2a0d:c0de::10')]]]),
      publicIpv6: new Map([['eth0', ip('2a0d:c0de::10')]]),
    };
    story.tell({ type: 'network', at: story.now, host }).searchEnded().alive();
    story.want(forward('a', 1111, { families: ['ipv4', 'ipv6'] }));
    for (let n = 0; n < 2; n++) {
      const family = story.open.find((action) => action.do === 'open')?.wish.family;
      const address = ip(family === 'ipv4' ? '11.22.33.44' : '2a0d:c0de::10');
      story.grant({ external: { port: port(1111), address }, epoch: seconds(family === 'ipv4' ? 5000 : 70) });
    }
    expect(story.asked()).toBe('');
    expect(story.state.gateways.get(HOME)?.externalAddress).toBe('11.22.33.44');
  });

  test('two controls that report different ones are not a change', () => {
    const story = new Story().found('pcp').found('igd').searchEnded();
    story.want(
      forward('a', 8080, { internal: { first: port(80) } }),
      forward('b', 8081, { internal: { first: port(80) } }),
    );
    story.grant({ external: { port: port(8080), address: ip('11.22.33.44') } });
    expect(story.grant()).toMatchObject({ control: 'igd' });
    const asked = () => story.all.filter((action) => action.do === 'open').length;
    for (let minute = 0; minute < 5; minute++) {
      story.pass(inSeconds(60));
      while (story.asked().includes('vitals')) {
        const { request, control } = story.next('vitals');
        const vitals = { externalAddress: control === 'igd' ? ('none' as const) : ip('11.22.33.44') };
        story.tell({ type: 'vitals', at: story.now, random: 0, request, vitals });
        while (story.asked().includes('open')) story.grant();
      }
      while (story.asked().includes('find')) story.lookedUp('cannot-tell');
    }
    // The first "none" is a change of the UPnP side's own mind; it stays so.
    expect(asked()).toBeLessThanOrEqual(4);
    expect(story.state.gateways.get(HOME)?.externalAddress).toBe('11.22.33.44');
  });

  test('one that comes with a renewal is a change as well', () => {
    const story = new Story().found('pcp').searchEnded().want(forward('a', 1111), forward('b', 2222));
    story.grant({ external: { port: port(1111), address: ip('11.22.33.44') } });
    story.grant({ lifetime: 600, external: { port: port(2222), address: ip('11.22.33.44') } });
    story.pass(inSeconds(545)).alive();
    story.grant({ lifetime: 600, external: { port: port(2222), address: ip('11.22.33.99') } });
    expect(story.next('open').wish).toMatchObject({ external: { port: 1111 } });
  });

  test('a router without one is asked less and less often, and at once when it has one', () => {
    const story = new Story().found('igd').searchEnded().want(forward('a', 1111));
    const asked = () => story.all.filter((action) => action.do === 'open').length;
    const end = story.now + 3 * 3_600_000;
    while (story.now < end) {
      if (story.asked().includes('open')) story.fail('open', refused('no-external-address', 'upnp 501'));
      else story.alive({ externalAddress: 'none' }).passToNext();
    }
    expect(asked()).toBeLessThan(30);
    const before = asked();
    while (!story.asked().includes('vitals')) {
      if (story.asked().includes('open')) story.fail('open', refused('no-external-address', 'upnp 501'));
      else story.passToNext();
    }
    expect(story.now - end).toBeLessThan(61_000);
    story.alive({ externalAddress: ip('11.22.33.44') });
    expect(asked()).toBeGreaterThan(before);
    story.grant();
    expect(story.status().at).toBe('open');
  });
});

describe('closing', () => {
  test('a forward no longer wanted is closed, and closed means confirmed by the router', () => {
    const story = opened();
    story.want();
    expect(story.statuses()).toEqual(['closing']);
    story.closed();
    expect(story.statuses()).toEqual([]);
  });

  test('closing that fails is tried again until the lease expires', () => {
    const story = opened('pcp', 600);
    story.want();
    story.fail('close', silence);
    story.pass(inSeconds(3));
    expect(story.asked()).toContain('close');
    story.fail('close', silence);
    story.pass(inMinutes(11));
    expect(story.state.leftovers.size).toBe(0);
  });

  test('a forward whose internal port changed is closed before it is opened again', () => {
    const story = opened();
    story.want(forward('minecraft', 25_565, { internal: { first: port(25_600) } }));
    expect(story.asked()).toBe('close');
    story.closed();
    expect(story.grant().wish.internal.port).toBe(25_600);
  });

  test('a leftover of an earlier run is adopted when it is wanted, with its nonce, and closed when it is not', () => {
    const before = opened('pcp', 3600);
    const lease = { ...leaseOf(before), handle: { nonce: 'aaaaaaaaaaaaaaaaaaaaaaaa' } };
    const other = { ...lease, external: { port: port(4444) }, internal: { client: LAPTOP, port: port(4444) } };
    const story = new Story();
    const leases = [lease, other].map((held) => ({ lease: held, label: '', kept: false }));
    story.tell({ type: 'recovered', at: story.now, leases });
    story.want(forward('minecraft', 25_565));
    story.found('pcp');
    expect(story.closed().key).toMatchObject({ external: { port: 4444 } });
    expect(story.statuses()).toEqual(['opening']);
    expect(story.grant().wish.handle).toEqual({ nonce: 'aaaaaaaaaaaaaaaaaaaaaaaa' });
    expect(story.statuses()).toEqual(['open']);
  });

  test('of leftovers in one place that several controls were asked for, none is closed while it is wanted', () => {
    const nonce = 'aaaaaaaaaaaaaaaaaaaaaaaa';
    const lease = { ...leaseOf(opened('igd', 3600)), handle: {} };
    const story = new Story();
    const leases = [{ ...lease, control: 'pcp' as const, handle: { nonce } }, lease].map((held) => ({
      lease: held,
      label: '',
      kept: false,
    }));
    story.tell({ type: 'recovered', at: story.now, leases });
    story.want(forward('minecraft', 25_565));
    story.found('pcp').found('igd');
    expect(story.asked()).not.toContain('close');
    expect(story.grant().wish.handle).toEqual({ nonce });
    expect(story.pass(inSeconds(60)).asked()).not.toContain('close');
  });

  describe('what another control may have made without an answer', () => {
    /** Open over NAT-PMP, and asked for over PCP. */
    function askedTwice(): Story {
      const story = opened('nat-pmp', 600).found('pcp');
      for (let steps = 0; steps < 100; steps += 1) {
        story.passToNext().alive();
        if (!story.asked().includes('open')) continue;
        const { control } = story.open.find((action) => action.do === 'open') ?? {};
        story.fail('open', control === 'pcp' ? silence : { class: 'malformed', capture: 'x' });
        if (control === 'pcp') return story;
      }
      throw new Error('PCP is never asked');
    }

    test('is closed as well', () => {
      const story = askedTwice();
      story.want();
      expect([story.closed(), story.closed()].map(({ control }) => control).toSorted()).toEqual(['nat-pmp', 'pcp']);
    });

    test('stays open with what is kept', () => {
      const story = askedTwice();
      story.tell({ type: 'kept', at: story.now });
      expect([...story.state.leftovers.values()].map(({ kept }) => kept)).toEqual([true, true]);
      expect(story.pass(inSeconds(60)).asked()).not.toContain('close');
    });

    test('is not closed when it is turned off and on again during a renewal', () => {
      const story = askedTwice();
      for (let steps = 0; steps < 100 && !story.asked().includes('open'); steps += 1) story.passToNext().alive();
      story.want().want(forward('minecraft', 25_565));
      story.grant({ lifetime: 600 });
      expect(story.pass(inSeconds(30)).alive().asked()).not.toContain('close');
      expect(story.statuses()).toEqual(['renewing']);
    });
  });

  test('a leftover on another network is left alone until we are there again', () => {
    const lease = { ...leaseOf(opened('pcp', 3600)), network: '192.168.1.1/24 00:00:00:00:00:01' };
    const story = new Story('192.168.1.1/24 00:00:00:00:00:02');
    story.tell({ type: 'recovered', at: story.now, leases: [{ lease, label: '', kept: false }] });
    story.found('pcp');
    expect(story.asked()).toBe('');
    const host = { network: lease.network, interfaces: new Map([['eth0', [LAPTOP]]]), publicIpv6: new Map() };
    story.tell({ type: 'network', at: story.now, host });
    story.found('pcp');
    expect(story.asked()).toContain('close');
  });

  test('a kept forward stays open and is not ours to close', () => {
    const story = opened('igd', 3600);
    story.tell({ type: 'kept', at: story.now });
    expect(story.asked()).toBe('');
    expect([...story.state.leftovers.values()]).toMatchObject([{ kept: true }]);
    story.tell({ type: 'unkept', at: story.now, keys: [...story.state.leftovers.keys()] });
    expect(story.asked()).toBe('close');
  });

  test('a new address of ours closes forwards to the old one, and opens them again', () => {
    const story = opened('igd', 3600);
    const host = {
      network: '192.168.1.1/24',
      interfaces: new Map([['eth0', [ip('192.168.1.8')]]]),
      publicIpv6: new Map(),
    };
    story.tell({ type: 'network', at: story.now, host });
    expect(story.status().at).toBe('waiting');
    story.found('igd');
    expect(story.asked()).toContain('close');
    story.fail('close', refused('not-authorized', 'upnp 606'));
    // It could not be closed: asking shows who is in the way.
    expect(story.asked()).toContain('open');
  });
});

describe('not fooled', () => {
  const said = { from: ip('192.168.1.1'), kind: 'alive' as const, epoch: undefined };

  test('another device on the router’s own address does not keep us searching, nor creating mappings again', () => {
    const story = opened('igd', 86_400);
    const searches = () => story.all.filter((action) => action.do === 'search').length;
    const openings = () => story.all.filter((action) => action.do === 'open').length;
    const before = { searches: searches(), openings: openings() };
    for (let minute = 0; minute < 60; minute++) {
      for (const [at, bootId] of [
        ['http://192.168.1.1:49000/a.xml', 1],
        ['http://192.168.1.1:8200/media.xml', 7],
      ] as const) {
        story.tell({ type: 'announced', at: story.now, announcement: { ...said, location: at, bootId } });
      }
      story.alive().pass(inMinutes(1)).alive();
      if (story.asked().includes('find')) story.lookedUp(listed(LAPTOP, 'PK-25565T', 0));
      if (story.state.search.running) story.searchEnded();
    }
    expect(searches() - before.searches).toBeLessThanOrEqual(2);
    expect(openings()).toBe(before.openings);
  });

  test('a router described over IPv4 and over IPv6 is known by both: a new boot id at either is a restart', () => {
    const six = 'http://[fe80::1]:5000/rootDesc.xml';
    const four = 'http://192.168.1.1:5000/rootDesc.xml';
    const story = new Story().found('igd', { location: four }).found('pinhole', { location: six }).searchEnded();
    story.want(forward('minecraft', 25_565));
    story.grant();
    story.tell({ type: 'announced', at: story.now, announcement: { ...said, location: four, bootId: 1 } });
    story.alive();
    if (story.asked().includes('find')) story.lookedUp(listed(LAPTOP, 'PK-25565T', 0));
    story.pass(inSeconds(30)).alive();
    story.tell({ type: 'announced', at: story.now, announcement: { ...said, location: four, bootId: 2 } });
    story.alive();
    // One that was under way.
    story.lookedUp(listed(LAPTOP, 'PK-25565T', 0));
    story.alive();
    expect(story.next('find').afresh).toBe(true);
  });

  test('a renewal that is answered while the gateway counts as away does not end its heartbeats', () => {
    const story = new Story().found('pcp').searchEnded().want(forward('a', 1111), forward('b', 2222));
    story.grant({ lifetime: 120, epoch: seconds(500) });
    story.grant({ lifetime: 120, epoch: seconds(500) });
    story.pass(inSeconds(54)).alive({ epoch: seconds(554) });
    while (story.state.gateways.get(HOME)?.reachable === true) {
      story.passToNext();
      for (const kind of ['vitals', 'open'] as const) while (story.asked().includes(kind)) story.fail(kind, silence);
    }
    while (!story.asked().includes('open')) {
      story.passToNext();
      while (story.asked().includes('vitals')) story.fail('vitals', silence);
    }
    story.grant({ lifetime: 120, epoch: seconds(3) });
    const heartbeats = () => story.all.filter((action) => action.do === 'vitals').length;
    const before = heartbeats();
    story.pass(inSeconds(61));
    expect(heartbeats()).toBeGreaterThan(before);
  });

  test('one refused renewal does not give up what is still open', () => {
    const story = opened('pcp', 600);
    story.pass(inSeconds(540)).alive();
    story.fail('open', refused('bad-arguments', 'pcp MALFORMED_REQUEST'));
    expect(story.status().at).toBe('open');
    story.pass(inSeconds(31));
    expect(story.asked()).toContain('open');
  });

  test('closing hundreds within a minute is not put off for the budget', () => {
    const story = new Story().found('pcp').searchEnded();
    story.want(...Array.from({ length: 300 }, (_, n) => forward(`f${n}`, 20_000 + n)));
    for (let n = 0; n < 300; n++) story.grant();
    story.want();
    for (let n = 0; n < 300; n++) story.closed();
    expect(story.state.leftovers.size).toBe(0);
  });

  test('a leftover of another network with the same addresses does not stand in the way here', () => {
    const lease = { ...leaseOf(opened('pcp', 3600)), network: '192.168.1.1/24 00:00:00:00:00:01' };
    const story = new Story('192.168.1.1/24 00:00:00:00:00:02');
    story.tell({ type: 'recovered', at: story.now, leases: [{ lease, label: '', kept: false }] });
    story.want(forward('minecraft', 25_565)).found('pcp');
    expect(story.asked()).toBe('open');
  });

  test('leftovers that nobody is there to close are searched for with back-off', () => {
    const story = opened('pcp', 7200);
    story.want();
    story.fail('close', { class: 'unreachable', why: 'refused' });
    let searches = 0;
    const until = story.now + 600_000;
    while (story.now < until) {
      if (story.state.search.running) {
        searches += 1;
        story.pass(inSeconds(15)).searchEnded();
      }
      for (const kind of ['vitals', 'close'] as const) while (story.asked().includes(kind)) story.fail(kind, silence);
      story.passToNext();
    }
    expect(searches).toBeLessThan(16);
  });

  test('what a look has missed and the router then refuses is not shown as open', () => {
    const story = new Story().found('igd').searchEnded().want(forward('game', 25_565));
    story.grant();
    while (!story.asked().includes('find')) story.passToNext().alive();
    story.lookedUp('absent');
    expect(story.status().at).toBe('renewing');
    story.fail('open', refused('one-transport', 'upnp twin'));
    expect(story.status()).toMatchObject({ at: 'waiting', problem: { code: 'one-transport' } });
  });

  test('a table that has lost something, such as our own tries, is no reason to try again at once', () => {
    const shrink = (story: Story): Story => {
      const announcement = { from: ip('192.168.1.1'), kind: 'table', location: undefined } as const;
      const event = { ...announcement, bootId: undefined, epoch: undefined };
      return story.tell({ type: 'announced', at: story.now, announcement: event });
    };
    const forbidden = new Story().found('igd').searchEnded().want(forward('game', 25_565));
    forbidden.fail('open', refused('not-authorized', 'upnp 606'));
    expect(shrink(forbidden.pass(inMinutes(1))).asked()).not.toContain('open');
    const taken = new Story().found('igd').searchEnded().want(forward('game', 25_565));
    taken.fail('open', refused('conflict'));
    taken.lookedUp(listed('192.168.1.9', 'theirs'));
    expect(shrink(taken).asked()).toBe('');
    expect(shrink(taken.pass(inSeconds(10))).asked()).not.toBe('');
  });

  test('UDP does not wait for a TCP sibling that cannot be had now', () => {
    const story = new Story().found('igd').searchEnded();
    story.want(forward('game', 30_000, { transports: ['tcp', 'udp'], ifTaken: 'next-free' }));
    story.fail('open', refused('table-full', 'upnp 728'));
    expect(story.next('open').wish.transport).toBe('udp');
  });

  test('a late close over PCP that also removes the newer mapping of one internal port is repaired', () => {
    const story = new Story().found('pcp').searchEnded().want(forward('a', 25_565));
    story.grant();
    story.want(forward('a', 25_566, { internal: { first: port(25_565) } }));
    story.fail('close', silence);
    story.grant();
    while (!story.asked().includes('close')) story.passToNext().alive();
    story.closed();
    expect(story.asked()).toContain('open');
  });
});

describe('the heartbeats of PCP and NAT-PMP', () => {
  /** Beaten for an hour, with nothing amiss; how many of each were asked. */
  function hour(epochs: { readonly pcp: number; readonly 'nat-pmp': number }): {
    story: Story;
    counts: () => number[];
  } {
    const story = new Story();
    for (const kind of ['pcp', 'nat-pmp'] as const)
      story.found(kind, { vitals: { epoch: seconds(epochs[kind]), externalAddress: ip('11.22.33.44') } });
    const begun = story.now;
    story.searchEnded().want(forward('minecraft', 25_565));
    story.grant({ epoch: seconds(epochs.pcp) });
    const answer = (): void => {
      const passed = Math.floor((story.now - begun) / 1000);
      while (story.open.length > 0) {
        const [{ do: what, control }] = story.open as [Asked];
        const epoch = seconds(epochs[control === 'pcp' ? 'pcp' : 'nat-pmp'] + passed);
        if (what === 'open') story.grant({ epoch });
        else {
          const { request } = story.next('vitals');
          const vitals = control === 'pcp' ? { epoch } : { epoch, externalAddress: ip('11.22.33.44') };
          story.tell({ type: 'vitals', at: story.now, random: 0, request, vitals });
        }
      }
    };
    while (story.now < begun + inMinutes(60)) {
      story.passToNext();
      answer();
    }
    const of = (kind: string) => story.all.filter((action) => action.do === 'vitals' && action.control === kind).length;
    return { story, counts: () => [of('pcp'), of('nat-pmp')] };
  }

  test('are one, that of NAT-PMP, where their clocks show that one daemon serves both', () => {
    const { story, counts } = hour({ pcp: 5000, 'nat-pmp': 5001 });
    const [pcp, natPmp] = counts();
    expect(pcp).toBeLessThan(7);
    expect(natPmp).toBeGreaterThan(100);
    while (!story.asked().includes('vitals')) story.passToNext();
    story.alive({ epoch: seconds(3) });
    expect(story.asked()).toContain('open');
  });

  test('are those of PCP where its clock is another one', () => {
    const [pcp, natPmp] = hour({ pcp: 5000, 'nat-pmp': 900 }).counts();
    expect(pcp).toBeGreaterThan(100);
    expect(natPmp).toBe(0);
  });

  test('are asked of PCP as soon as NAT-PMP is silent', () => {
    const { story } = hour({ pcp: 5000, 'nat-pmp': 5001 });
    while (!story.asked().includes('vitals')) story.passToNext();
    expect(story.fail('vitals', silence).control).toBe('nat-pmp');
    expect(story.next('vitals').control).toBe('pcp');
  });
});
