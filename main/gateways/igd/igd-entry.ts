/** Entries of a port mapping table, as routers report them and as we compare them. */
import { withoutHidden } from '../../contract/words/hidden.ts';
import { parseIp, type IpAddress } from '../../contract/address.ts';
import type { FoundMapping, MappingKey, MappingWish, RouterTraits } from '../../contract/mapping.ts';
import type { Transport } from '../../contract/model.ts';
import { millis, seconds, type Millis, type Seconds } from '../../contract/units.ts';
import type { PortListEntry } from '../../wire/soap.ts';

/** Names a row of the table; the remote host is always the wildcard (C11). */
export type EntryKey = Pick<MappingKey, 'transport' | 'external'>;

export interface TableEntry extends FoundMapping {
  /** As listed: `''`, `*` and `0.0.0.0` all mean any (C11), but deleting may want this very form (C12). */
  readonly listedRemoteHost: string;
}

const ANY_HOST: ReadonlySet<string> = new Set(['', '*', '0.0.0.0']);
/** E14: old daemons write the PCP nonces of other hosts into their descriptions. */
const NONCE = /[\da-f]{24}/gi;
const MAX_DESCRIPTION = 256;
/** C25: some routers keep no more of a description. */
export const KEPT_CHARACTERS = 11;

/** `tcp/8080`. */
export const keyText = (key: Pick<TableEntry, 'transport' | 'external'>): string =>
  `${key.transport}/${key.external.port}`;

/** Output arguments of Get…PortMappingEntry (WANIPConnection:1 §2.4.14, §2.4.15): still text, still untrusted. */
export type EntryValues = ReadonlyMap<string, string>;

/** A row of GetListOfPortMappings (WANIPConnection:2 §2.3.25) under the names of those arguments. */
export const valuesOfRow = (row: PortListEntry): EntryValues =>
  new Map([
    ['NewRemoteHost', row.remoteHost],
    ['NewExternalPort', String(row.externalPort)],
    ['NewProtocol', row.protocol],
    ['NewInternalPort', String(row.internalPort)],
    ['NewInternalClient', row.internalClient],
    ['NewEnabled', row.enabled ? '1' : '0'],
    ['NewPortMappingDescription', row.description],
    ['NewLeaseDuration', String(row.leaseDuration)],
  ]);

/** `undefined` when transport or ports make no sense. */
export function entryFrom(values: EntryValues): TableEntry | undefined {
  const transport = transportFrom(values.get('NewProtocol'));
  const external = portFrom(values.get('NewExternalPort'));
  if (transport === undefined || external === undefined) return undefined;
  return entryAt({ transport, externalPort: external }, values);
}

/** The answer to a question for one entry: the key is the question's, the rest is the answer's (E11).
 * `mismatch` when it speaks of another entry. */
export function answeredEntry(key: EntryKey, values: EntryValues): TableEntry | 'mismatch' {
  const transport = transportFrom(values.get('NewProtocol')) ?? key.transport;
  const external = portFrom(values.get('NewExternalPort')) ?? key.external.port;
  if (transport !== key.transport || external !== key.external.port) return 'mismatch';
  return entryAt({ transport, externalPort: external }, values);
}

function entryAt(key: { transport: Transport; externalPort: number }, values: EntryValues): TableEntry {
  const listedRemoteHost = (values.get('NewRemoteHost') ?? '').trim();
  return {
    transport: key.transport,
    external: { port: key.externalPort },
    internal: {
      ...clientFrom((values.get('NewInternalClient') ?? '').trim()),
      port: portFrom(values.get('NewInternalPort')) ?? 0,
    },
    description: withoutHidden((values.get('NewPortMappingDescription') ?? '').slice(0, MAX_DESCRIPTION)).replaceAll(
      NONCE,
      '(nonce)',
    ),
    enabled: !/^(?:0|false|no)$/i.test((values.get('NewEnabled') ?? '').trim()),
    lease: secondsFrom(values.get('NewLeaseDuration')) ?? seconds(0),
    remoteHost: ANY_HOST.has(listedRemoteHost) ? undefined : listedRemoteHost,
    listedRemoteHost,
  };
}

/** E17: names in the place of addresses. RFC 1035 §2.3.4: at most 253 characters. */
function clientFrom(text: string): Pick<FoundMapping['internal'], 'client' | 'name'> {
  const client = parseIp(text);
  const name = client === undefined ? withoutHidden(text.slice(0, 253)) : '';
  return name === '' ? { client } : { client, name };
}

