/** All that the engine knows, as one immutable value; `reduce` makes the next one, `plan` reads it. */
import type { IpAddress, Family } from '../contract/address.ts';
import type {
  Capabilities,
  FoundMapping,
  MappingHandle,
  MappingKey,
  MappingWish,
  RefusalReason,
  UnreachableReason,
} from '../contract/mapping.ts';
import type { ControlKind, Forward, ForwardId, GatewayId, MappingId, Transport } from '../contract/model.ts';
import { isSameNetwork, type ControlView, type GatewayFacts } from '../contract/snapshot.ts';
import type { Problem, ProblemParameters, UnansweredHow } from '../contract/problems.ts';
import type { EpochMs, Millis, Port, Seconds } from '../contract/units.ts';
import { Table } from './table.ts';

/** The clock that a PCP or NAT-PMP server reports. */
export interface EpochReading {
  /** Seconds since the server lost its state, as it reported. */
  readonly epoch: Seconds;
  /** Ours, when the answer came: a clock that neither jumps nor stands still while the machine sleeps. */
  readonly at: Millis;
}

declare const leftoverKey: unique symbol;
/** Names what one gateway holds for us: see {@link leftoverKeyOf}. */
export type LeftoverKey = string & { readonly [leftoverKey]: true };
export type RequestId = number;

/** One mapping that a forward asks for. */
export interface MappingSpec {
  readonly id: MappingId;
  readonly forward: ForwardId;
  readonly label: string;
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly port: Port };
  readonly internal: { readonly client: IpAddress | undefined; readonly port: Port };
  readonly lease: Seconds | 'permanent' | undefined;
  readonly ifTaken: 'fail' | 'next-free';
  readonly gateway: string | undefined;
  readonly interfaceName: string | undefined;
  /** Another one before it forwards to the same internal port: only one of them is for servers that allow one. */
  readonly sharesInternalPort: boolean;
}

/** A gateway's entry for us, as far as we know. */
export interface Lease {
  readonly gateway: GatewayId;
  /** The network the gateway was met on: the same address elsewhere is another router. */
  readonly network: string;
  readonly control: ControlKind;
  readonly family: Family;
  readonly transport: Transport;
  readonly external: { readonly address?: IpAddress; readonly port: Port };
  readonly internal: { readonly client: IpAddress; readonly port: Port };
  readonly handle: MappingHandle;
  readonly grantedAt: EpochMs;
  readonly renewAt: EpochMs;
  readonly expiresAt: EpochMs | 'never';
  /** `asked`: the request left, no answer is known; the gateway may or may not hold it. */
  readonly evidence: 'asked' | 'answered' | 'read-back' | 'traffic';
  /** Renewals since it was first granted. */
  readonly renewals: number;
  /** When it would have ended without the latest of them. */
  readonly formerEnd?: EpochMs | 'never';
  /** A renewal went unanswered: if it was granted all the same, this is its end. */
  readonly mayLastUntil?: EpochMs | undefined;
  /** The latest look did not find it. */
  readonly isMissed?: boolean;
  /** The next opening deletes the entry and makes it again (L8, L11). */
  readonly recreate: boolean;
}

export interface MappingState {
  readonly spec: MappingSpec;
  readonly lease: Lease | undefined;
  /** Made besides by requests without an answer, perhaps: by renewals of a lease that has ended, by another control of the
   * same gateway. To be closed when nobody wants it any more, for until then that would close what is wanted. */
  readonly mayBeHeld: readonly Lease[];
  readonly request: RequestId | undefined;
  /** The entry may be gone: it is looked at before it is requested again, for asking may cut it. */
  readonly doubted: boolean;
  /** Chosen before the first request, so that the journal knows it (P15). */
  readonly handle: MappingHandle;
  /** External port being tried instead of the wanted one. */
  readonly otherPort: Port | undefined;
  /** Brought back to the wanted port, as a router with one transport per port does no better elsewhere; until that port is
   * granted it is not brought back again. */
  readonly broughtBack: boolean;
  /** Controls that refused, with what they said; forgotten when the gateway restarts, the network changes or a person asks. */
  readonly refusals: readonly Refusal[];
  /** When a lease of it was last lost, by expiry or to somebody else. */
  readonly lostAt: EpochMs | undefined;
  /** Failed openings in a row. */
  readonly tries: number;
  readonly notBefore: EpochMs | undefined;
  readonly problem: Problem | undefined;
  /** Final until something changes, or until `notBefore`. */
  readonly refused: boolean;
  /** The holder of the port is not known yet. */
  readonly holderWanted: boolean;
  readonly since: EpochMs;
}

/** Why a control will not do for a mapping now: what it said, or that nothing readable came from it. */
export type Refusal = { readonly gateway: GatewayId; readonly control: ControlKind } & (
  | { readonly reason: RefusalReason; readonly code: string }
  | { readonly reason: 'garbled'; readonly seen: string }
  | { readonly reason: 'unanswered'; readonly how: UnansweredHow }
);

