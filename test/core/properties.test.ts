/** Any events in any order: what `reduce` and `plan` never do. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ip } from '../../main/contract/address.ts';
import type { Forward } from '../../main/contract/model.ts';
import { millis, port, seconds } from '../../main/contract/units.ts';
import { plan } from '../../main/core/plan.ts';
import { budgetPerMinute } from '../../main/core/schedule.ts';
import type { FailureFact } from '../../main/core/state.ts';
import { Table } from '../../main/core/table.ts';
import { snapshotOf } from '../../main/core/view.ts';
import { capabilities, forward, HOME, LAPTOP, listed, refused, Story } from '../support/story.ts';

const WISHES: readonly Forward[] = [
  forward('minecraft', 25_565),
  forward('factorio', 34_197, { transports: ['tcp', 'udp'], ifTaken: 'next-free' }),
  forward('web', 8080, { internal: { first: port(80) } }),
  forward('web-too', 8081, { internal: { first: port(80) } }),
  forward('friend', 443, { internal: { first: port(443), client: ip('192.168.1.20') } }),
  forward('for-ever', 7000, { lease: 'permanent' }),
];

const failure: fc.Arbitrary<FailureFact> = fc.oneof(
  fc
    .constantFrom('timeout', 'refused', 'reset', 'no-route', 'denied')
    .map((why) => ({ class: 'unreachable', why }) as const),
  fc.constant({ class: 'malformed', capture: '' } as const),
  fc
    .constantFrom(
      'conflict',
      'conflict-other-mechanism',
      'not-authorized',
      'only-for-itself',
      'only-permanent-lease',
      'no-permanent-lease',
      'same-port-only',
      'table-full',
      'no-external-address',
      'not-direct',
      'unsupported',
      'absent',
      'failed',
      'bad-arguments',
    )
    .map((reason) => refused(reason, 'upnp 501')),
);

type Step = (story: Story) => void;

/** Steps that print as what they do. */
const told = <Value>(
  values: fc.Arbitrary<Value>,
  name: string,
  go: (story: Story, value: Value) => void,
): fc.Arbitrary<Step> =>
  values.map((value) =>
    Object.assign((story: Story) => go(story, value), { [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}` }),
  );

function answerWell(
  story: Story,
  { lifetime, elsewhere }: { readonly lifetime: number; readonly elsewhere: boolean },
): void {
  const [action] = story.open;
  switch (action?.do) {
    case undefined:
      return;
    case 'open': {
      const { acceptOtherPort, external } = action.wish;
      const granted = elsewhere && acceptOtherPort && external.port < 65_000 ? port(external.port + 7) : external.port;
      story.grant({ lifetime, external: { port: granted }, epoch: seconds(Math.floor(story.now / 1000) % 100_000) });
      return;
    }
    case 'close':
      story.closed();
      return;
    case 'find': {
      const isOurs = story.state.mappings.get(action.mapping)?.lease !== undefined;
      story.lookedUp(elsewhere || !isOurs ? 'absent' : listed(LAPTOP, 'PK', lifetime));
      return;
    }
    case 'vitals':
      story.alive({ externalAddress: elsewhere ? 'none' : ip('11.22.33.44'), uptime: seconds(lifetime) });
  }
}

const always = fc.constant(undefined);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: told(
      fc.record({ lifetime: fc.constantFrom(1, 60, 600, 7200), elsewhere: fc.boolean() }),
      'answered',
      answerWell,
    ),
  },
  {
    weight: 3,
    arbitrary: told(failure, 'failed', (story, fact) => {
      const [action] = story.open;
      if (action !== undefined) story.fail(action.do, fact);
    }),
  },
  { weight: 2, arbitrary: told(fc.subarray([...WISHES]), 'want', (story, wishes) => story.want(...wishes)) },
  { weight: 3, arbitrary: told(fc.constantFrom('pcp', 'nat-pmp', 'igd'), 'found', (story, kind) => story.found(kind)) },
  told(fc.integer({ min: 1, max: 8 }), 'found with parallel', (story, parallel) =>
    story.found('igd', { capabilities: capabilities({ canFind: true, parallel }) }),
  ),
  {
    weight: 3,
    arbitrary: told(fc.integer({ min: 1, max: 4_000_000 }), 'pass', (story, duration) => story.pass(millis(duration))),
  },
  { weight: 3, arbitrary: told(always, 'next', (story) => story.passToNext()) },
  told(fc.constantFrom('woke', 'retry', 'kept', 'search-asked'), 'tell', (story, type) =>
    story.tell({ type, at: story.now }),
  ),
  told(always, 'search ended', (story) => story.searchEnded()),
  told(fc.constantFrom('alive', 'byebye', 'epoch', 'address', 'event', 'table'), 'announced', (story, kind) => {
    const announcement = {
      from: ip('192.168.1.1'),
      kind,
      location: undefined,
      bootId: story.now % 7,
      epoch: undefined,
    };
    story.tell({ type: 'announced', at: story.now, announcement });
  }),
  told(fc.integer({ min: 7, max: 9 }), 'our address', (story, last) => {
    const host = {
      network: '192.168.1.1/24',
      interfaces: new Map([['eth0', [ip(`192.168.1.${last}`)]]]),
      publicIpv6: new Map(),
    };
    story.tell({ type: 'network', at: story.now, host });
  }),
  told(fc.boolean(), 'probed', (story, passes) => {
    for (const mapping of story.state.mappings.keys())
      story.tell({ type: 'probed', at: story.now, random: 0, mapping, passes });
  }),
);

function check(story: Story): void {
  const { state } = story;
  // `tell` has come to rest: asked again without an event, the plan has nothing to add, and says so each time.
  expect(plan(state)).toEqual(plan(state));
  expect(plan(state)).toMatchObject({ actions: [], givenUp: [] });
  // Results cached from earlier states match those computed from this one.
  const apart = { ...state, mappings: Table.of(state.mappings), leftovers: Table.of(state.leftovers) };
  expect(plan(apart)).toEqual(plan(state));
  const inFlight = [...state.requests.values()];
  for (const subject of ['mapping', 'leftover'] as const) {
    const subjects = inFlight.flatMap((request) => request[subject] ?? []);
    expect(new Set(subjects).size, `one request for one ${subject}`).toBe(subjects.length);
  }
  for (const gateway of state.gateways.values()) {
    const minute = Math.floor(state.now / 60_000);
    if (gateway.spent.minute === minute) expect(gateway.spent.count).toBeLessThanOrEqual(budgetPerMinute(40));
  }
  for (const { id, status } of snapshotOf(state).mappings) {
    if (status.at !== 'open' && status.at !== 'renewing') continue;
    if (status.lease.expiresAt !== 'never')
      expect(status.lease.expiresAt, `${id} is open past its end`).toBeGreaterThan(state.now);
  }
}

test('any events in any order: one request at a time for each mapping, no lease past its end, a plan that comes to rest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const story = new Story().found('igd');
      for (const go of steps) {
        go(story);
        check(story);
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 500) },
  );
});

test('with a gateway that says yes, what is wanted gets open and what is not gets closed, whatever was before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: 'max' }), fc.subarray([...WISHES]), (steps, wishes) => {
      const story = new Story().found('igd');
      for (const go of steps) go(story);
      const host = { network: '192.168.1.1/24', interfaces: new Map([['eth0', [LAPTOP]]]), publicIpv6: new Map() };
      story.tell({ type: 'network', at: story.now, host });
      story
        .searchEnded()
        .found('igd')
        .want(...wishes);
      story.tell({ type: 'retry', at: story.now });
      for (let n = 0; n < 600 && !isDone(story); n++) {
        if (story.open.length > 0) answerWell(story, { lifetime: 7200, elsewhere: false });
        else story.found('igd').passToNext();
      }
      expect(story.statuses().filter((at) => at !== 'open' && at !== 'renewing')).toEqual([]);
      expect(story.statuses()).toHaveLength(wishes.reduce((sum, { transports }) => sum + transports.length, 0));
      expect(story.state.gateways.get(HOME)?.reachable).toBe(true);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 500) },
  );
});

const isDone = (story: Story): boolean =>
  story.open.length === 0 &&
  story.statuses().every((at) => at === 'open') &&
  [...story.state.leftovers.values()].every(({ kept }) => kept);