/** The device as it can be named to people. */
export const clientText = ({ client, name }: FoundMapping['internal']): string => client ?? name ?? 'an unknown host';

function transportFrom(text: string | undefined): Transport | undefined {
  const protocol = (text ?? '').trim().toLowerCase();
  if (protocol === 'tcp' || protocol === '6') return 'tcp';
  if (protocol === 'udp' || protocol === '17') return 'udp';
  return undefined;
}

/** 0 … 65535: routers list port 0 for rules over all ports. */
export function portFrom(text: string | undefined): number | undefined {
  const value = wholeNumber(text);
  return value === undefined || value > 65_535 ? undefined : value;
}

/** `undefined` for anything but a whole number that fits 32 bits (E15). */
export function secondsFrom(text: string | undefined): Seconds | undefined {
  const value = wholeNumber(text);
  return value === undefined || value > 0xffff_ffff ? undefined : seconds(value);
}

/** E15: read wide; `undefined` for anything but digits. */
export function wholeNumber(text: string | undefined): number | undefined {
  const digits = (text ?? '').trim();
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}

export interface Target {
  readonly client: IpAddress;
  readonly port: number;
}

/** Without what only deleting needs to know. */
export function shown(entry: TableEntry): FoundMapping {
  const { transport, external, internal, description, enabled, lease, remoteHost } = entry;
  return { transport, external, internal, description, enabled, lease, remoteHost };
}

/** Does the entry lead there, for everyone? */
export function leadsTo(entry: FoundMapping, target: FoundMapping['internal']): boolean {
  return (
    entry.remoteHost === undefined && entry.internal.client === target.client && entry.internal.port === target.port
  );
}

/** C25: routers cut descriptions; what all of them keep must agree. An empty one proves nothing. */
export function isSameText(listed: string, asked: string): boolean {
  const kept = (text: string): string => text.trim().slice(0, KEPT_CHARACTERS).trimEnd().toLowerCase();
  return kept(listed) !== '' && kept(listed) === kept(asked);
}

/** A listed lease this much shorter than the one asked for is the same lease, counting down (L15). */
const COUNTDOWN = 30;
/** A renewal of a younger grant does not show whether it restarted the clock (L8). */
export const TELLING_AGE = millis(30_000);

const PERMANENT = seconds(0);

/** The lease to ask for, 0 for permanent. Not more than is known to be given (L6): a router that has come to give more
 * would hold the entry for longer than we know. */
export function leaseToAsk(wish: Pick<MappingWish, 'lease'>, traits: RouterTraits): Seconds {
  if (wish.lease === 'permanent' || traits.leases === 'permanent-only') return PERMANENT;
  return seconds(Math.min(wish.lease, traits.longestLease ?? wish.lease));
}

/** The lease of a grant that was not read back. */
export function presumedLease(asked: Seconds, traits: RouterTraits): Seconds | 'permanent' {
  // L7: on these routers not even "permanent" lasts.
  const longest = traits.longestLease === undefined ? undefined : seconds(traits.longestLease);
  if (asked === PERMANENT) return longest ?? 'permanent';
  return longest === undefined ? asked : seconds(Math.min(asked, longest));
}

/** The lease of a grant whose entry was seen: the listed one counts, not the requested one (L6, L7). */
export function listedLease(asked: Seconds, listed: Seconds): Seconds | 'permanent' {
  if (asked === PERMANENT) return listed === PERMANENT ? 'permanent' : listed;
  // L15: a listed 0 says nothing; renewing what may be permanent does no harm.
  if (listed === PERMANENT) return asked;
  const countsDown = listed < asked && asked - listed <= Math.min(COUNTDOWN, asked / 10);
  return countsDown ? asked : listed;
}

/** Does a fresh entry show that the gateway gives less than asked? Then no longer leases are to be presumed. */
export function shownCap(asked: Seconds, listed: Seconds): Seconds | undefined {
  // Caps are whole minutes; anything else is what an older entry has left (L8).
  if (listed === PERMANENT || (listed + 2) % 60 > 2) return undefined;
  const cap = seconds(Math.ceil(listed / 60) * 60);
  if (asked === PERMANENT) return cap;
  return listedLease(asked, listed) === listed && cap < asked ? cap : undefined;
}

/** L8: was the clock of a renewed entry not set back? `before` is what was listed right after the former grant. One that
 * has less than would be left of that was set back, to less than before (L6). */
export function isClockStuck(before: Seconds, age: Millis, now: Seconds): boolean {
  if (before === PERMANENT || now === PERMANENT) return false;
  return now <= before - age / 2000 && now >= before - age / 1000 - COUNTDOWN;
}
