/** What profiles and settings ask of an engine. */
import type { Forward } from '../../contract/model.ts';
import type { Profile } from '../../contract/profile.ts';
import { forwardsOfProfile } from '../../contract/profile.ts';
import type { Settings } from '../../contract/settings.ts';
import { seconds } from '../../contract/units.ts';
import type { EngineOptions } from './engine.ts';

type Search = EngineOptions['search'];

/**
 * @param active the profiles that are to be open
 * @param gatewayName a part of the name of the router for all forwards that name none
 */
export function wantedForwards(
  active: readonly Profile[],
  { paused, lease }: Pick<Settings, 'paused' | 'lease'>,
  gatewayName: string | undefined,
): readonly Forward[] {
  if (paused) return [];
  const defaults = {
    ...(lease === null ? {} : { lease: seconds(lease) }),
    ...(gatewayName === undefined ? {} : { gateway: gatewayName }),
  };
  return active.flatMap((profile) => forwardsOfProfile(profile).map((forward) => ({ ...defaults, ...forward })));
}

/** A simulated router is the only one: none is asked for by name. */
export function withoutGateway(forwards: readonly Forward[]): readonly Forward[] {
  return forwards.map(({ gateway: _gateway, ...forward }) => forward);
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
