/** Wishes of profiles, programs and settings for an engine. */
import { parseIp, type IpAddress } from '../../contract/address.ts';
import { clashOf } from '../../contract/profiles/claims.ts';
import { asForwardId, type Forward } from '../../contract/model.ts';
import { forwardsOfProfile } from '../../contract/profiles/forward-names.ts';
import type { Profile } from '../../contract/profiles/profile.ts';
import type { Settings } from '../../contract/settings.ts';
import { seconds, type EpochMs } from '../../contract/units.ts';
import type { RecoveredLease } from '../../core/events.ts';
import { StorageError, type Log, type RecordLog } from '../../system/system.ts';
import type { EngineOptions } from './engine.ts';
import { Journal } from './journal.ts';

type Search = EngineOptions['search'];

/**
 * @param active the profiles that are to be open
 * @param held what programs hold beside them
 * @param gatewayName a part of the name of the router for all forwards that name none
 */
export function wantedForwards(
  active: readonly Profile[],
  held: readonly Forward[],
  { lease }: Pick<Settings, 'lease'>,
  gatewayName: string | undefined,
): readonly Forward[] {
  const defaults = {
    ...(lease === null ? {} : { lease: seconds(lease) }),
    ...(gatewayName === undefined ? {} : { gateway: gatewayName }),
  };
  const ofProfiles = active
    .flatMap((profile) => forwardsOfProfile(profile).map((forward) => ({ ...forward, profile: profile.name })))
    .filter((forward) => !held.some((one) => covers(one, forward)));
  return [...held, ...ofProfiles].map((forward) => ({ ...defaults, ...forward }));
}

/** One entry of a router's table serves both. A program may hold what a profile wants from the moment when switches are
 * obeyed; the profile takes the entry over when the program lets go of it. */
function covers(one: Forward, other: Forward): boolean {
  return (
    other.transports.every((transport) => one.transports.includes(transport)) &&
    other.families.every((family) => one.families.includes(family)) &&
    one.external.first <= other.external.first &&
    one.external.last >= other.external.last &&
    one.internal.first - one.external.first === other.internal.first - other.external.first &&
    one.internal.client === other.internal.client &&
    (one.gateway === undefined || one.gateway === other.gateway)
  );
}

/** A simulated router is the only one: none is asked for by name or interface. */
export function withoutGateway(forwards: readonly Forward[]): readonly Forward[] {
  return forwards.map(({ gateway: _gateway, interfaceName: _interfaceName, ...forward }) => forward);
}

/** @param given what a command line says; goes before the settings */
export function searchOf(
  { protocol, gateway, exceptInterfaces }: Pick<Settings, 'protocol' | 'gateway' | 'exceptInterfaces'>,
  given: Partial<Search> = {},
): Search {
  const { protocol: chosen = 'auto' } = given;
  return {
    ...(gateway === null ? {} : { manual: gateway }),
    ...(exceptInterfaces.length === 0 ? {} : { exceptInterfaces }),
    ...given,
    protocol: chosen === 'auto' ? protocol : chosen,
  };
}

/** `undefined` where the journal cannot be read. */
async function onRecord(records: RecordLog, log: Log, now: EpochMs): Promise<readonly RecoveredLease[] | undefined> {
  try {
    return await new Journal(records, log).load(now);
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

/** One for each lease on record; none where the journal cannot be read either. What was kept on purpose stays open anyway. */
export async function inheritedForwards(records: RecordLog, log: Log, now: EpochMs): Promise<readonly Forward[]> {
  const leases = (await onRecord(records, log, now)) ?? [];
  return leases.filter(({ kept }) => !kept).map(forwardOf);
}

/** The router in front that may still hold something on record; none where the journal cannot be read either. */
export async function formerUpstream(records: RecordLog, log: Log, now: EpochMs): Promise<IpAddress | undefined> {
  const [first] = (await onRecord(records, log, now)) ?? [];
  // `<interface name>/<address>`.
  return parseIp(first?.lease.gateway.replace(/^.*\//, '') ?? '');
}

/** Not so where the journal cannot be read. */
export async function holdsNothing(records: RecordLog, log: Log, now: EpochMs): Promise<boolean> {
  return (await onRecord(records, log, now))?.length === 0;
}

/** Ports that neither a known profile claims, be it on or off, nor a program. */
export function unclaimed(forwards: readonly Forward[], claims: readonly Forward[]): readonly Forward[] {
  return forwards.filter((forward) => clashOf([forward], claims) === undefined);
}

function forwardOf({ lease, label }: RecoveredLease, at: number): Forward {
  const { transport, family, external, internal, expiresAt } = lease;
  return {
    id: asForwardId(`/${at}`),
    label,
    transports: [transport],
    families: [family],
    external: { first: external.port, last: external.port },
    internal: { first: internal.port, client: internal.client },
    ...(expiresAt === 'never' ? { lease: 'permanent' } : {}),
    ifTaken: 'fail',
  };
}
