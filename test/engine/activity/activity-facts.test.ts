import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openAfter, type ActivityEntry } from '../../../main/contract/activity.ts';
import { ip } from '../../../main/contract/address.ts';
import { asForwardId, asGatewayId, mappingIdOf, type Forward } from '../../../main/contract/model.ts';
import type { GatewayView, MappingStatus, MappingView } from '../../../main/contract/snapshot.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import { DEFAULT_SETTINGS } from '../../../main/contract/settings.ts';
import {
  after,
  epochMs,
  inHours,
  inMinutes,
  inSeconds,
  millis,
  port,
  type EpochMs,
  type Millis,
} from '../../../main/contract/units.ts';
import { newFacts, NOTHING_REPORTED } from '../../../main/engine/activity/activity-facts.ts';
import type { NewFact, ObservedSnapshot } from '../../../main/engine/activity/activity-seen.ts';
import { inBrief } from '../../support/activity-talk.ts';

const START = epochMs(Date.UTC(2026, 0, 1));
const ROUTER = asGatewayId('eth0/192.168.1.1');
const CONFLICT: Problem = {
  code: 'conflict',
  parameters: {
    transport: 'tcp',
    port: port(80),
    holder: undefined,
    holderName: undefined,
    suggestion: undefined,
  },
  severity: 'error',
  since: START,
};

function forward(name: string, external: number, transports: Forward['transports'] = ['tcp']): Forward {
  const range = { first: port(external), last: port(external) };
  return {
    id: asForwardId(`${name}/1`),
    label: name,
    transports,
    families: ['ipv4'],
    external: range,
    internal: { first: port(external) },
    ifTaken: 'fail',
  };
}

function mapping({ id, external }: Forward, status: MappingStatus, transport: 'tcp' | 'udp' = 'tcp'): MappingView {
  return {
    id: mappingIdOf(id, 'ipv4', transport, external.first),
    forward: id,
    family: 'ipv4',
    transport,
    external: { port: external.first },
    internal: { port: external.first },
    status,
  };
}

const lease = (grantedAt: EpochMs, outside: number) => ({
  gateway: ROUTER,
  control: 'igd' as const,
  external: { port: port(outside) },
  grantedAt,
  renewAt: after(grantedAt, inMinutes(30)),
  expiresAt: after(grantedAt, inHours(1)),
  evidence: 'answered' as const,
});
const open = (grantedAt = START, outside = 80): MappingStatus => ({ at: 'open', lease: lease(grantedAt, outside) });
const closing: MappingStatus = { at: 'closing', lease: lease(START, 80) };
const opening: MappingStatus = { at: 'opening', since: START };
const away: MappingStatus = { at: 'waiting', for: 'gateway' };
const refused = (problem: Problem = CONFLICT): MappingStatus => ({ at: 'refused', problem });

const router: GatewayView = {
  id: ROUTER,
  name: 'Router',
  model: 'R1',
  address: ip('192.168.1.1'),
  interfaceName: 'eth0',
  localAddress: ip('192.168.1.7'),
  controls: [{ kind: 'igd', foundBy: 'ssdp-unicast', foundIn: millis(5), detail: '' }],
  externalAddress: ip('11.22.33.44'),
  isDefault: true,
  reachable: true,
  budget: { used: 0, perMinute: 120, until: epochMs(0) },
  canList: false,
  countsTraffic: false,
  fingerprint: 'router',
};

interface Scene {
  readonly forwards?: readonly Forward[];
  readonly mappings?: readonly MappingView[];
  readonly gateways?: readonly GatewayView[];
  readonly problems?: readonly Problem[];
}

function seen({ forwards = [], mappings = [], gateways = [], problems = [] }: Scene, at: EpochMs): ObservedSnapshot {
  return {
    profiles: [],
    conditions: [],
    settings: DEFAULT_SETTINGS,
    problems: [],
    address: { addresses: {}, name: null, command: null },
    engine: { revision: 1, at, search: { running: false }, gateways, forwards, mappings, problems },
  };
}

/** Looks at one scene after the other. */
class Watcher {
  now = START;
  lookAt: EpochMs | undefined;
  readonly all: NewFact[] = [];
  #told = NOTHING_REPORTED;

