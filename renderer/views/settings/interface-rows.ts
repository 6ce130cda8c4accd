/** This computer's network interfaces, and those that are left out though they are not there now. */
import type { IpAddress } from '../../../main/contract/address.ts';
import type { AppDescription } from '../../../main/contract/commands.ts';

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

/** What to leave out once one of them is used, or not. */
export function leftOutWith(leftOut: readonly string[], name: string, used: boolean): readonly string[] {
  const others = leftOut.filter((each) => each !== name);
  return used ? others : [...others, name];
}
