/** How a program that stays (the app, `portkeeper serve`) comes by an engine: its own, or that of a process that runs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { checked } from '../contract/checked.ts';
import { COMMANDS, type Answer, type AppSnapshot, type CommandName, type HostView } from '../contract/commands.ts';
import type { Problem } from '../contract/problems.ts';
import type { Millis } from '../contract/units.ts';
import { Watch } from '../contract/watch.ts';
import { badInput, CommandError, type Commands } from '../engine/command-error.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Host as ProgramHost } from '../engine/program/host.ts';
import { programCommands, type ProgramCommand } from '../engine/program/program-commands.ts';
import type { RemoteClient } from './client.ts';
import { loadApp, running, type LoadedApp, type ProgramParts } from './program.ts';
import { becomeOrConnect, type FolderHost } from './rendezvous.ts';

/** Facts that a resident program adds to whatever engine it shows. */
export interface Surroundings {
  readonly host: HostView;
  readonly problems: readonly Problem[];
}

/** Interface for tray and window. */
export type Gate = Pick<Dispatch, 'command' | 'watch'>;

export interface Resident extends Gate {
  readonly role: 'host' | 'guest';
  /** Resolves when it can no longer be used: the other process has ended. @throws StorageError */
  readonly over: Promise<void>;
  /** The machine was asleep, or has a network again. */
  woke(): void;
  setSurroundings(surroundings: Surroundings): void;
  /** Closes or keeps what is open, as the person chose; others' engines hold it further, and others take over what they
   * hold. Resolves after `limit` at the latest. */
  leave(limit: Millis): Promise<void>;
  /** Gives the data folder free. Idempotent. */
  end(): Promise<void>;
}

export interface ResidentParts extends ProgramParts {
  /** An engine of ours begins with a simulated router, and asks no real one for anything. */
  readonly demo: boolean;
  /** Where a browser finds the window, to pass on to guests. */
  readonly window?: string | undefined;
}

/** @throws StorageError (also when the folder is in use by who answers nobody), or the signal's reason */
export async function meetAsResident(parts: ResidentParts, signal: AbortSignal): Promise<Resident> {
  const met = await becomeOrConnect(parts.host.dataFolder, signal);
  if (met.role === 'guest') return guestResident(met.client, parts.host);
  try {
    const loaded = await loadApp(parts, 'serve');
    if (parts.demo) await loaded.app.switchDemo(true);
    const resident = hostResident(loaded, met);
    await loaded.answerOthers(met, parts.window);
    return resident;
  } catch (error) {
    await met.leave();
    throw error;
  }
}

/** Runs the App, which other processes are guests of. */
export function hostResident(
  { app, dispatch }: Pick<LoadedApp, 'app' | 'dispatch'>,
  folder: Pick<FolderHost, 'leave'>,
): Resident {
  return {
    ...running(app, folder),
    role: 'host',
    command: (name, input, until) => dispatch.command(name, input, until),
    watch: (listener: (snapshot: AppSnapshot) => void) => dispatch.watch(listener),
    woke: () => app.woke(),
    setSurroundings: ({ problems }) => app.showHostProblems(problems),
    leave: async (limit) => {
      await app.leave(limit);
    },
  };
}

/** Milliseconds before whoever is about to end is met again. */
const PAUSE = 100;

/** Another process has the engine; tray and window of this one work over it, and the profiles' switches are obeyed there. */
export function guestResident(client: RemoteClient, host: ProgramHost): Resident {
  const over = Promise.withResolvers<void>();
  const shown = new Watch<AppSnapshot>();
  // The program that the person looks at is this one.
  const own = programCommands(() => host);
  let surroundings: Surroundings | undefined;
  let latest: AppSnapshot | undefined;

  const surrounded = (snapshot: AppSnapshot): AppSnapshot =>
    surroundings === undefined
      ? snapshot
      : {
          ...snapshot,
          host: { ...surroundings.host, hasDemo: snapshot.host.hasDemo },
          problems: [...snapshot.problems, ...surroundings.problems],
        };
  const tell = (): void => {
    if (latest === undefined) return;
    shown.set(surrounded(latest));
  };

  const attached = new AbortController();
  const attach = async (): Promise<void> => {
    try {
      const answer = await client.hold({ what: 'switches' }, attached.signal, () => over.resolve());
      if (answer.ok) return;
    } catch {
      // It has gone, or goes.
    }
    await sleep(PAUSE);
    over.resolve();
  };
  void attach();
  const forgetConnection = client.onConnection((state) => {
    if (state === 'lost') over.resolve();
  });
  const unwatch = client.watch((snapshot) => {
    latest = snapshot;
    tell();
  });

  return {
    role: 'guest',
    over: over.promise,
    async command(name, input, signal) {
      signal.throwIfAborted();
      if (isOwn(name, own)) return await answered(name, input, own, signal);
      // Unchecked: the engine's own process does that.
      return await client.ask(name as CommandName, input as never, signal);
    },
    watch: (listener) => shown.watch(listener),
    // Both are for the owner of the engine, which notices on its own.
    woke: () => undefined,
    setSurroundings(now) {
      surroundings = now;
      tell();
    },
    leave: () => Promise.resolve(),
    async end() {
      attached.abort();
      unwatch();
      forgetConnection();
      over.resolve();
    },
  };
}

const isOwn = (name: string, own: Pick<Commands, ProgramCommand>): name is ProgramCommand => Object.hasOwn(own, name);

async function answered(
  name: ProgramCommand,
  input: unknown,
  own: Pick<Commands, ProgramCommand>,
  signal: AbortSignal,
): Promise<Answer<unknown>> {
  try {
    const parsed = checked(COMMANDS[name], input);
    if (!parsed.ok) throw badInput(parsed.faults);
    return { ok: true, value: (await own[name](parsed.value, signal)) ?? {} };
  } catch (error) {
    if (error instanceof CommandError) return { ok: false, fault: error.fault };
    throw error;
  }
}
