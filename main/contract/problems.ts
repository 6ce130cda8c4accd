/** User-visible troubles: a code with typed parameters; the sentences are in `words`. */
import type { IpAddress } from './address.ts';
import type { ValueReason, LostContent, StorageFault } from './fault-reasons.ts';
import type { ForwardId, GatewayId, Transport } from './model.ts';
import type { EpochMs, Port } from './units.ts';

type None = Readonly<Record<string, never>>;

/**
 * Why it is not started at login: it runs from a place that does not last; its path cannot be written down; the system
 * has not kept the entry.
 */
export type LoginItemFault = 'not-installed' | 'path' | 'not-kept' | 'other';

/** `not-there`: nothing is at the place that the router itself named. */
export type UnansweredHow = 'hung-up' | 'silent' | 'not-there';

interface PortRef {
  readonly transport: Transport;
  readonly port: Port;
}

/** Code → parameters. Adding a code without words does not compile. */
export interface ProblemParameters {
  'no-network': None;
  'no-gateway': { readonly routers: readonly IpAddress[] };
  /** A router is there, but offers no way to open ports. */
  'port-control-off': { readonly router: IpAddress };
  'gateway-away': { readonly gateway: string; readonly since: EpochMs };
  /** `gateway` (its name, which may be empty) has ports open, though the default router, `router`, is another one. */
  'not-default-router': {
    readonly gateway: string;
    readonly address: IpAddress;
    readonly router: IpAddress | undefined;
  };
  'local-network-denied': None;
  /** Ports are opened on approved networks only; `name` is what the person knows this one by. */
  'network-not-approved': { readonly network: string; readonly name: string };
  /** `detail` is the system's own word, in its own language, for what is `other`; else it is empty. */
  'login-item-failed': { readonly fault: LoginItemFault; readonly detail: string };
  'traffic-denied': { readonly gateway: string };
  'not-our-gateway': { readonly wanted: string; readonly known: readonly string[] };
  conflict: PortRef & {
    readonly holder: IpAddress | undefined;
    readonly holderName: string | undefined;
    readonly suggestion: Port | undefined;
  };
  'conflict-in-router': PortRef & { readonly suggestion: Port | undefined };
  'port-not-allowed': PortRef & { readonly suggestion: Port | undefined; readonly code: string };
  'only-for-itself': PortRef & { readonly client: IpAddress };
  'no-permanent-lease': PortRef;
  'same-port-only': PortRef & { readonly internal: Port };
  'one-per-internal-port': PortRef & { readonly internal: Port };
  'table-full': PortRef;
  'no-external-address': { readonly gateway: string };
  /** Its line may well be up. */
  'external-address-unknown': { readonly gateway: string };
  'behind-another-nat': { readonly gateway: string; readonly external: IpAddress };
  'pinholes-off': PortRef;
  'wrong-family': PortRef & { readonly family: 'ipv4' | 'ipv6' };
  'router-refused': PortRef & { readonly code: string; readonly suggestion: Port | undefined };
  /** Without a reason; `external` is its public address where its line is known to be up. */
  'router-failed': PortRef & {
    readonly code: string;
    readonly external: IpAddress | undefined;
    readonly suggestion: Port | undefined;
  };
  /** Its line is up, so the rule itself failed. */
  'firewall-failed': PortRef & { readonly code: string; readonly external: IpAddress };
  /** `seen`: how the answer begins, safe to show; empty for an empty answer. */
  'router-garbled': { readonly gateway: string; readonly seen: string };
  /** It answers other requests, but not the one that opens a port. */
  'open-unanswered': { readonly gateway: string; readonly how: UnansweredHow };
  'listed-but-dead': PortRef;
  'storage-failed': { readonly path: string; readonly fault: StorageFault };
  /** What is in the journal is not known; what is switched on is opened all the same. */
  'journal-unreadable': { readonly path: string; readonly fault: StorageFault };
  /** A file that cannot be used. */
  'set-aside': {
    readonly path: string;
    /** Its name from now on; absent while it cannot be renamed. */
    readonly kept?: string | undefined;
    readonly lost: LostContent;
  };
  /** Profiles and settings cannot be read now; nothing is changed in them until they can. */
  'profiles-unreadable': { readonly path: string; readonly fault: StorageFault };
  /** Changed, but not stored. */
  'profiles-not-stored': { readonly path: string; readonly fault: StorageFault };
  /** Parts of the document make no sense; the rest is used, the whole is kept. */
  'profiles-misunderstood': { readonly kept?: string | undefined; readonly place: string; readonly fault: ValueReason };
  /** Neither lock nor socket could be made where other commands look for them. */
  'commands-unreachable': { readonly path: string; readonly fault: StorageFault };
}

export type ProblemCode = keyof ProblemParameters;

export interface ProblemOf<Code extends ProblemCode> {
  readonly code: Code;
  readonly parameters: ProblemParameters[Code];
  readonly severity: 'error' | 'warning' | 'info';
  readonly since: EpochMs;
  readonly forward?: ForwardId;
  readonly gateway?: GatewayId;
}

export type Problem = { [Code in ProblemCode]: ProblemOf<Code> }[ProblemCode];
