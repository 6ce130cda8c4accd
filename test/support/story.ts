/** Drives `reduce` and `plan` by hand: what the engine's loop does, with a test in the place of the routers. */
import { ip } from '../../main/contract/address.ts';
import type { Capabilities, FoundMapping, Grant, Vitals } from '../../main/contract/mapping.ts';
import {
  asForwardId,
  asGatewayId,
  type ControlKind,
  type Forward,
  type FoundBy,
  type GatewayId,
  type Transport,
} from '../../main/contract/model.ts';
import type { MappingStatus } from '../../main/contract/snapshot.ts';
import {
  after,
  epochMs,
  inSeconds,
  millis,
  port,
  seconds,
  type EpochMs,
  type Millis,
} from '../../main/contract/units.ts';
import type { Event } from '../../main/core/events.ts';
import { plan } from '../../main/core/plan.ts';
import { reduce } from '../../main/core/reduce.ts';
import {
  initialState,
  type Action,
  type DefaultRouter,
  type FailureFact,
  type SearchFacts,
  type State,
} from '../../main/core/state.ts';
import { snapshotOf } from '../../main/core/view.ts';

export const HOME = asGatewayId('eth0/192.168.1.1');
export const LAPTOP = ip('192.168.1.7');
export const NOW = epochMs(Date.UTC(2026, 0, 1));

const CAPABILITIES: Readonly<Record<ControlKind, Capabilities>> = {
  pcp: capabilities({ onePerInternalPort: true, parallel: 8 }),
  'nat-pmp': capabilities({ onePerInternalPort: true, parallel: 8, thirdParty: 'no' }),
  igd: capabilities({ canFind: true, permanentLeases: 'yes' }),
  pinhole: capabilities({ families: ['ipv6'], translatesPorts: false, picksFreePort: false }),
};

export function capabilities(change: Partial<Capabilities> = {}): Capabilities {
  return {
    families: ['ipv4'],
    permanentLeases: 'no',
    picksFreePort: true,
    thirdParty: 'unknown',
    onePerInternalPort: false,
    translatesPorts: true,
    canFind: false,
    parallel: 1,
    ...change,
  };
}

export function forward(
  id: string,
  external: number,
  change: Partial<Forward> & { transports?: Transport[] } = {},
): Forward {
  return {
    id: asForwardId(id),
    label: id,
    transports: ['tcp'],
    families: ['ipv4'],
    external: { first: port(external), last: port(external) },
    internal: { first: port(external) },
    ifTaken: 'fail',
    ...change,
  };
}

export type Asked = Exclude<Action, { do: 'search' }>;

export class Story {
  state: State;
  now: EpochMs = NOW;
  /** Everything asked for and not yet answered, in order. */
  readonly open: Asked[] = [];
  /** Every action ever planned. */
  readonly all: Action[] = [];
  random = 0;

  constructor(network = '192.168.1.1/24') {
    this.state = initialState(this.now);
    this.tell({
      type: 'network',
      at: this.now,
      host: { network, interfaces: new Map([['eth0', [LAPTOP]]]), publicIpv6: new Map() },
    });
  }

  /** The routing tables name these; a search by the former ones is broken off. */
  routedBy(...defaultRouters: readonly DefaultRouter[]): this {
    const { host } = this.state;
    if (host === undefined) throw new Error('nothing is known about this machine');
    this.tell({ type: 'network', at: this.now, host: { ...host, defaultRouters } });
    return this.tell({ type: 'search-ended', at: this.now, random: this.random, summary: undefined });
  }

  /** Reduces, and plans until nothing more is to be done. */
  tell(event: Event): this {
    this.state = reduce(this.state, { ...event, at: this.now });
    for (let round = 0; ; round++) {
      if (round > 50) throw new Error('the plan does not come to rest');
      const { actions, givenUp } = plan(this.state);
      if (actions.length === 0 && givenUp.length === 0) return this;
      for (const given of givenUp) {
        this.state = reduce(this.state, { type: 'gave-up', at: this.now, random: this.random, ...given });
      }
      this.state = reduce(this.state, { type: 'started', at: this.now, actions });
      for (const action of actions) {
        this.all.push(action);
        if (action.do === 'search') this.state = reduce(this.state, { type: 'search-started', at: this.now });
        else this.open.push(action);
      }
    }
  }

  pass(duration: Millis): this {
    this.now = after(this.now, duration);
    return this.tell({ type: 'time', at: this.now });
  }

