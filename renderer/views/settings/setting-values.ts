/** Settings as a person sees them: interfaces, lease times and approved networks, as pure functions. */
import type { IpAddress } from '../../../main/contract/address.ts';
import type { AppDescription, AppSnapshot } from '../../../main/contract/commands.ts';
import { isSurelyNetwork } from '../../../main/contract/snapshot.ts';
import type { Settings } from '../../../main/contract/settings.ts';

export interface InterfaceRow {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
  readonly virtual: boolean;
  /** Routers are looked for there. */
  readonly used: boolean;
  readonly present: boolean;
}

/** Those that are there first, as the computer lists them. */
export function interfaceRows(
  interfaces: AppDescription['interfaces'],
  leftOut: readonly string[],
): readonly InterfaceRow[] {
  const present = interfaces.map((each): InterfaceRow => ({
    ...each,
    used: !leftOut.includes(each.name),
    present: true,
  }));
  const absent = leftOut
    .filter((name) => !interfaces.some((each) => each.name === name))
    .map((name): InterfaceRow => ({ name, addresses: [], virtual: false, used: false, present: false }));
  return [...present, ...absent];
}

/** The list to leave out once one of them is used, or not. */
export function leftOutWith(leftOut: readonly string[], name: string, used: boolean): readonly string[] {
  const others = leftOut.filter((each) => each !== name);
  return used ? others : [...others, name];
}

/** A lease in the units that people think in, and back. */

/** Seconds of each, largest first. */
const UNIT_SECONDS = { days: 86_400, hours: 3600, minutes: 60 } as const;

export type LeaseUnit = keyof typeof UNIT_SECONDS;

/** Offered as they are, in seconds; `null` is the protocol's own, which is recommended. */
export const USUAL_LEASES = [null, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400, 604_800] as const;

export const isUsualLease = (lease: number | null): boolean => USUAL_LEASES.some((usual) => usual === lease);

/** In the largest unit that it is a whole number of; otherwise in minutes, with a fraction. */
export function leaseParts(seconds: number) {
  for (const unit of ['days', 'hours', 'minutes'] as const) {
    if (seconds % UNIT_SECONDS[unit] === 0) return { amount: seconds / UNIT_SECONDS[unit], unit };
  }
  return { amount: seconds / UNIT_SECONDS.minutes, unit: 'minutes' as const };
}

/** Whole seconds of what was typed, with a decimal point or comma; NaN, which no schema takes, for anything else. */
export function leaseOf(text: string, unit: LeaseUnit): number {
  const number = text.trim().replace(',', '.');
  return /^\d{1,9}(?:\.\d{1,6})?$/.test(number) ? Math.round(Number(number) * UNIT_SECONDS[unit]) : Number.NaN;
}

type ApprovedNetwork = Settings['approvedNetworks'][number];

export interface NetworkRow extends ApprovedNetwork {
  readonly here: boolean;
}

export function networkRows({
  settings: { approvedNetworks },
  engine: { network, gateways },
}: Pick<AppSnapshot, 'settings' | 'engine'>) {
  const approved = approvedNetworks.map((each) => ({
    ...each,
    here: network !== undefined && isSurelyNetwork(each.key, network.key),
  }));
  if (network === undefined || approved.some(({ here }) => here)) return { approved, unapproved: undefined };
  const router = gateways.find(({ isDefault }) => isDefault) ?? gateways[0];
  // The present network's name, when it is not among them.
  return { approved, unapproved: router?.name ?? placeOf(network.key) };
}

/** `192.168.1.1/24` of a key: all that is known of a network without a router that answers. */
const placeOf = (key: string): string => key.split(' ')[0] ?? key;
