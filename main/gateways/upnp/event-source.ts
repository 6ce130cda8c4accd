import type { System } from '../../system/system.ts';
import { parseHttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { subscribeEvents } from './events.ts';
import type { Finding } from '../gateway.ts';

/** The events of a finding's service; `undefined` when it names no place to subscribe at.
 * The generator throws Unreachable | Malformed | Refused when subscribing fails, or the signal's reason. */
export function eventsOf(
  system: System,
  finding: Finding,
  signal: AbortSignal,
): AsyncGenerator<ReadonlyMap<string, string>> | undefined {
  if (finding.eventUrl === undefined) return undefined;
  const eventUrl = parseHttpUrl(finding.eventUrl);
  if (eventUrl instanceof WireError) return undefined;
  return subscribeEvents(system, { eventUrl, localAddress: finding.localAddress }, signal);
}