  /** Lets time pass until the plan's next moment. */
  passToNext(): this {
    const { wakeAt } = plan(this.state);
    return this.pass(wakeAt === undefined ? inSeconds(60) : millis(Math.max(1, wakeAt - this.now)));
  }

  found(
    control: ControlKind = 'igd',
    change: {
      gateway?: GatewayId;
      capabilities?: Capabilities;
      location?: string;
      foundBy?: FoundBy;
      vitals?: Vitals;
    } = {},
  ): this {
    const gateway = change.gateway ?? HOME;
    return this.tell({
      type: 'found',
      at: this.now,
      random: this.random,
      found: {
        gateway,
        facts: {
          address: ip(gateway.split('/')[1] ?? ''),
          interfaceName: 'eth0',
          localAddress: LAPTOP,
          isDefault: gateway === HOME,
          name: 'Router',
          model: 'R1',
          fingerprint: 'R1',
        },
        control: { kind: control, foundBy: change.foundBy ?? 'ssdp-multicast', foundIn: millis(5), detail: '' },
        capabilities: change.capabilities ?? CAPABILITIES[control],
        vitals: change.vitals ?? { externalAddress: ip('11.22.33.44') },
        location: change.location,
        falseRestarts: false,
      },
    });
  }

  searchEnded(change: Partial<SearchFacts> = {}): this {
    const summary = { routers: [], noNetwork: false, denied: false, localNetworkDenied: false, ...change };
    return this.tell({ type: 'search-ended', at: this.now, random: this.random, summary });
  }

  want(...forwards: Forward[]): this {
    return this.tell({ type: 'wanted', at: this.now, forwards });
  }

  /** The oldest unanswered action of a kind. */
  next<Kind extends Asked['do']>(kind: Kind): Extract<Asked, { do: Kind }> {
    const at = this.open.findIndex((action) => action.do === kind);
    const [action] = at < 0 ? [] : this.open.splice(at, 1);
    if (action === undefined) throw new Error(`nothing to ${kind}; asked are: ${this.asked()}`);
    return action as Extract<Asked, { do: Kind }>;
  }

  asked(): string {
    return this.open.map((action) => action.do).join(' ');
  }

  grant(change: Partial<Grant> & { lifetime?: number } = {}): Extract<Asked, { do: 'open' }> {
    const action = this.next('open');
    const { lifetime, ...grant } = change;
    this.tell({
      type: 'granted',
      at: this.now,
      random: this.random,
      request: action.request,
      grant: {
        external: { port: action.wish.external.port },
        internal: action.wish.internal,
        lease: lifetime === undefined ? action.wish.lease : seconds(lifetime),
        handle: {},
        evidence: 'answered',
        ...grant,
      },
    });
    return action;
  }

  fail(kind: Asked['do'], failure: FailureFact): Asked {
    const action = this.next(kind);
    this.tell({ type: 'failed', at: this.now, random: this.random, request: action.request, failure });
    return action;
  }

  /** Answers every heartbeat that is waiting. */
  alive(vitals: Vitals = {}): this {
    while (this.asked().includes('vitals')) {
      const { request } = this.next('vitals');
      this.tell({ type: 'vitals', at: this.now, random: this.random, request, vitals });
    }
    return this;
  }

  lookedUp(found: FoundMapping | 'absent' | 'cannot-tell'): Extract<Asked, { do: 'find' }> {
    const action = this.next('find');
    this.tell({ type: 'looked-up', at: this.now, random: this.random, request: action.request, found });
    return action;
  }

  closed(): Extract<Asked, { do: 'close' }> {
    const action = this.next('close');
    this.tell({ type: 'closed', at: this.now, random: this.random, request: action.request });
    return action;
  }

  statuses(): readonly MappingStatus['at'][] {
    return snapshotOf(this.state).mappings.map(({ status }) => status.at);
  }

  status(): MappingStatus {
    const [mapping] = snapshotOf(this.state).mappings;
    if (mapping === undefined) throw new Error('nothing is wanted');
    return mapping.status;
  }
}

export function refused(reason: Extract<FailureFact, { class: 'refused' }>['reason'], code = 'upnp 718'): FailureFact {
  return { class: 'refused', reason, code, retryAfter: undefined, offeredPort: undefined };
}

export const silence: FailureFact = { class: 'unreachable', why: 'timeout' };

/** An entry as the router lists it. */
export function listed(client: string, description: string, lease = 0): FoundMapping {
  return {
    transport: 'tcp',
    external: { port: 25_565 },
    internal: { client: ip(client), port: 25_565 },
    description,
    enabled: true,
    lease: seconds(lease),
    remoteHost: undefined,
  };
}