  /** @returns what is reported, in brief */
  look(scene: Scene, later: Millis = inSeconds(0)): readonly string[] {
    this.now = after(this.now, later);
    const { told, facts, lookAt } = newFacts(this.#told, seen(scene, this.now), this.now);
    this.#told = told;
    this.lookAt = lookAt;
    this.all.push(...facts);
    return facts.map(({ fact }) => inBrief(fact));
  }
}

const web = forward('web', 80);
const both = forward('game', 80, ['tcp', 'udp']);

describe('a forward', () => {
  test('is opened once all its mappings are open', () => {
    const watcher = new Watcher();
    const forwards = [both];
    expect(watcher.look({ forwards, mappings: [mapping(both, open()), mapping(both, opening, 'udp')] })).toEqual([]);
    expect(watcher.look({ forwards, mappings: [mapping(both, open()), mapping(both, open(), 'udp')] })).toEqual([
      'opened game 80',
    ]);
  });

  test('is lost when it has not been open for ten seconds, and since then', () => {
    const watcher = new Watcher();
    watcher.look({ forwards: [web], mappings: [mapping(web, open())] });
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, away)] }, inMinutes(5))).toEqual([]);
    const since = watcher.now;
    // That is when to look, though nothing changes.
    expect(watcher.lookAt).toBe(after(since, inSeconds(10)));
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, opening)] }, inSeconds(9))).toEqual([]);
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, away)] }, inSeconds(1))).toEqual(['lost web 80']);
    expect(watcher.all.at(-1)).toMatchObject({ at: since, fact: { because: 'gateway' } });
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, away)] }, inMinutes(5))).toEqual([]);
    expect(watcher.lookAt).toBeUndefined();
  });

  test('that is away for seconds is not reported at all', () => {
    const watcher = new Watcher();
    watcher.look({ forwards: [web], mappings: [mapping(web, open())] });
    watcher.look({ forwards: [web], mappings: [mapping(web, opening)] }, inMinutes(5));
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, open())] }, inSeconds(8))).toEqual([]);
    expect(watcher.lookAt).toBeUndefined();
  });

  test('is closed when nobody wants it and the router has let go', () => {
    const watcher = new Watcher();
    watcher.look({ forwards: [web], mappings: [mapping(web, open())] });
    expect(watcher.look({ mappings: [mapping(web, closing)] }, inMinutes(5))).toEqual([]);
    expect(watcher.look({}, inMinutes(5))).toEqual(['closed web 80']);
  });

  test('that was never open is not closed', () => {
    const watcher = new Watcher();
    watcher.look({ forwards: [web], mappings: [mapping(web, opening)] });
    expect(watcher.look({}, inMinutes(5))).toEqual([]);
  });

  test('is refused at once, and once until it is open', () => {
    const watcher = new Watcher();
    const scene = { forwards: [web], mappings: [mapping(web, refused())] };
    expect(watcher.look(scene)).toEqual(['refused web 80: conflict']);
    watcher.look({ forwards: [web], mappings: [mapping(web, opening)] }, inMinutes(15));
    const again = refused({ ...CONFLICT, since: watcher.now });
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, again)] }, inSeconds(1))).toEqual([]);
    watcher.look({ forwards: [web], mappings: [mapping(web, open())] }, inMinutes(15));
    expect(watcher.look(scene, inMinutes(15))).toEqual(['refused web 80: conflict']);
  });

  test('is refused when the holder of the port is named, where the router may know it; or two seconds later', () => {
    const gateways = [{ ...router, canList: true }];
    const named: Problem = { ...CONFLICT, parameters: { ...CONFLICT.parameters, holder: ip('192.168.1.9') } };
    const first = new Watcher();
    const scene = { forwards: [web], gateways, mappings: [mapping(web, refused())] };
    expect(first.look(scene)).toEqual(['gateway-found']);
    expect(first.lookAt).toBe(after(START, inSeconds(2)));
    expect(first.look({ ...scene, mappings: [mapping(web, refused(named))] }, inSeconds(1))).toEqual([
      'refused web 80: conflict',
    ]);
    expect(first.all.at(-1)?.fact).toMatchObject({ problem: { parameters: { holder: '192.168.1.9' } } });
    const second = new Watcher();
    second.look(scene);
    expect(second.look(scene, inSeconds(2))).toEqual(['refused web 80: conflict']);
  });

  test('whose router is only busy is refused when that lasts', () => {
    const watcher = new Watcher();
    const full: Problem = {
      code: 'table-full',
      parameters: { transport: 'tcp', port: port(80) },
      severity: 'error',
      since: START,
    };
    const scene = { forwards: [web], mappings: [mapping(web, { at: 'waiting', for: 'retry', problem: full })] };
    expect(watcher.look(scene)).toEqual([]);
    expect(watcher.look(scene, inSeconds(10))).toEqual(['refused web 80: table-full']);
  });

  test('that a router moves to another external port while it is open is reported with it', () => {
    const watcher = new Watcher();
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, open())] })).toEqual(['opened web 80']);
    const moved = open(after(START, inMinutes(50)), 81);
    expect(watcher.look({ forwards: [web], mappings: [mapping(web, moved)] }, inMinutes(50))).toEqual([
      'opened web 80 as 81',
    ]);
  });

  test('is renewed together with those of the next hour', () => {
    const watcher = new Watcher();
    const game = forward('game', 81);
    const forwards = [web, game];
    const at = (minutes: number): EpochMs => after(START, inMinutes(minutes));
    const scene = (one: EpochMs, other: EpochMs): Scene => ({
      forwards,
      gateways: [router],
      mappings: [mapping(web, open(one)), mapping(game, open(other, 81))],
    });
    watcher.look(scene(at(0), at(0)));
    expect(watcher.look(scene(at(50), at(0)), inMinutes(50))).toEqual([]);
    expect(watcher.look(scene(at(50), at(51)), inMinutes(1))).toEqual([]);
    expect(watcher.look(scene(at(50), at(51)), inMinutes(59))).toEqual(['renewed 2']);
    expect(watcher.all.at(-1)?.at).toBe(at(51));
    expect(watcher.look(scene(at(50), at(51)), inMinutes(70))).toEqual([]);
    // A renewal in the very look that reports others is reported the next time.
    watcher.look(scene(at(200), at(51)), inMinutes(20));
    expect(watcher.look(scene(at(200), at(261)), inMinutes(61))).toEqual(['renewed 1']);
    expect(watcher.look(scene(at(200), at(261)), inMinutes(60))).toEqual(['renewed 1']);
  });
});

