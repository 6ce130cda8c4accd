/** The cost of many forwards, counted in entries examined for each answer: the same on any machine. */
import { describe, expect, test, vi } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Forward } from '../../main/contract/model.ts';
import { inMinutes, inSeconds, millis, seconds } from '../../main/contract/units.ts';
import { Table } from '../../main/core/table.ts';
import { isSettled } from '../../main/core/view.ts';
import { capabilities, forward, HOME, LAPTOP, listed, silence, Story } from '../support/story.ts';

const PARALLEL = { igd: capabilities({ canFind: true, parallel: 4 }), pcp: capabilities({ parallel: 4 }) } as const;
type Kind = keyof typeof PARALLEL;

/** As the table has it, where nothing is amiss. */
const inPlace = (number: number) => ({
  ...listed(LAPTOP, 'PK', 3600),
  external: { port: number },
  internal: { client: LAPTOP, port: number },
});

/** Answers all that is asked for until nothing is: each answer separately, as routers give them. */
function answerAll(story: Story): void {
  for (;;) {
    const [action] = story.open;
    if (action === undefined) return;
    if (action.do === 'open') story.grant({ lifetime: 3600 });
    else if (action.do === 'close') story.closed();
    else if (action.do === 'find') story.lookedUp(inPlace(action.key.external.port));
    else story.alive({ externalAddress: ip('11.22.33.44'), epoch: seconds(Math.floor(story.now / 1000) % 1_000_000) });
    // As whoever waits for it does.
    isSettled(story.state);
    story.pass(millis(10));
  }
}

const forwards = (count: number): readonly Forward[] =>
  Array.from({ length: count }, (_, at) => forward(`f-${at}`, 10_000 + at));

const PHASES = {
  opened: (story, count) => story.want(...forwards(count)),
  renewed: (story) => story.pass(inMinutes(56)),
  'asked for again after a restart': (story) => story.tell({ type: 'woke', at: story.now }),
  'closed, the first half': (story, count) => story.want(...forwards(count).slice(count / 2)),
  'closed, the rest': (story) => story.want(),
} satisfies Record<string, (story: Story, count: number) => void>;

/** Mappings and leftovers that were looked into one by one, for each forward, by what was done. */
function visitsFor(kind: Kind, count: number): ReadonlyMap<string, number> {
  const story = new Story();
  story.found(kind, { capabilities: PARALLEL[kind] }).searchEnded();
  answerAll(story);
  const visits = new Map<string, number>();
  for (const [name, begin] of Object.entries(PHASES)) {
    let visited = 0;
    /* oxlint-disable typescript/unbound-method -- called on what they are spied on */
    // A digest is made of a chunk, or of a group of them, and remembered.
    const { set } = WeakMap.prototype;
    const remembering = vi.spyOn(WeakMap.prototype, 'set').mockImplementation(function (
      this: WeakMap<object, unknown>,
      chunk,
      digest,
    ) {
      if (Array.isArray(chunk)) visited += chunk.length;
      return set.call(this, chunk, digest);
    });
    const { values, mapped } = Table.prototype;
    const passing = vi.spyOn(Table.prototype, 'values').mockImplementation(function* (this: Table<unknown, object>) {
      for (const value of values.call(this)) {
        visited += 1;
        yield value;
      }
      return undefined;
    });
    const changing = vi.spyOn(Table.prototype, 'mapped').mockImplementation(function (
      this: Table<unknown, object>,
      change,
    ) {
      visited += this.size;
      return mapped.call(this, change);
    });
    const { [Symbol.iterator]: entries } = Table.prototype;
    const going = vi.spyOn(Table.prototype, Symbol.iterator).mockImplementation(function* (
      this: Table<unknown, object>,
    ) {
      for (const entry of entries.call(this)) {
        visited += 1;
        yield entry;
      }
      return undefined;
    });
    /* oxlint-enable typescript/unbound-method */
    begin(story, count);
    answerAll(story);
    for (const spy of [remembering, passing, going, changing]) spy.mockRestore();
    visits.set(name, visited / count);
  }
  expect(story.state.mappings.size + story.state.leftovers.size).toBe(0);
  return visits;
}

/** More by hand: `FORWARDS=10000 npx vitest run test/core/many.test.ts`. */
const FORWARDS = Number(process.env['FORWARDS'] ?? 1200);

test.each(['igd', 'pcp'] as const)('a forward costs no more among 1200 than among 200, over %s', (kind) => {
  const few = visitsFor(kind, 200);
  for (const [name, many] of visitsFor(kind, FORWARDS)) {
    expect(many, `${name}, entries for each forward`).toBeLessThan(1.2 * (few.get(name) ?? 0) + 1);
  }
});

