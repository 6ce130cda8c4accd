/** UPnP error codes as reasons. What depends on the situation (C1, C3, C6, L2 …) is judged where it is known. */
import type { RefusalReason } from '../../contract/mapping.ts';
import { Refused, Unreachable } from '../failure.ts';

type ErrorMeaning = readonly [reason: RefusalReason, name: string];

/** UPnP Device Architecture 2.0 §3.2.2, table 3-3. */
const COMMON: ReadonlyMap<number, ErrorMeaning> = new Map<number, ErrorMeaning>([
  [401, ['unsupported', 'Invalid Action']],
  [402, ['bad-arguments', 'Invalid Args']],
  [403, ['not-authorized', 'Forbidden']],
  [404, ['unsupported', 'Invalid Var']],
  [501, ['failed', 'Action Failed']],
  [600, ['bad-arguments', 'Argument Value Invalid']],
  [601, ['bad-arguments', 'Argument Value Out of Range']],
  [602, ['unsupported', 'Optional Action Not Implemented']],
  [603, ['failed', 'Out of Memory']],
  [604, ['not-authorized', 'Human Intervention Required']],
  [605, ['bad-arguments', 'String Argument Too Long']],
  [606, ['not-authorized', 'Action Not Authorized']],
]);

/** WANIPConnection:2 §2.5, WANPPPConnection:1 §2.4. */
const CONNECTION: ReadonlyMap<number, ErrorMeaning> = new Map<number, ErrorMeaning>([
  [713, ['absent', 'SpecifiedArrayIndexInvalid']],
  [714, ['absent', 'NoSuchEntryInArray']],
  [715, ['bad-arguments', 'WildCardNotPermittedInSrcIP']],
  [716, ['bad-arguments', 'WildCardNotPermittedInExtPort']],
  [718, ['conflict', 'ConflictInMappingEntry']],
  [724, ['same-port-only', 'SamePortValuesRequired']],
  [725, ['only-permanent-lease', 'OnlyPermanentLeasesSupported']],
  [726, ['wildcard-only', 'RemoteHostOnlySupportsWildcard']],
  [727, ['wildcard-only', 'ExternalPortOnlySupportsWildcard']],
  [728, ['table-full', 'NoPortMapsAvailable']],
  [729, ['conflict-other-mechanism', 'ConflictWithOtherMechanisms']],
  [730, ['absent', 'PortMappingNotFound']],
  [731, ['not-authorized', 'ReadOnly']],
  [732, ['bad-arguments', 'WildCardNotPermittedInIntPort']],
  [733, ['bad-arguments', 'InconsistentParameters']],
]);

/** WANIPv6FirewallControl:1 §2.6. */
const FIREWALL: ReadonlyMap<number, ErrorMeaning> = new Map<number, ErrorMeaning>([
  [701, ['table-full', 'PinholeSpaceExhausted']],
  [702, ['switched-off', 'FirewallDisabled']],
  [703, ['switched-off', 'InboundPinholeNotAllowed']],
  [704, ['absent', 'NoSuchEntry']],
  [705, ['unsupported', 'ProtocolNotSupported']],
  [706, ['wildcard-only', 'InternalPortWildcardingNotAllowed']],
  [707, ['bad-arguments', 'ProtocolWildcardingNotAllowed']],
  [708, ['wildcard-only', 'WildCardNotPermittedInSrcIP']],
  [709, ['failed', 'NoTrafficReceived']],
]);

/** TR-064 of FRITZ!OS, "second factor": changes have to be confirmed at the router. */
const SECOND_FACTOR: ReadonlyMap<number, ErrorMeaning> = new Map<number, ErrorMeaning>([
  [866, ['not-authorized', 'Second Factor Authentication Required']],
  [867, ['not-authorized', 'Second Factor Authentication Blocked']],
  [868, ['not-authorized', 'Second Factor Authentication Busy']],
]);

/** Codes are signed: vendors send negative ones (L5). */
const upnpCode = (code: number): string => `upnp ${code}`;
export const httpCode = (status: number): string => `http ${status}`;

export interface UpnpFault {
  readonly code: number;
  /** The gateway's own words, already bounded; may be empty. */
  readonly description: string;
}

/** `serviceType` decides what 7xx codes mean. */
export function refusalOf(serviceType: string, action: string, fault: UpnpFault): Refused {
  const service = serviceType.includes('FirewallControl') ? FIREWALL : CONNECTION;
  const known = service.get(fault.code) ?? COMMON.get(fault.code) ?? SECOND_FACTOR.get(fault.code);
  const words = known?.[1] ?? (fault.description === '' ? 'no description' : fault.description);
  return new Refused(
    known?.[0] ?? 'failed',
    upnpCode(fault.code),
    `${action}: the gateway answered ${fault.code} (${words})`,
  );
}

/** Whether the standards give this code a meaning; others get the ladder of L5. */
export function isKnownCode(code: string): boolean {
  const number = Number(code.replace(/^upnp /, ''));
  return [COMMON, CONNECTION, FIREWALL, SECOND_FACTOR].some((codes) => codes.has(number));
}

/** Meaning of an HTTP status when no SOAP fault explains it. */
export function statusRefusal(action: string, status: number): Refused | Unreachable {
  const text = `${action}: the gateway answered HTTP ${status}`;
  // D15: paths change when a router restarts, so this is the same news as a closed port.
  if (status === 404 || status === 410) return new Unreachable('refused', `${text}, the service has moved`);
  if (status === 401 || status === 403) return new Refused('not-authorized', httpCode(status), text);
  if (status === 405 || status === 501) return new Refused('unsupported', httpCode(status), text);
  return new Refused('failed', httpCode(status), text);
}
