/** Another process (`portkeeper serve`) has the engine; tray and window of this one work over it. */
import type { Answer, AppSnapshot, CommandName } from '../contract/commands.ts';
import { COMMANDS } from '../contract/commands.ts';
import { checked } from '../contract/checked.ts';
import { badInput, CommandError } from '../engine/command-error.ts';
import type { Commands } from '../engine/commands.ts';
import type { Host } from '../engine/program/host.ts';
import type { ProgramCommand } from '../engine/program/program-commands.ts';
import { programCommands } from '../engine/program/program-commands.ts';
import type { RemoteClient } from '../connect/client.ts';
import type { Session, Surroundings } from './session.ts';

export function guestSession(client: RemoteClient, host: Host): Session {
  const over = Promise.withResolvers<void>();
  const listeners = new Set<(snapshot: AppSnapshot) => void>();
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
    const snapshot = surrounded(latest);
    for (const listener of listeners) listener(snapshot);
  };

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
      // Whatever it is: the engine's own process checks it.
      return await client.ask(name as CommandName, input as never, signal);
    },
    watch(listener) {
      listeners.add(listener);
      if (latest !== undefined) listener(surrounded(latest));
      return () => {
        listeners.delete(listener);
      };
    },
    // Both are for whoever has the engine, and notices by itself.
    woke: () => undefined,
    surround(now) {
      surroundings = now;
      tell();
    },
    leave: () => Promise.resolve(),
    async end() {
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
    return { ok: true, value: await own[name](parsed.value, signal) };
  } catch (error) {
    if (error instanceof CommandError) return { ok: false, fault: error.fault };
    throw error;
  }
}