/** Something of ours on a gateway that is no longer wanted there, or not known to be wanted. */
export interface Leftover {
  readonly key: LeftoverKey;
  readonly lease: Lease;
  readonly mapping: MappingId | undefined;
  readonly forward: ForwardId | undefined;
  readonly label: string;
  /** A person chose to leave it open; only they close it. */
  readonly kept: boolean;
  readonly request: RequestId | undefined;
  readonly tries: number;
  readonly notBefore: EpochMs | undefined;
  /** Controls that would not close it. */
  readonly refusedBy: readonly ControlKind[];
  readonly since: EpochMs;
}

export interface ControlState extends ControlView {
  readonly capabilities: Capabilities;
  readonly epoch: EpochReading | undefined;
  readonly uptime: UptimeReading | undefined;
  /** As this control reports it: controls of one gateway need not agree (N4, N5), so each is held to its own word. */
  readonly externalAddress: IpAddress | 'none' | 'unknown' | undefined;
  /** As it last said; a hint (N1). */
  readonly connected: boolean | undefined;
  /** The latest: what was asked before it went to where the control was then (D14). */
  readonly foundAt: EpochMs;
  /** Not asked for mappings before then: it said that it cannot or may not (P16, P17). */
  readonly disabledUntil: EpochMs | undefined;
  readonly vitalsAt: EpochMs;
  /** When the latest request that it has answered was sent. */
  readonly answeredFrom: EpochMs;
  /** Something was said or suspected: the next heartbeat asks for everything. */
  readonly prompted: boolean;
  /** Failed vitals in a row; one, until vitals decide, when another request went unanswered. */
  readonly failures: number;
  /** Openings in a row without a readable answer, those in flight together counted once; and when the last one failed. */
  readonly unread: { readonly count: number; readonly at: EpochMs } | undefined;
  /** It has never answered vitals, and grants while they went unanswered: they are not asked for again (P25). */
  readonly mute: boolean;
  readonly answersVitals: boolean;
  /** `find` said absent twice right after a grant: it cannot be relied on (E5, E10). */
  readonly findMisses: number;
  /** Its table showed a lease to end this long after it was granted, though the grant said longer (L6, L7). */
  readonly longestLease: Millis | undefined;
}

export interface UptimeReading {
  readonly seconds: Seconds;
  readonly at: EpochMs;
  /** Readings in a row that agreed with our clock, and by how many seconds they did not. */
  readonly fits: number;
  readonly lag: number;
}

export interface BudgetUse {
  readonly minute: number;
  /** Within the budget. */
  readonly count: number;
  /** For tables that people had read: nobody knows before how long one is, so each makes room for itself. */
  readonly listing: number;
  /** Recent packets, as of `at`: it eases evenly. */
  readonly pressure: number;
  readonly at: EpochMs;
}

export interface GatewayState extends GatewayFacts {
  readonly id: GatewayId;
  readonly controls: ReadonlyMap<ControlKind, ControlState>;
  readonly externalAddress: IpAddress | 'none' | 'unknown';
  readonly reachable: boolean;
  readonly awaySince: EpochMs | undefined;
  /** Controls that fell silent while others still answered; looked for until they are back, for a while. */
  readonly lost: readonly ControlKind[];
  /** Its host says that nobody listens where its service was (D14). */
  readonly refusesSince: EpochMs | undefined;
  /** The next look at one entry of ours, and which one was looked at last. */
  readonly spotAt: EpochMs;
  readonly spotLast: MappingId | undefined;
  /** Its table has lost something: when all of ours is looked at, and when it last was. */
  readonly sweepAt: EpochMs | undefined;
  readonly sweptAt: EpochMs | undefined;
  /** When its table last grew or shrank by what we did ourselves. */
  readonly filledAt: EpochMs | undefined;
  /** One doubted mapping is looked at first and alone: it speaks for the others, and the gateway reads its firewall
   * again for it (L20). */
  readonly firstLook: boolean;
  /** Looks that fail, as UPnP is back a moment after PCP, are repeated at `lookAt` until `lookUntil`. */
  readonly lookAt: EpochMs | undefined;
  readonly lookUntil: EpochMs | undefined;
  /** Its UPnP table has shown what PCP or NAT-PMP made: what it does not show is gone (P26). */
  readonly showsPxp: boolean;
  /** Packets sent to it in the running minute (`minute` = engine time in whole minutes), by whichever control. */
  readonly spent: BudgetUse;
  /** From the latest SSDP message; a new one means a restart (UPnP DA 2.0 §1.2). */
  readonly bootId: number | undefined;
  /** URLs of the descriptions that its controls were found by, IPv4's and IPv6's, the latest few. */
  readonly ownLocations: readonly string[];
  /** Other descriptions announced from its address, the latest few: media servers, further devices of a FRITZ!Box. */
  readonly otherLocations: readonly string[];
  /** The last search that an announcement caused. */
  readonly searchedAt: EpochMs | undefined;
  /** When our IPv6 address towards it was last another: what was found before asks from the former one (V11). */
  readonly movedAt: EpochMs | undefined;
  /** When it last said anything unasked to everybody. */
  readonly announcedAt: EpochMs | undefined;
  /** When it last answered anything. */
  readonly heardAt: EpochMs;
  /** The last prompt to check (announcement), so that a chatty network does not make us chatty. */
  readonly promptedAt: EpochMs | undefined;
  /** When it last showed that it had restarted or lost its state; not `certain` while no more may be behind it than
   * another external address (L21). */
  readonly restarted: { readonly at: EpochMs; readonly certain: boolean } | undefined;
  /** When it was last back after a silence, and when its external address was last another. */
  readonly backAt: EpochMs | undefined;
  readonly readdressedAt: EpochMs | undefined;
  /** Signs of a restart of late: what it answers, and what anybody may have announced in its name. */
  readonly signs: Readonly<Record<'answered' | 'announced', SignCount>>;
  /** It has reported too many to be believed. */
  readonly falseRestarts: boolean;
}

