/** Commands about what has happened. */
import { openTimes, recordBegin, type ActivityEntry, type OpenTimes, type TimeRange } from '../../contract/activity.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import { placeOfForward } from '../../contract/profiles/forward-names.ts';
import { epochMs, inHours, inMinutes, type Millis } from '../../contract/units.ts';
import type { App } from '../app.ts';
import { orNotStored, type CommandsAbout } from '../command-error.ts';

const LENGTHS: Readonly<Record<TimeRange, Millis>> = { hour: inHours(1), day: inHours(24), week: inHours(168) };

/** Shorter times would be invisible. */
const SHORTEST = inMinutes(5);

export function activityCommands(app: App): CommandsAbout<'activity'> {
  return {
    'activity.read': ({ after: id }) => app.activity.after(id),
    'activity.times': async ({ range }) => {
      const { entries } = await app.activity.after(0);
      const to = app.system.clock.now();
      const begin = Math.min(recordBegin(entries, to), to - SHORTEST);
      const from = epochMs(Math.max(begin, to - LENGTHS[range]));
      const known = app.isRunning ? entries : untilItsEnd(entries);
      return { from, to, forwards: withWanted(openTimes(known, from, to), app.snapshot) };
    },
    'activity.clear': () => orNotStored(app.activity.clear()),
  };
}

/** Nothing runs: what was open when Portkeeper was last heard of may be so, or not. */
function untilItsEnd(entries: readonly ActivityEntry[]): readonly ActivityEntry[] {
  const last = entries.at(-1);
  if (last === undefined) return [];
  return [...entries, { id: last.id + 1, at: last.at, fact: { is: 'ended', left: 'open' } }];
}

const placeOf = ({ forward, transports, external }: Omit<OpenTimes, 'open' | 'unknown' | 'name'>): string =>
  `${forward} ${transports.toSorted().join('+')} ${external.first}-${external.last}`;

/** Wanted forwards come first, as in the profiles and under their names; then those no longer wanted. */
function withWanted(
  times: readonly OpenTimes[],
  { engine, profiles }: Pick<AppSnapshot, 'engine' | 'profiles'>,
): readonly OpenTimes[] {
  const byPlace = new Map(times.map((each) => [placeOf(each), each]));
  const wanted = engine.forwards.map(({ id, label, transports, external }): OpenTimes => {
    const about = { forward: id, transports, external };
    const known = byPlace.get(placeOf(about));
    byPlace.delete(placeOf(about));
    const profile = placeOfForward(id)?.profile;
    const name = profiles.find((candidate) => candidate.id === profile)?.name ?? label;
    return { ...about, name, open: known?.open ?? [], unknown: known?.unknown ?? [] };
  });
  return [...wanted, ...byPlace.values()];
}
