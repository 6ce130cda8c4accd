/** Subjects and findings of the checks of "why can nobody connect?": plain data, with words for each code. */
import type { AddressScope, IpAddress } from '../address.ts';
import type { ForwardId, GatewayId, Transport } from '../model.ts';
import type { Problem, Sentences } from '../problems.ts';
import type { EpochMs, Port } from '../units.ts';
import type { RouterKey } from './router-menus.ts';

/** In the order in which a connection depends on them. */
export const CHECKS = [
  'network',
  'adapters',
  'blocking',
  'protocols',
  'gateways',
  'line',
  'rules',
  'programs',
  'firewall',
  'hairpin',
  'ipv6',
  'leases',
] as const;
export type CheckName = (typeof CHECKS)[number];

/** As people know them. */
export type ProtocolName = 'UPnP' | 'NAT-PMP' | 'PCP';

/** A program's port on this computer, or on another device. */
export interface PortPlace {
  readonly transport: Transport;
  readonly port: Port;
}

type None = Readonly<Record<string, never>>;
interface InRouter {
  /** Its name, or its address where it has none. */
  readonly gateway: string;
}
interface OnMenu {
  /** The maker whose menus it has, as far as known. */
  readonly menu?: RouterKey | undefined;
}

/** Code → parameters. A code without words does not compile. */
export interface FindingParameters {
  /** One that people are shown beside the checks, too. */
  problem: { readonly problem: Problem };
  /** A check failed to be made. */
  'not-checked': None;

  connected: { readonly interfaceName: string; readonly address: IpAddress | undefined; readonly router: IpAddress };
  'no-router': { readonly interfaces: readonly string[] };
  'no-dhcp': { readonly interfaceName: string; readonly address: IpAddress };

  'no-adapters': None;
  'idle-adapters': { readonly names: readonly string[] };
  'vpn-is-default': { readonly interfaceName: string };
  /** `maker`: what made the virtual router that this computer is behind. */
  'virtual-router': { readonly router: IpAddress; readonly maker: string };

  'search-passes': None;
  /** Answers to a search are dropped by this computer. `where`: the rule's place, empty when not known. */
  'answers-blocked': { readonly firewall: string; readonly where: string; readonly protocols: readonly ProtocolName[] };

  protocols: InRouter & { readonly answered: readonly ProtocolName[]; readonly silent: readonly ProtocolName[] };
  'port-control-off': OnMenu & { readonly router: IpAddress };

  'one-gateway': InRouter;
  'several-gateways': InRouter & { readonly others: readonly string[] };

  'public-address': InRouter & { readonly external: IpAddress; readonly isConfirmed: boolean };
  'double-nat': InRouter & {
    /** Its private address outside, where it says one. */
    readonly external: IpAddress | undefined;
    /** The router in front, and what it answers; absent where none was seen. */
    readonly upstream: { readonly address: IpAddress; readonly protocols: readonly ProtocolName[] } | undefined;
  };
  /** `shared`: the router's address, or that of the provider's router next to it. */
  'carrier-nat': InRouter & { readonly shared: IpAddress; readonly isNext: boolean };
  'unusable-address': InRouter & { readonly external: IpAddress; readonly scope: AddressScope };
  /** The STUN server that the person chose did not say how it sees us. */
  'stun-silent': { readonly server: string };
  /** The internet sees us with another address than the router says. */
  'other-address': InRouter & { readonly external: IpAddress; readonly seen: IpAddress };

  'nothing-wanted': None;
  /** Opened and closed again to see whether it works. */
  'trial-opened': InRouter & { readonly port: Port };
  open: { readonly count: number };
  /** Asked for, and neither open nor refused. */
  'under-way': { readonly count: number };
  paused: None;
  /** Profiles are on, and nothing runs that keeps their ports open. */
  'not-running': { readonly count: number };
  /** The router shows its table, and refuses every entry. */
  'writing-off': OnMenu & InRouter & { readonly code: string };

  listens: { readonly places: readonly (PortPlace & { readonly program: string })[] };
  'nothing-listens': PortPlace;
  'loopback-only': PortPlace & { readonly address: IpAddress; readonly program: string };
  'other-transport': PortPlace & { readonly program: string };
  'other-interface': PortPlace & { readonly address: IpAddress; readonly program: string };
  'device-refuses': PortPlace & { readonly client: IpAddress };
  'device-silent': PortPlace & { readonly client: IpAddress };
  'programs-unknown': None;

  'no-firewall': None;
  'firewall-lets-in': { readonly firewall: string };
  'firewall-blocks': PortPlace & { readonly firewall: string; readonly where: string };
  'firewall-unclear': { readonly firewall: string };

  'hairpin-works': { readonly external: IpAddress; readonly port: Port };
  'hairpin-missing': { readonly external: IpAddress; readonly port: Port };

  'ipv6-none': None;
  'ipv6-ready': { readonly address: IpAddress };
  'ipv6-closed': { readonly address: IpAddress };

  'leases-fine': None;
  'clock-wrong': { readonly now: EpochMs };
  restarted: InRouter & { readonly at: EpochMs };
  remembered: InRouter & { readonly traits: readonly string[] };
}

export type FindingCode = keyof FindingParameters;

/**
 * `trouble`: it keeps connections out. `hint`: it may matter. `fine`: it is as it should be. `unknown`: it could not be
 * found out.
 */
export type FindingLevel = 'trouble' | 'hint' | 'fine' | 'unknown';

export interface FindingOf<Code extends FindingCode> {
  readonly check: CheckName;
  readonly level: FindingLevel;
  readonly code: Code;
  readonly parameters: FindingParameters[Code];
  readonly forward?: ForwardId;
  readonly gateway?: GatewayId;
}
export type Finding = { [Code in FindingCode]: FindingOf<Code> }[FindingCode];

/** `why` and `todo` are empty where there is nothing to explain or to do. */
export type FindingCatalogue = {
  readonly [Code in FindingCode]: (parameters: FindingParameters[Code]) => Sentences;
};

/** A check while it is made, and afterwards. */
export interface CheckView {
  readonly name: CheckName;
  /** Nothing yet while it is being made. */
  readonly findings?: readonly Finding[];
}

/** The latest run of the checks. */
export interface DiagnosisView {
  readonly startedAt: EpochMs;
  /** Absent while it goes on. */
  readonly endedAt?: EpochMs;
  /** Those that were asked for, in the order of {@link CHECKS}. */
  readonly checks: readonly CheckView[];
}
