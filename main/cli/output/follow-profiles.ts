/** Tells which profiles come, go, and are switched, what keeps them from being stored, and what programs hold beside them,
 * once each. */
import type { AppSnapshot, HoldView } from '../../contract/commands.ts';
import type { ProblemCode } from '../../contract/problems.ts';
import type { Console } from './console.ts';
import { holdText } from './profile-report.ts';

/** What is there at first is not news. Returns what ends it. */
export function followProfiles(
  watch: (listener: (snapshot: AppSnapshot) => void) => () => void,
  console: Console,
): () => void {
  let known: ReadonlyMap<string, string> | undefined;
  let wasPaused: boolean | undefined;
  let troubles: ReadonlySet<ProblemCode> | undefined;
  let knownHolds: ReadonlyMap<string, HoldView> | undefined;
  return watch(({ profiles, held, holds, settings, problems }) => {
    const stateOf = (id: AppSnapshot['held'][number], on: boolean): string =>
      on ? 'on' : held.includes(id) ? 'held' : 'off';
    const now = new Map<string, string>(profiles.map(({ id, on }) => [id, stateOf(id, on)]));
    const tell = (id: string, state: string): void => {
      console.line(`profile  ${id}  ${state}`);
      console.record({ event: 'profile', id, state });
    };
    if (known !== undefined) {
      for (const [id, state] of now) if (known.get(id) !== state) tell(id, state);
      for (const id of known.keys()) if (!now.has(id)) tell(id, 'removed');
    }
    if (wasPaused !== undefined && wasPaused !== settings.paused) {
      console.line(settings.paused ? 'paused   everything is closed' : 'resumed  what is switched on opens again');
      console.record({ event: settings.paused ? 'paused' : 'resumed' });
    }
    const ofProfiles = problems.filter(({ code }) => code.startsWith('profiles-'));
    for (const problem of ofProfiles) if (troubles?.has(problem.code) === false) console.problem(problem);
    troubles = new Set(ofProfiles.map(({ code }) => code));
    const nowHolds = new Map(holds.map((hold) => [hold.name, hold]));
    const tellHold = (hold: HoldView, state: 'held' | 'released'): void => {
      const { name, from, label } = hold;
      console.line(state === 'held' ? holdText(hold) : `released ${label}`);
      console.record({ event: 'hold', name, from, label, state });
    };
    if (knownHolds !== undefined) {
      for (const hold of holds) if (!knownHolds.has(hold.name)) tellHold(hold, 'held');
      for (const hold of knownHolds.values()) if (!nowHolds.has(hold.name)) tellHold(hold, 'released');
    }
    knownHolds = nowHolds;
    known = now;
    wasPaused = settings.paused;
  });
}
