/** Entry point for commands from every UI: checked once, with the command table; done, or refused with the place. */
import { checked } from '../contract/checked.ts';
import {
  COMMANDS,
  type Answer,
  type AppClient,
  type AppSnapshot,
  type CommandName,
  type CommandFault,
  type CommandResults,
  type HoldEnd,
} from '../contract/commands.ts';
import type { Log } from '../system/system.ts';
import { activityCommands } from './activity/activity-commands.ts';
import type { App } from './app.ts';
import { badInput, CommandError, type CommandResult, type Commands } from './command-error.ts';
import { profileCommands } from './profiles/profile-commands.ts';
import { diagnosisCommands } from './program/diagnosing.ts';
import { hostCommands } from './program/program-commands.ts';
import { routerCommands } from './routers/router-commands.ts';

/** Basis of every transport: no input is trusted to be what it says. */
export interface Dispatch {
  /** An abort ends the wait, not what was begun. @throws the signal's reason */
  command(name: string, input: unknown, signal: AbortSignal): Promise<Answer<unknown>>;
  /**
   * Input of `forwards.hold`. Lasts until the signal aborts; resolves when it has settled. @throws the signal's reason
   * @param ended called when it ends before, at any time
   */
  hold(
    input: unknown,
    signal: AbortSignal,
    ended?: (why: Exclude<HoldEnd, 'lost'>) => void,
  ): Promise<Answer<CommandResults['forwards.hold']>>;
  /** The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
}

export function createDispatch(app: App, log: Log): Dispatch {
  const commands: Commands = {
    ...profileCommands(app),
    ...routerCommands(app),
    ...diagnosisCommands(app),
    ...activityCommands(app),
    ...hostCommands(app),
  };
  const answered = async <Value>(what: string, work: () => Promise<Value>, signal: AbortSignal) => {
    try {
      app.mustNotHaveStopped();
      const value = await work();
      await app.told();
      return { ok: true, value } as const;
    } catch (error) {
      if (error instanceof CommandError) return refused(error.fault);
      signal.throwIfAborted();
      log.write('error', `${what} failed`, { error: error instanceof Error ? error.stack : String(error) });
      return refused(new CommandError('failed', '', { code: 'own-fault', parameters: {} }).fault);
    }
  };
  return {
    async command(name, input, signal) {
      signal.throwIfAborted();
      if (!isCommand(name)) {
        const parameters = { name: name.slice(0, 80) };
        return refused(new CommandError('unknown-command', '', { code: 'no-such-command', parameters }).fault);
      }
      return await answered(name, async () => (await perform(commands, name, input, signal)) ?? {}, signal);
    },
    async hold(given, signal, ended) {
      signal.throwIfAborted();
      return await answered(
        'forwards.hold',
        async () => {
          const parsed = checked(COMMANDS['forwards.hold'], given);
          if (!parsed.ok) throw badInput(parsed.faults);
          if (parsed.value.what === 'profile') await app.profiles.confirm(parsed.value.profile, parsed.value.confirmed);
          if (parsed.value.what === 'forwards') {
            await app.guard([{ forwards: parsed.value.forwards, place: 'forwards' }], parsed.value.confirmed);
          }
          const { forwards, isMeant, release } = app.holds.hold(parsed.value, (why) => ended?.(why));
          signal.addEventListener('abort', release, { once: true });
          try {
            await app.settled(isMeant, signal);
          } catch (error) {
            release();
            throw error;
          }
          await app.told();
          return { forwards, revision: app.snapshot.revision };
        },
        signal,
      );
    },
    watch: (listener) => app.watch(listener),
  };
}

/** The client of whoever lives in the same process. */
export function createLocalClient(dispatch: Dispatch): AppClient {
  return { ...clientOf(dispatch), hold: (input, signal, ended) => dispatch.hold(input, signal, ended) };
}

/** The same for what holds nothing. */
export function clientOf(dispatch: Pick<Dispatch, 'command' | 'watch'>): Pick<AppClient, 'ask' | 'watch'> {
  const never = new AbortController().signal;
  return {
    async ask<Name extends CommandName>(name: Name, input: unknown, signal: AbortSignal = never) {
      // The table says what each command answers.
      return (await dispatch.command(name, input, signal)) as Answer<CommandResults[Name]>;
    },
    watch: (listener) => dispatch.watch(listener),
  };
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name) && name !== 'forwards.hold';

async function perform<Name extends CommandName>(
  commands: Commands,
  name: Name,
  input: unknown,
  signal: AbortSignal,
): Promise<CommandResult<Name>> {
  const parsed = checked(COMMANDS[name], input);
  if (!parsed.ok) throw badInput(parsed.faults);
  return await commands[name](parsed.value, signal);
}

const refused = (fault: CommandFault): { readonly ok: false; readonly fault: CommandFault } => ({ ok: false, fault });
