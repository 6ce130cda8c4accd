/** The cost of many forwards, counted in entries examined for each answer: the same on any machine. */
import { expect, test, vi } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Forward } from '../../main/contract/model.ts';
import { inMinutes, millis, seconds } from '../../main/contract/units.ts';
import { Table } from '../../main/core/table.ts';
import { isSettled } from '../../main/core/view.ts';
import { capabilities, forward, LAPTOP, listed, Story } from '../support/story.ts';

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
