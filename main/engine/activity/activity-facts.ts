/**
 * What has happened, told from how things stand and from what was told before: pure. A hiccup of seconds is not told, and
 * each thing once.
 */
import type { IpAddress } from '../../contract/address.ts';
import type { ActivityEntry } from '../../contract/activity.ts';
import type { ProfileId } from '../../contract/profile.ts';
import type { EpochMs } from '../../contract/units.ts';
import type { ToldForwards } from './activity-forward-facts.ts';
import { forwardFacts, NO_FORWARDS } from './activity-forward-facts.ts';
import type { ToldGateways } from './activity-gateway-facts.ts';
import { gatewayFacts, NO_GATEWAYS } from './activity-gateway-facts.ts';
import type { ToldProblems } from './activity-problem-facts.ts';
import { NO_PROBLEMS, problemFacts } from './activity-problem-facts.ts';
import type { NewFact, Seen } from './activity-seen.ts';
import { Patience } from './activity-seen.ts';

interface ToldSwitches {
  readonly on: ReadonlyMap<ProfileId, boolean>;
  readonly paused: boolean;
}

/** What people were told, and what is not yet certain enough. */
export interface Told {
  /** Absent before the first look: what is on then was not switched on just now. */
  readonly switches: ToldSwitches | undefined;
  readonly gateways: ToldGateways;
  readonly problems: ToldProblems;
  readonly forwards: ToldForwards;
}

export const NOTHING_TOLD: Told = {
  switches: undefined,
  gateways: NO_GATEWAYS,
  problems: NO_PROBLEMS,
  forwards: NO_FORWARDS,
};

/**
 * Causes come before what they cause.
 * @param now engine time, not before that of the snapshot
 * @returns `lookAt`: when there may be more to tell though nothing changes
 */
export function newFacts(
  before: Told,
  seen: Seen,
  now: EpochMs,
): { readonly told: Told; readonly facts: readonly NewFact[]; readonly lookAt: EpochMs | undefined } {
  const patience = new Patience(now);
  const switches = switchFacts(before.switches, seen, now);
  const gateways = gatewayFacts(before.gateways, seen, patience);
  const problems = problemFacts(before.problems, seen, patience);
  const forwards = forwardFacts(before.forwards, seen, patience);
  return {
    told: { switches: switches.told, gateways: gateways.told, problems: problems.told, forwards: forwards.told },
    facts: [...switches.facts, ...gateways.facts, ...problems.facts, ...forwards.facts],
    lookAt: patience.lookAt,
  };
}

/** Of what an earlier start told, the gateways' addresses are still worth something. */
export function withFormerAddresses(told: Told, entries: readonly ActivityEntry[]): Told {
  const addresses = new Map<string, IpAddress>();
  for (const { fact } of entries) {
    const address = fact.is === 'gateway-found' ? fact.address : fact.is === 'address-changed' ? fact.to : undefined;
    if (address !== undefined && address !== 'none' && 'gateway' in fact) addresses.set(fact.gateway, address);
  }
  for (const [gateway, address] of told.gateways.addresses) addresses.set(gateway, address);
  return { ...told, gateways: { ...told.gateways, addresses } };
}

function switchFacts(
  before: ToldSwitches | undefined,
  { profiles, settings }: Seen,
  now: EpochMs,
): { readonly told: ToldSwitches; readonly facts: readonly NewFact[] } {
  const told: ToldSwitches = { on: new Map(profiles.map(({ id, on }) => [id, on])), paused: settings.paused };
  if (before === undefined) return { told, facts: [] };
  const facts: NewFact[] = [];
  for (const { id, name, on } of profiles) {
    // One that was just added is off as long as nobody switches it on.
    if ((before.on.get(id) ?? false) === on) continue;
    facts.push({ at: now, fact: { is: 'switched', profile: id, name, on } });
  }
  if (before.paused !== told.paused) facts.push({ at: now, fact: { is: told.paused ? 'paused' : 'resumed' } });
  return { told, facts };
}
