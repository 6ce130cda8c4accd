/** Where every face's commands arrive: checked once, with the command table; done, or refused with the place. */
import type {
  Answer,
  AppClient,
  AppSnapshot,
  CheckedInput,
  CommandFault,
  CommandName,
  CommandResults,
} from '../contract/commands.ts';
import { COMMANDS } from '../contract/commands.ts';
import type { Fault } from '../contract/checked.ts';
import { checked } from '../contract/checked.ts';
import { parseProfileDocument, toDocument } from '../contract/profile-document.ts';
import type { ProfileId } from '../contract/profile.ts';
import { ProfileIdSchema } from '../contract/profile.ts';
import type { Log } from '../system/system.ts';
import type { App } from './app.ts';
import { CommandError } from './command-error.ts';

type Commands = {
  readonly [Name in CommandName]: (input: CheckedInput<Name>, signal: AbortSignal) => Promise<CommandResults[Name]>;
};

/** What transports are made from: nothing that comes in is trusted to be what it says. */
export interface Dispatch {
  /** An abort ends the wait, not what was begun. @throws the signal's reason */
  command(name: string, input: unknown, signal: AbortSignal): Promise<Answer<unknown>>;
  /** Lasts until the signal aborts; resolves when it has settled. @throws the signal's reason */
  hold(id: unknown, signal: AbortSignal): Promise<Answer<{ readonly id: ProfileId }>>;
  /** The first call is immediate. Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
}

export function createDispatch(app: App, log: Log): Dispatch {
  const commands = commandsOf(app);
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
      return refused({ code: 'failed', place: '', message: 'Portkeeper met an error of its own; its log says more.' });
    }
  };
  return {
    async command(name, input, signal) {
      signal.throwIfAborted();
      if (!isCommand(name)) {
        const message = `There is no command "${name.slice(0, 80)}".`;
        return refused({ code: 'unknown-command', place: '', message });
      }
      return await answered(name, () => perform(commands, name, input, signal), signal);
    },
    async hold(given, signal) {
      signal.throwIfAborted();
      return await answered(
        'hold',
        async () => {
          const parsed = checked(ProfileIdSchema, given);
          if (!parsed.ok) throw badInput(parsed.faults, 'id');
          const id = parsed.value;
          signal.addEventListener('abort', app.hold(id), { once: true });
          await app.settled(id, signal);
          return { id };
        },
        signal,
      );
    },
    watch: (listener) => app.watch(listener),
  };
}

/** The client of whoever lives in the same process. */
export function createLocalClient(dispatch: Dispatch): AppClient {
  const never = new AbortController().signal;
  return {
    async ask<Name extends CommandName>(name: Name, input: unknown, signal: AbortSignal = never) {
      // The table says what each command answers.
      return (await dispatch.command(name, input, signal)) as Answer<CommandResults[Name]>;
    },
    watch: (listener) => dispatch.watch(listener),
    hold: (id, signal) => dispatch.hold(id, signal),
  };
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

async function perform<Name extends CommandName>(
  commands: Commands,
  name: Name,
  input: unknown,
  signal: AbortSignal,
): Promise<CommandResults[Name]> {
  const parsed = checked(COMMANDS[name], input);
  if (!parsed.ok) throw badInput(parsed.faults);
  return await commands[name](parsed.value, signal);
}

function commandsOf(app: App): Commands {
  const { profiles } = app;
  return {
    'profile.add': async ({ profile, at }) => ({ id: await profiles.add(profile, at) }),
    'profile.change': async ({ id, profile }) => {
      await profiles.change(id, profile);
      return { id };
    },
    'profile.remove': async ({ id }) => {
      await profiles.remove(id);
      return { id };
    },
    'profile.restore': async ({ id }) => {
      await profiles.restore(id);
      return { id };
    },
    'profile.duplicate': async ({ id }) => ({ id: await profiles.duplicate(id) }),
    'profile.move': async ({ id, to }) => {
      await profiles.move(id, to);
      return { id };
    },
    'profile.switch': async ({ id, on }, signal) => {
      await app.switch(id, on, signal);
      return { id };
    },
    'profiles.import': async ({ document, mode }) => {
      const parsed = parseProfileDocument(document);
      if (!parsed.ok) throw badInput(parsed.faults, 'document');
      const book = parsed.value;
      return { added: await (mode === 'add' ? profiles.append(book.profiles) : profiles.replace(book)) };
    },
    'profiles.export': async () => ({ document: toDocument(profiles.book) }),
    'settings.change': async ({ settings }) => ({ settings: await app.changeSettings(settings) }),
    'gateways.search': async () => {
      app.searchNow();
      return {};
    },
    'forwards.retry': async () => {
      app.retry();
      return {};
    },
  };
}

const refused = (fault: CommandFault): { readonly ok: false; readonly fault: CommandFault } => ({ ok: false, fault });

/** The first fault, and how many more there are. */
function badInput(faults: readonly Fault[], within = ''): CommandError {
  const [first = { place: '', message: 'is not as it must be' }] = faults;
  const place = [within, first.place].filter((part) => part !== '').join('.');
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : '';
  return new CommandError('bad-input', place, `${place === '' ? 'The input' : place}: ${first.message}${more}`);
}