/** Answers the next requests one by one; what was asked for. */
function answers(story: Story, count: number): readonly string[] {
  const kinds: string[] = [];
  for (let at = 0; at < count; at++) {
    const [action] = story.open;
    if (action === undefined) break;
    kinds.push(action.do);
    if (action.do === 'open') story.grant({ lifetime: 3600 });
    else if (action.do === 'close') story.closed();
    else if (action.do === 'find') story.lookedUp(inPlace(action.key.external.port));
    else story.alive({ externalAddress: ip('11.22.33.44') });
    story.pass(millis(10));
  }
  return kinds;
}

const tableShrank = (story: Story): Story =>
  story.tell({
    type: 'announced',
    at: story.now,
    announcement: { from: ip('192.168.1.1'), kind: 'table', location: undefined, bootId: undefined, epoch: undefined },
  });

describe('of a router that takes one request at a time', () => {
  function holding(count: number): Story {
    const story = new Story()
      .found('igd')
      .searchEnded()
      .want(...forwards(count));
    answerAll(story);
    return story;
  }

  test('looks do not keep new forwards waiting, nor those the looks', () => {
    const story = holding(40);
    tableShrank(story.pass(inSeconds(20)));
    story.want(...forwards(60));
    const first = answers(story, 24);
    expect(first.filter((kind) => kind === 'open').length).toBeGreaterThan(5);
    expect(first.filter((kind) => kind === 'find').length).toBeGreaterThan(4);
  });

  test('renewals do not keep new forwards waiting, nor those the renewals', () => {
    const story = holding(40);
    story.pass(inMinutes(56)).want(...forwards(80));
    answers(story, 24);
    const asked = story.all.flatMap((action) => (action.do === 'open' ? action.wish.external.port : [])).slice(-24);
    expect(asked.filter((port) => port < 10_040).length).toBeGreaterThan(5);
    expect(asked.filter((port) => port >= 10_040).length).toBeGreaterThan(5);
  });

  test('closing many does not keep renewals waiting', () => {
    const story = holding(80);
    story.pass(inMinutes(56)).want(...forwards(40));
    const first = answers(story, 24);
    expect(first.filter((kind) => kind === 'open').length).toBeGreaterThan(5);
    expect(first.filter((kind) => kind === 'close').length).toBeGreaterThan(5);
  });

  test('a table that is smaller than it will be, while forwards are being opened, is no reason to look at all', () => {
    const story = holding(40);
    answerAll(story.pass(inSeconds(20)));
    const before = story.all.length;
    story.want(...forwards(60));
    tableShrank(story);
    answerAll(story);
    tableShrank(story);
    answerAll(story);
    expect(story.all.slice(before).filter(({ do: kind }) => kind === 'find')).toEqual([]);
  });
});

describe('one request that fails while others are answered', () => {
  test.each(['timeout', 'refused'] as const)('does not make the router a lost one: a heartbeat, %s', (why) => {
    const story = new Story()
      .found('igd', { capabilities: PARALLEL.igd })
      .searchEnded()
      .want(...forwards(200));
    for (let times = 0; times < 4; times++) {
      story.pass(inSeconds(20));
      while (!story.asked().includes('vitals')) answers(story, 1);
      const { request } = story.next('vitals');
      expect(answers(story, 8)).not.toContain('find');
      story.tell({ type: 'failed', at: story.now, random: 0, request, failure: { class: 'unreachable', why } });
      expect(story.state.gateways.get(HOME)).toMatchObject({ reachable: true, lost: [] });
    }
  });

  test('a look is repeated, and the others are believed', () => {
    const story = new Story()
      .found('igd', { capabilities: PARALLEL.igd })
      .searchEnded()
      .want(...forwards(40));
    answerAll(story);
    story.pass(inMinutes(5)).tell({ type: 'woke', at: story.now });
    answerAll(story.pass(inSeconds(10)));
    tableShrank(story);
    answers(story, 10);
    const look = story.next('find');
    answers(story, 3);
    story.tell({ type: 'failed', at: story.now, random: 0, request: look.request, failure: silence });
    const before = story.all.length;
    answerAll(story);
    answerAll(story.pass(inSeconds(1)));
    const after = story.all.slice(before);
    expect(after.some((action) => action.do === 'find' && action.key.external.port === look.key.external.port)).toBe(
      true,
    );
    expect(after.filter(({ do: kind }) => kind === 'open')).toEqual([]);
  });
});
