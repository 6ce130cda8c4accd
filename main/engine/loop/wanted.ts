/** What profiles, programs and settings ask of an engine. */
import type { Forward } from '../../contract/model.ts';
import type { Profile } from '../../contract/profile.ts';
import { forwardsOfProfile } from '../../contract/profile.ts';
import type { Settings } from '../../contract/settings.ts';
import { seconds } from '../../contract/units.ts';
import type { EngineOptions } from './engine.ts';

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
  const ofProfiles = active.flatMap(forwardsOfProfile).filter((forward) => !held.some((one) => covers(one, forward)));
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
