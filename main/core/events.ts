/** Everything that can happen, as values. `at` is engine time; `random` (0 ≤ r < 1) spreads what is scheduled from it. */
import type { IpAddress } from '../contract/address.ts';
import type { Capabilities, FoundMapping, Grant, Vitals } from '../contract/mapping.ts';
import type { ControlKind, Forward, ForwardId, GatewayId, MappingId } from '../contract/model.ts';
import type { ControlView, GatewayFacts } from '../contract/snapshot.ts';
import type { EpochMs, Millis, Seconds } from '../contract/units.ts';
import type {
  Action,
  FailureFact,
  HostFacts,
  Lease,
  LeftoverKey,
  RequestId,
  SearchFacts,
  WrongUrlFacts,
} from './state.ts';
import type { Problem } from '../contract/problems.ts';

interface Timed {
  readonly at: EpochMs;
}
interface Scheduled extends Timed {
  readonly random: number;
}
interface Answered extends Scheduled {
  readonly request: RequestId;
}

export interface FoundFacts {
  readonly gateway: GatewayId;
  readonly facts: GatewayFacts;
  readonly control: ControlView;
  readonly capabilities: Capabilities;
  readonly vitals: Vitals;
  readonly location: string | undefined;
  /** From an earlier time: as in `RouterTraits`. */
  readonly falseRestarts: boolean;
  readonly wrongUrl?: WrongUrlFacts;
}

export interface AnnouncedFacts {
  readonly from: IpAddress;
  /** `table`: it has fewer entries than before, or than we hold. */
  readonly kind: 'alive' | 'byebye' | 'epoch' | 'address' | 'event' | 'table';
  readonly location: string | undefined;
  readonly bootId: number | undefined;
  readonly epoch: Seconds | undefined;
}

/** An entry of a gateway's table. */
export type MappingTarget = Pick<FoundMapping, 'transport' | 'external' | 'internal'>;

export interface RecoveredLease {
  readonly lease: Lease;
  readonly label: string;
  readonly kept: boolean;
}

export type Event =
  /** Time passed: what has expired goes. */
  | (Timed & { readonly type: 'time' })
  /** People's wishes, whole. */
  | (Timed & {
      readonly type: 'wanted';
      readonly forwards: readonly Forward[];
      /** Keys of the networks on which; on all when absent. */
      readonly approvedNetworks?: readonly string[] | undefined;
      /** See {@link State.watchesAddress}. */
      readonly watchesAddress?: boolean;
    })
  /** The journal of an earlier run. */
  | (Timed & { readonly type: 'recovered'; readonly leases: readonly RecoveredLease[] })
  /** Open ports stay open and are no longer ours to close: of these forwards; of all when absent. */
  | (Timed & { readonly type: 'kept'; readonly forwards?: readonly ForwardId[] | undefined })
  /** A person wants what was kept closed. */
  | (Timed & { readonly type: 'unkept'; readonly keys: readonly LeftoverKey[] })
  /** Look for gateways now. */
  | (Timed & { readonly type: 'search-asked' })
  | (Timed & { readonly type: 'search-started' })
  | (Scheduled & { readonly type: 'found'; readonly found: FoundFacts })
  /** Nothing that opens ports has answered so far; the search goes on. */
  | (Timed & { readonly type: 'search-silent'; readonly summary: SearchFacts })
  | (Scheduled & { readonly type: 'search-ended'; readonly summary: SearchFacts | undefined })
  | (Timed & { readonly type: 'started'; readonly actions: readonly Action[] })
  | (Answered & { readonly type: 'granted'; readonly grant: Grant })
  | (Answered & { readonly type: 'closed' })
  | (Answered & { readonly type: 'looked-up'; readonly found: FoundMapping | 'absent' | 'cannot-tell' })
  | (Answered & { readonly type: 'vitals'; readonly vitals: Vitals })
  | (Answered & { readonly type: 'failed'; readonly failure: FailureFact })
  /** Packets to a gateway beside the first ones of what was planned; tables that people had read are counted apart. */
  | (Timed & {
      readonly type: 'asked';
      readonly gateway: GatewayId;
      readonly requests: number;
      readonly for: 'count' | 'listing';
    })
  /** An entry that a person pointed at is taken away, whoever made it: nothing is opened there meanwhile. */
  | (Timed & { readonly type: 'removing'; readonly gateway: GatewayId; readonly entry: MappingTarget })
  | (Timed & {
      readonly type: 'removed';
      readonly gateway: GatewayId;
      readonly entry: MappingTarget;
      /** Is it gone? */
      readonly gone: boolean;
    })
  /** Whether traffic from outside arrives through a mapping. */
  | (Scheduled & { readonly type: 'probed'; readonly mapping: MappingId; readonly passes: boolean })
  | (Timed & {
      readonly type: 'capabilities';
      readonly gateway: GatewayId;
      readonly control: ControlKind;
      readonly capabilities: Capabilities;
    })
  | (Timed & { readonly type: 'announced'; readonly announcement: AnnouncedFacts })
  | (Timed & { readonly type: 'network'; readonly host: HostFacts })
  /** The default router's hardware address became known: this network, and no other of the same addresses. */
  | (Timed & { readonly type: 'network-named'; readonly network: string })
  /** The machine slept, or its clock was set. `unsure`: so much of the time that seems to have passed may not have. */
  | (Timed & { readonly type: 'woke'; readonly unsure?: Millis })
  /** Nothing can be asked for this mapping, and why; without a problem, for what the controls said. */
  | (Scheduled & { readonly type: 'gave-up'; readonly mapping: MappingId; readonly problem: Problem | undefined })
  /** A person wants refused and waiting mappings tried again now. */
  | (Timed & { readonly type: 'retry' });

type WithoutMoment<One> = One extends Event ? Omit<One, 'at' | 'random'> : never;
/** An event before the loop gives it its moment. */
export type EventWithoutMoment = WithoutMoment<Event>;
