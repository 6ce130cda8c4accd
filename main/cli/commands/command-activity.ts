/** `portkeeper activity`: what has happened, the latest last. */
import type { ShownFact } from '../../contract/activity.ts';
import { isShown } from '../../contract/activity.ts';
import type { EpochMs } from '../../contract/units.ts';
import { activityText } from '../../contract/words/activity.ts';
import { valueOf, withApp } from '../app-session.ts';
import type { Console } from '../output/console.ts';
import { table } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { wholeNumber } from '../options/global-options.ts';

export interface ActivityOptions {
  readonly last: string;
  readonly clear?: boolean;
}

/** As many as are kept. */
const MOST = 10_000;

/** @throws InputFault, or as `withApp` */
export async function activity(given: ActivityOptions, options: GlobalOptions, console: Console): Promise<ExitCode> {
  const most = wholeNumber(given.last, '--last', { from: 1, to: MOST, unit: 'a number' });
  return await withApp(options, console, async ({ client, interrupted }) => {
    if (given.clear === true) {
      valueOf(await client.ask('activity.clear', {}, interrupted));
      console.line('Forgotten: all that has happened until now.');
      console.record({ event: 'cleared' });
      return EXIT.ok;
    }
    const { entries } = valueOf(await client.ask('activity.read', {}, interrupted));
    const shown = entries.flatMap(({ at, fact }) => (isShown(fact) ? { at, fact } : [])).slice(-most);
    for (const { at, fact } of shown) console.record(recordOf(at, fact));
    const rows = shown.map(({ at, fact }) => [localTime(at), activityText(fact, 'en')]);
    for (const line of table(rows, console.columns)) console.line(line);
    if (shown.length === 0) console.note('Nothing has happened yet. It is noted while this runs: portkeeper serve');
    return EXIT.ok;
  });
}

function recordOf(at: EpochMs, fact: ShownFact): Record<string, unknown> {
  const { is: event, ...more } = fact;
  return { event, at: new Date(at).toISOString(), text: activityText(fact, 'en'), ...more };
}

/** As in `2026-11-24 23:05:11`: sorts, and is read everywhere. */
const localTime = (moment: EpochMs): string =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }).format(moment);