describe('a gateway', () => {
  test('that is only remembered is not found yet', () => {
    const watcher = new Watcher();
    const remembered: GatewayView = {
      ...router,
      externalAddress: 'unknown',
      controls: [{ kind: 'igd', foundBy: 'remembered', foundIn: millis(0), detail: '' }],
    };
    expect(watcher.look({ gateways: [remembered] })).toEqual([]);
    expect(watcher.look({ gateways: [router] }, inSeconds(1))).toEqual(['gateway-found']);
  });

  test('that has restarted is reported a moment later: it may only have another address', () => {
    const watcher = new Watcher();
    watcher.look({ gateways: [router] });
    const restartedAt = after(START, inMinutes(5));
    expect(watcher.look({ gateways: [{ ...router, restartedAt }] }, inMinutes(5))).toEqual([]);
    const readdressed = { ...router, externalAddress: ip('11.22.33.99') };
    expect(watcher.look({ gateways: [readdressed] }, inSeconds(2))).toEqual(['11.22.33.44 -> 11.22.33.99']);
    const again = after(START, inMinutes(10));
    expect(watcher.look({ gateways: [{ ...readdressed, restartedAt: again }] }, inMinutes(6))).toEqual([
      'gateway-restarted',
    ]);
    expect(watcher.look({ gateways: [{ ...readdressed, restartedAt: again }] }, inMinutes(5))).toEqual([]);
  });
});

describe('a problem', () => {
  const noGateway: Problem = { code: 'no-gateway', parameters: { routers: [] }, severity: 'error', since: START };
  const damaged: Problem = {
    code: 'set-aside',
    parameters: { path: 'profiles.json', kept: 'profiles.unreadable.json', lost: 'latest' },
    severity: 'warning',
    since: START,
  };

  test('that may pass is reported when it lasts; any other at once', () => {
    const watcher = new Watcher();
    expect(watcher.look({ problems: [noGateway, damaged] })).toEqual(['problem set-aside']);
    expect(watcher.lookAt).toBe(after(START, inSeconds(30)));
    expect(watcher.look({ problems: [noGateway, damaged] }, inSeconds(30))).toEqual(['problem no-gateway']);
    expect(watcher.look({ problems: [noGateway, damaged] }, inHours(1))).toEqual([]);
  });

  test('is solved when it has been gone for ten seconds', () => {
    const watcher = new Watcher();
    watcher.look({ problems: [damaged] });
    watcher.look({}, inSeconds(60));
    watcher.look({ problems: [damaged] }, inSeconds(9));
    expect(watcher.look({}, inSeconds(60))).toEqual([]);
    expect(watcher.look({}, inSeconds(10))).toEqual(['solved set-aside']);
  });

  test('that was never reported is not reported as solved', () => {
    const watcher = new Watcher();
    watcher.look({ problems: [noGateway] });
    expect(watcher.look({}, inSeconds(20))).toEqual([]);
    expect(watcher.look({}, inMinutes(1))).toEqual([]);
  });

  test('is neither solved nor reported again while there is no network to know by', () => {
    const noNetwork: Problem = { code: 'no-network', parameters: {}, severity: 'error', since: START };
    const watcher = new Watcher();
    watcher.look({ problems: [noGateway] });
    watcher.look({ problems: [noGateway] }, inSeconds(30));
    watcher.look({ problems: [noNetwork] }, inMinutes(1));
    expect(watcher.look({ problems: [noNetwork] }, inMinutes(1))).toEqual(['problem no-network']);
    watcher.look({ problems: [noGateway] }, inMinutes(1));
    expect(watcher.look({ problems: [noGateway] }, inMinutes(1))).toEqual(['solved no-network']);
  });

  test('that many forwards meet is reported once', () => {
    const line: Problem = {
      code: 'no-external-address',
      parameters: { gateway: 'Router' },
      severity: 'error',
      since: START,
      gateway: ROUTER,
    };
    const forwards = [web, forward('game', 81)];
    const mappings = forwards.map((each) =>
      mapping(each, { at: 'waiting', for: 'retry', problem: { ...line, forward: each.id } }),
    );
    const watcher = new Watcher();
    watcher.look({ forwards, mappings, problems: [{ ...line, severity: 'warning' }] });
    expect(watcher.look({ forwards, mappings }, inMinutes(1))).toEqual(['problem no-external-address']);
  });
});