/** Signs as of `at`, and the times at which there were any as of `alarmAt`; both fade. */
export interface SignCount {
  readonly count: number;
  readonly at: EpochMs;
  readonly alarms: number;
  readonly alarmAt: EpochMs;
}

export type RequestKind = 'open' | 'close' | 'find' | 'vitals';

export interface Request {
  readonly id: RequestId;
  readonly kind: RequestKind;
  readonly gateway: GatewayId;
  readonly control: ControlKind;
  readonly mapping: MappingId | undefined;
  readonly leftover: LeftoverKey | undefined;
  /** The lease that the gateway will hold if an opening succeeds. */
  readonly asked: Lease | undefined;
  /** A look by what the firewall has (L20). */
  readonly afresh: boolean;
  readonly since: EpochMs;
}

export interface SearchState {
  readonly running: boolean;
  readonly since: EpochMs | undefined;
  /** Searches that ended without a usable gateway for what is wanted, in a row. */
  readonly fruitless: number;
  readonly nextAt: EpochMs | undefined;
  readonly completed: number;
  /** When the default routers of this network were first asked. */
  readonly routersAskedAt: EpochMs | undefined;
  readonly summary: SearchFacts | undefined;
  /** The search that runs has met no router at all so far, though one would have answered. */
  readonly isNobodyThere: boolean;
  /** The URL that a person gave, where it is not the description of a router. */
  readonly wrongUrl: WrongUrlFacts | undefined;
}

export type WrongUrlFacts = ProblemParameters['router-url'];

export interface SearchFacts {
  readonly wrongUrl?: WrongUrlFacts;
  /** `guarded`: it asked for a password. */
  readonly routers: readonly { readonly address: IpAddress; readonly alive: boolean; readonly guarded?: boolean }[];
  readonly noNetwork: boolean;
  readonly denied: boolean;
  readonly localNetworkDenied: boolean;
}

/** Where this machine's traffic leaves for one family. */
export interface DefaultRouter {
  readonly family: Family;
  readonly interfaceName: string;
  /** Absent where the route leads into a tunnel without naming anybody. */
  readonly address: IpAddress | undefined;
  /** Key of the network that it leads out of; absent where that is not known, and over IPv6. */
  readonly network?: string;
}

/** This machine's side. */
export interface HostFacts {
  /** Key of the network we are on, `-` without one: see contract/model. */
  readonly network: string;
  /** Addresses of this machine by interface name. */
  readonly interfaces: ReadonlyMap<string, readonly IpAddress[]>;
  /** The stable public IPv6 address by interface name (V2). */
  readonly publicIpv6: ReadonlyMap<string, IpAddress>;
  /** On the interfaces that are searched, best first; absent where they are unknown. */
  readonly defaultRouters?: readonly DefaultRouter[];
}

