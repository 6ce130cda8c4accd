/** Activity, in few words. */
import { isShown, type ActivityFact, type OpenTimes, type Span } from '../../main/contract/activity.ts';
import type { EpochMs } from '../../main/contract/units.ts';
import type { AppHome } from './app-home.ts';

/** As `opened Minecraft 25565`. */
export function inBrief(fact: ActivityFact): string {
  switch (fact.is) {
    case 'opened':
      return `opened ${fact.name} ${fact.external.first}${fact.granted === undefined ? '' : ` as ${fact.granted}`}`;
    case 'closed':
    case 'lost':
      return `${fact.is} ${fact.name} ${fact.external.first}`;
    case 'refused':
      return `refused ${fact.name} ${fact.external.first}: ${fact.problem.code}`;
    case 'problem':
    case 'solved':
      return `${fact.is} ${fact.problem.code}`;
    case 'switched':
      return `${fact.name} ${fact.on ? 'on' : 'off'}`;
    case 'address-changed':
      return `${fact.from} -> ${fact.to}`;
    case 'renewed':
      return `renewed ${fact.forwards}`;
    case 'ended':
      return `ended, left ${fact.left}`;
    default:
      return fact.is;
  }
}

/** The words for people about what was recorded after the entry `after`, in that order. */
export async function told(at: AppHome, after = 0): Promise<readonly string[]> {
  const { entries } = await at.do('activity.read', { after });
  return entries.map(({ fact }) => fact).flatMap((fact) => (isShown(fact) ? inBrief(fact) : []));
}

export const withoutRenewals = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => !line.startsWith('renewed'));

/** As `25565: open 0-30 90-120, unknown 30-90`, in whole minutes since `since`; of the last 24 hours, or since the record began. */
export async function picture(at: AppHome, since: EpochMs): Promise<readonly string[]> {
  const { forwards } = await at.do('activity.times', {});
  return forwards.map(({ external, open, unknown }: OpenTimes) => {
    const text = (spans: readonly Span[]): string =>
      spans
        .filter(({ to }) => to > since)
        .map(({ from, to }) => `${minute(from, since)}-${minute(to, since)}`)
        .join(' ') || '-';
    return `${external.first}: open ${text(open)}, unknown ${text(unknown)}`;
  });
}

const minute = (moment: EpochMs, since: EpochMs): number => Math.round(Math.max(moment - since, 0) / 60_000);