/** Any course of events at all. */
const anyStatus = fc.oneof(
  fc.constantFrom<MappingStatus>(open(), open(after(START, inMinutes(7))), open(START, 81), opening, away, refused()),
  fc.constant(closing),
);
const anyScene: fc.Arbitrary<Scene> = fc
  .array(fc.record({ external: fc.constantFrom(80, 443), isWanted: fc.boolean(), status: anyStatus }), {
    minLength: 2,
    maxLength: 2,
  })
  .map((states) => {
    const all = states.map(({ external, ...state }, n) => ({
      ...state,
      each: forward(n === 0 ? 'web' : 'game', external),
    }));
    return {
      forwards: all.filter(({ isWanted }) => isWanted).map(({ each }) => each),
      gateways: [router],
      mappings: all
        .filter(({ isWanted, status }) => isWanted || status.at === 'closing')
        .map(({ each, status }) => mapping(each, status)),
    };
  });
const anyCourse = fc.array(fc.tuple(anyScene, fc.integer({ min: 0, max: 60 })), { maxLength: 30 });

const isOpenIn = ({ forwards = [], mappings = [] }: Scene): readonly string[] =>
  forwards
    .filter(({ id }) => {
      const wanted = mappings.filter((each) => each.forward === id && each.status.at !== 'closing');
      return wanted.length > 0 && wanted.every(({ status }) => status.at === 'open');
    })
    .map(({ id, external }) => `${id} ${external.first}`)
    .toSorted();

function entriesOf(facts: readonly NewFact[]): readonly ActivityEntry[] {
  return facts.map(({ at, fact }, n) => ({ id: n + 1, at, fact }));
}

describe('whatever happens', () => {
  test('a second look adds nothing, and nothing is reported from the future', () => {
    fc.assert(
      fc.property(anyCourse, (course) => {
        const watcher = new Watcher();
        for (const [scene, later] of course) {
          watcher.look(scene, inSeconds(later));
          expect(watcher.look(scene)).toEqual([]);
          for (const { at } of watcher.all) expect(at).toBeLessThanOrEqual(watcher.now);
        }
      }),
    );
  });

  test('a state that lasts a minute is the one that was reported', () => {
    fc.assert(
      fc.property(anyCourse, anyScene, (course, last) => {
        const watcher = new Watcher();
        for (const [scene, later] of course) watcher.look(scene, inSeconds(later));
        watcher.look(last);
        watcher.look(last, inMinutes(1));
        const told = openAfter(entriesOf(watcher.all)).map(({ forward: id, external }) => `${id} ${external.first}`);
        // A port still being closed counts as open.
        const isClosing = (line: string): boolean =>
          (last.mappings ?? []).some(({ forward: id, status }) => status.at === 'closing' && line.startsWith(id));
        expect(told.filter((line) => !isClosing(line)).toSorted()).toEqual(
          isOpenIn(last).filter((line) => !isClosing(line)),
        );
      }),
    );
  });

  test('a forward reported as open is reported as closed, lost or refused before it opens at other ports', () => {
    fc.assert(
      fc.property(anyCourse, (course) => {
        const watcher = new Watcher();
        for (const [scene, later] of course) watcher.look(scene, inSeconds(later));
        const places = new Map<string, number>();
        for (const { fact } of watcher.all) {
          if (fact.is === 'opened') {
            expect(places.get(fact.forward) ?? fact.external.first).toBe(fact.external.first);
            places.set(fact.forward, fact.external.first);
          }
          if (fact.is === 'closed' || fact.is === 'lost') expect(places.get(fact.forward)).toBe(fact.external.first);
          if (fact.is === 'closed' || fact.is === 'lost') places.delete(fact.forward);
          if (fact.is === 'refused' && places.get(fact.forward) === fact.external.first) places.delete(fact.forward);
        }
      }),
    );
  });
});