export interface State {
  readonly revision: number;
  readonly now: EpochMs;
  /** When the machine was last seen to have slept, or its clock to have been set. */
  readonly wokeAt: EpochMs | undefined;
  /** A person named the gateway: no other is looked for, and no network of our own is needed to reach it. */
  readonly manual: boolean;
  readonly host: HostFacts | undefined;
  /** Keys of the networks on which ports may be opened; on all when absent. */
  readonly approvedNetworks: readonly string[] | undefined;
  /** Somebody is to hear of a new public address, even while nothing is open. */
  readonly watchesAddress: boolean;
  /** Since when this machine is on another one. */
  readonly refusedSince: EpochMs | undefined;
  readonly search: SearchState;
  readonly gateways: ReadonlyMap<GatewayId, GatewayState>;
  readonly forwards: ReadonlyMap<ForwardId, Forward>;
  readonly mappings: Table<MappingId, MappingState>;
  /** Mappings by their internal port: what may have to do with an entry of a table is looked up, not searched. */
  readonly internalPorts: ReadonlyMap<number, readonly MappingId[]>;
  readonly leftovers: Table<LeftoverKey, Leftover>;
  readonly requests: ReadonlyMap<RequestId, Request>;
  /** Where people have something taken away, whoever made it: see {@link outerPlaceOf}. */
  readonly removing: ReadonlySet<string>;
  readonly nextRequest: RequestId;
}

export type FailureFact =
  /** `undone`: the gateway was asked, and does not hold what was requested. */
  | { readonly class: 'unreachable'; readonly why: UnreachableReason; readonly undone?: boolean }
  | { readonly class: 'malformed'; readonly capture: string; readonly undone?: boolean }
  | {
      readonly class: 'refused';
      readonly reason: RefusalReason;
      readonly code: string;
      readonly retryAfter: number | undefined;
      readonly offeredPort: number | undefined;
    };

export type Action =
  | { readonly do: 'search' }
  | (RequestAction & {
      readonly do: 'open';
      readonly mapping: MappingId;
      readonly wish: MappingWish;
      readonly lease: Lease;
    })
  | (RequestAction & { readonly do: 'close'; readonly leftover: LeftoverKey; readonly key: MappingKey })
  | (RequestAction & {
      readonly do: 'find';
      readonly mapping: MappingId;
      /** By what the firewall has, not by what the gateway remembers (L20). */
      readonly afresh: boolean;
      readonly key: Pick<MappingKey, 'transport' | 'external'>;
    })
  | (RequestAction & { readonly do: 'vitals'; readonly whole: boolean });

interface RequestAction {
  readonly request: RequestId;
  readonly gateway: GatewayId;
  readonly control: ControlKind;
}

/** All that a gateway may hold for it. */
export const leasesOf = ({ lease, mayBeHeld }: Pick<MappingState, 'lease' | 'mayBeHeld'>): readonly Lease[] =>
  lease === undefined ? mayBeHeld : [...mayBeHeld, lease];

/** The latest moment until which the gateway may hold it. */
export function lastEnd({ expiresAt, mayLastUntil }: Pick<Lease, 'expiresAt' | 'mayLastUntil'>): Lease['expiresAt'] {
  return expiresAt === 'never' || mayLastUntil === undefined || mayLastUntil < expiresAt ? expiresAt : mayLastUntil;
}

/** As something that lasts so long. */
export const toLastEnd = (lease: Lease): Lease =>
  lease.mayLastUntil === undefined ? lease : { ...lease, expiresAt: lastEnd(lease), mayLastUntil: undefined };

/** In the router's one table, whichever control was asked for it (P26). */
export function isSameEntry(a: Lease, b: Lease): boolean {
  return (
    a.gateway === b.gateway &&
    isSameNetwork(a.network, b.network) &&
    a.transport === b.transport &&
    a.family === b.family &&
    a.external.port === b.external.port &&
    a.internal.client === b.internal.client
  );
}

export function leftoverKeyOf(
  lease: Pick<Lease, 'network' | 'gateway' | 'control' | 'family' | 'transport' | 'internal' | 'external'>,
): LeftoverKey {
  const { network, gateway, control, family, transport, internal, external } = lease;
  return [network, gateway, control, family, transport, `${internal.client}:${internal.port}`, external.port].join(
    '|',
  ) as LeftoverKey;
}

/** Where at the gateway's outside: only one thing can be there. */
export function outerPlaceOf(
  at: Pick<Lease, 'gateway' | 'family' | 'transport'> & Pick<FoundMapping, 'external'>,
): string {
  const { gateway, family, transport, external } = at;
  return `${gateway}|${family}|${transport}|out ${external.port}`;
}

export function initialState(now: EpochMs, options: { readonly manual?: boolean } = {}): State {
  return {
    revision: 0,
    now,
    wokeAt: undefined,
    manual: options.manual ?? false,
    host: undefined,
    approvedNetworks: undefined,
    watchesAddress: false,
    refusedSince: undefined,
    search: {
      running: false,
      since: undefined,
      fruitless: 0,
      nextAt: undefined,
      completed: 0,
      routersAskedAt: undefined,
      summary: undefined,
      isNobodyThere: false,
      wrongUrl: undefined,
    },
    gateways: new Map(),
    forwards: new Map(),
    mappings: Table.of(),
    internalPorts: new Map(),
    leftovers: Table.of(),
    requests: new Map(),
    removing: new Set(),
    nextRequest: 1,
  };
}
