/** Profiles as people and programs read them. */
import { endpointText, parseIp } from '../../contract/address.ts';
import type { AppSnapshot, HoldView } from '../../contract/commands.ts';
import { profileState } from '../../contract/forward-state.ts';
import type { MappingView, Snapshot } from '../../contract/snapshot.ts';
import { isOfProfile } from '../../contract/profiles/forward-names.ts';
import type { Profile, ProfileForward } from '../../contract/profiles/profile.ts';
import type { EpochMs } from '../../contract/units.ts';
import { conditionText, opensWhileText } from '../../contract/words/opens-while.ts';
import { mappingRecord } from './report.ts';

/** In the form in which ports are typed: `27015-27020:80/udp@192.168.1.20`. */
export function portsText({ external, internal, transports }: ProfileForward): string {
  const outside = external.first === external.last ? `${external.first}` : `${external.first}-${external.last}`;
  const inside = internal.first === external.first ? '' : `:${internal.first}`;
  const protocol = transports.length === 2 ? '' : `/${transports.join('')}`;
  const host = internal.client === undefined ? '' : `@${internal.client}`;
  return `${outside}${inside}${protocol}${host}`;
}

export function mappingsOf(profile: Profile, { mappings }: Pick<Snapshot, 'mappings'>): readonly MappingView[] {
  return mappings.filter(({ forward }) => isOfProfile(forward, profile.id));
}

/** `on, 2 of 3 open`. */
export function stateText(profile: Profile, snapshot: AppSnapshot, isRunning: boolean): string {
  const isHeld = snapshot.held.includes(profile.id);
  const state = profile.on ? 'on' : isHeld ? 'held' : 'off';
  if (!isRunning || state === 'off') return state;
  if (snapshot.settings.paused) return `${state}, paused`;
  const { is, open, wanted } = profileState(profile, snapshot, mappingsOf(profile, snapshot.engine));
  if (is === 'standby') return `${state}, standing by`;
  if (wanted === 0) return state;
  return `${state}, ${is === 'open' ? 'open' : `${open} of ${wanted} open`}`;
}

/** Why it is open or is not, and until when; what a person has chosen while nothing runs. */
export function conditionLines(profile: Profile, { conditions }: AppSnapshot, now: EpochMs): readonly string[] {
  const condition = conditions.find((each) => each.profile === profile.id);
  const { opensWhile } = profile;
  const chosen =
    opensWhile === undefined || condition !== undefined ? [] : [`Opens ${opensWhileText(opensWhile, 'en')}`];
  const told = profile.on ? conditionText(profile, condition, now, 'en') : undefined;
  return [...chosen, ...(told === undefined ? [] : [told])].map((line) => `    ${line}`);
}

export function profileRecord(profile: Profile, snapshot: AppSnapshot): Record<string, unknown> {
  const mappings = mappingsOf(profile, snapshot.engine).map((mapping) => mappingRecord(mapping, snapshot.engine));
  const condition = snapshot.conditions.find((each) => each.profile === profile.id);
  return {
    ...profile,
    ...(profile.onUntil === undefined ? {} : { onUntil: new Date(profile.onUntil).toISOString() }),
    ...(condition === undefined ? {} : { isDue: condition.isMet }),
    held: snapshot.held.includes(profile.id),
    mappings,
  };
}

export function forwardLine(forward: ProfileForward): string {
  const { label, lease, ifTaken, gateway, families, internal } = forward;
  const more = [
    label === '' ? '' : `“${label}”`,
    families.join('') === 'ipv4' ? '' : families.map((family) => family.replace('ip', 'IP')).join(' and '),
    lease === undefined ? '' : lease === 'permanent' ? 'never expires' : `lease ${lease} s`,
    ifTaken === 'next-free' ? 'or the next free port' : '',
    gateway === undefined ? '' : `through ${gateway}`,
  ].filter((part) => part !== '');
  const client = parseIp(internal.client ?? '');
  const to = client === undefined ? '' : `  to ${endpointText({ address: client, port: internal.first })}`;
  return `    ${portsText(forward)}${to}${more.length === 0 ? '' : `  ${more.join(', ')}`}`;
}

export function mappingsOfHold(
  { forwards }: Pick<HoldView, 'forwards'>,
  { mappings }: Pick<Snapshot, 'mappings'>,
): readonly MappingView[] {
  return mappings.filter(({ forward }) => forwards.includes(forward));
}

/** `Opened from a terminal: Minecraft`. */
export function holdText({ from, label }: Pick<HoldView, 'from' | 'label'>): string {
  const where = from === 'terminal' ? 'Opened from a terminal' : 'Opened from a file';
  return label === '' ? where : `${where}: ${label}`;
}

export function holdRecord(hold: HoldView, snapshot: Snapshot): Record<string, unknown> {
  const { name, from, label, since } = hold;
  const mappings = mappingsOfHold(hold, snapshot).map((mapping) => mappingRecord(mapping, snapshot));
  return { name, from, label, since: new Date(since).toISOString(), mappings };
}
