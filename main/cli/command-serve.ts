/** `portkeeper serve`: holds the profiles that are switched on, and answers the other commands, until Ctrl-C. */
import { inSeconds } from '../contract/units.ts';
import type { Host } from '../remote/rendezvous.ts';
import { becomeOrConnect } from '../remote/rendezvous.ts';
import type { LoadedApp, ProgramParts } from '../remote/program.ts';
import { loadApp } from '../remote/program.ts';
import { tellUnsaved, valueOf } from './app-session.ts';
import { untilAborted } from './command-open.ts';
import { tellTried } from './command-profile.ts';
import type { Console } from './console.ts';
import { BusyFault, EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { follow } from './follow.ts';
import { createLocalClient } from '../engine/dispatch.ts';
import { followProfiles } from './follow-profiles.ts';
import type { GlobalOptions } from './global-options.ts';
import { notClosedRecord, notClosedText } from './report.ts';
import { interruptions } from './interruptions.ts';
import type { WindowOptions } from './serve-window.ts';
import { serveWindowTo, writesToJournal } from './serve-window.ts';
import { programOf, withProgress } from './session.ts';

/** A router that is slow to answer does not keep the command from ending (X35). */
const CLOSING = inSeconds(15);

export interface ServeOptions extends WindowOptions {
  readonly demo?: boolean;
  /** The data folder goes at the end: what was tried cannot be kept later. */
  readonly throwAway?: boolean;
}

export async function serve(given: ServeOptions, options: GlobalOptions, console: Console): Promise<ExitCode> {
  const { signal: interrupted, forget } = interruptions();
  try {
    const met = await becomeOrConnect(options.dataFolder, interrupted);
    if (met.role === 'guest') {
      const where = met.window === undefined || writesToJournal() ? '' : ` Its window: ${met.window}`;
      throw new BusyFault(
        `Portkeeper is running already and holds the profiles. Look with: portkeeper status.${where}`,
      );
    }
    try {
      return await hold(met, given, options, console, interrupted);
    } finally {
      await met.leave();
    }
  } finally {
    forget();
  }
}

async function hold(
  host: Host,
  given: ServeOptions,
  options: GlobalOptions,
  console: Console,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const program = programOf({ options, console, purpose: 'serve' });
  const local = await loadApp(program, 'serve');
  for (const problem of local.app.snapshot.problems) console.problem(problem);
  const window = await serveWindowTo(given, { dispatch: local.dispatch, log: program.system.log }, console);
  try {
    if (given.demo === true) {
      // Before anything runs: no real router is asked for anything.
      valueOf(await createLocalClient(local.dispatch).ask('demo.switch', { on: true }));
      console.note(
        'A simulated router takes the place of the real ones: nothing is open to the internet. Your own profiles stay as they are.',
      );
    }
    return await run(
      local,
      program,
      host,
      { window: window.address, isKept: given.throwAway !== true },
      console,
      interrupted,
    );
  } finally {
    await window.stop();
  }
}

async function run(
  { app, answerOthers }: LoadedApp,
  { system }: ProgramParts,
  host: Host,
  { window, isKept }: { readonly window: string | undefined; readonly isKept: boolean },
  console: Console,
  interrupted: AbortSignal,
): Promise<ExitCode> {
  const stop = new AbortController();
  const ended = app.run(stop.signal);
  // Whoever awaits it sees it; nobody may, when the command is done first.
  ended.catch(() => undefined);
  const unfollow = [
    followProfiles((listener) => app.watch(listener), console),
    follow((listener) => app.watch(({ engine }) => listener(engine)), console),
  ];
  try {
    await answerOthers(host, window);
    const { profiles } = app.snapshot;
    const on = profiles.filter((profile) => profile.on).length;
    console.record({
      event: 'serving',
      profiles: profiles.length,
      on,
      demo: app.snapshot.demo,
      window: window ?? null,
    });
    console.note(
      `Holding ${on} of ${profiles.length} profiles. Switch them with: portkeeper profile on|off PROFILE. Ctrl-C ends.`,
    );
    const beganAsDemo = app.snapshot.demo;
    if (!beganAsDemo) tellTried(app.snapshot, console);
    await Promise.race([ended, untilAborted(interrupted)]);
    const wasDemo = beganAsDemo || app.snapshot.demo;
    const left = await withProgress({ clock: system.clock, console }, 'Closing', () => app.leave(CLOSING));
    for (const mapping of left.mappings) {
      if (mapping.status.at !== 'closing') continue;
      console.note(notClosedText(mapping, mapping.status.lease.expiresAt));
      console.record(notClosedRecord(mapping, mapping.status.lease.expiresAt));
    }
    if (wasDemo && isKept) tellTried(app.snapshot, console);
  } finally {
    for (const end of unfollow) end();
    stop.abort();
    await ended;
  }
  return tellUnsaved(app.snapshot, console) ? EXIT.storage : EXIT.ok;
}
