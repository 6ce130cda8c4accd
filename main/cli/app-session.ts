/** Profiles and settings for one command: the running Portkeeper's, or the data folder's own for the moment. */
import type { Answer, AppClient, AppSnapshot, CommandFault } from '../contract/commands.ts';
import { findPreset } from '../contract/profiles/presets.ts';
import type { Profile } from '../contract/profiles/profile.ts';
import { createLocalClient } from '../engine/dispatch.ts';
import { allPresets } from '../engine/profiles/presets.ts';
import { ConnectionLost, type RemoteClient } from '../connect/client.ts';
import { loadApp } from '../connect/program.ts';
import { becomeOrConnect } from '../connect/rendezvous.ts';
import type { Console } from './output/console.ts';
import type { GlobalOptions } from './options/global-options.ts';
import { interruptible } from './interruptions.ts';
import { FileFault, InputFault, RefusedFault, type ExitCode, type InputFaultOptions } from './output/fault.ts';
import { faultText } from '../contract/words/faults.ts';
import { hint } from './output/typed.ts';
import { programOf, snapshotOf } from './session.ts';

export interface AppSession {
  readonly client: AppClient;
  /** The running one, if there is one: what is switched on is open, or about to be. */
  readonly running: RemoteClient | undefined;
  /** Where a browser finds the running one's window, when it is served. */
  readonly window?: string | undefined;
  /** Aborts with the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly console: Console;
}

/** @throws StorageError (also when the folder is in use by who answers nobody), RefusedFault, or what `work` throws */
export function withApp<Result>(
  options: GlobalOptions,
  console: Console,
  work: (session: AppSession) => Promise<Result>,
): Promise<Result> {
  return interruptible(async (interrupted) => {
    const met = await becomeOrConnect(options.dataFolder, interrupted);
    if (met.role === 'guest') {
      const { client, window } = met;
      return await work({ client, running: client, window, interrupted, console });
    }
    try {
      const { app, dispatch } = await loadApp(programOf({ options, console, purpose: 'change' }), 'change');
      for (const problem of app.snapshot.problems) console.problem(problem);
      try {
        return await work({ client: createLocalClient(dispatch), running: undefined, interrupted, console });
      } finally {
        await app.profiles.stored();
      }
    } finally {
      await met.leave();
    }
  });
}

/** A command that has nothing to do before it has its session. */
export const inApp =
  <Given extends readonly unknown[]>(work: (session: AppSession, ...given: Given) => Promise<ExitCode>) =>
  (options: GlobalOptions, console: Console, ...given: Given): Promise<ExitCode> =>
    withApp(options, console, (session) => work(session, ...given));

/** As it is now. @throws the interrupt's reason, RefusedFault when the running one has gone */
export async function currentSnapshot({
  client,
  interrupted,
}: Pick<AppSession, 'client' | 'interrupted'>): Promise<AppSnapshot> {
  try {
    return await snapshotOf(client, interrupted);
  } catch (error) {
    if (error instanceof ConnectionLost) throw new RefusedFault('Portkeeper has just quit. Try again.');
    throw error;
  }
}

/** @throws InputFault, FileFault or RefusedFault when it is a refusal */
export function valueOf<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  throw faultOf(answer.fault);
}

function faultOf(fault: CommandFault): Error {
  const { code, message } = fault;
  switch (code) {
    case 'bad-input':
      return new InputFault(isOfTyped(fault) ? faultText(fault, 'en') : message, typedPlaceOf(fault));
    case 'unconfirmed':
    case 'unknown-command':
    case 'no-such-profile':
    case 'no-such-forward':
    case 'no-such-gateway':
      return new InputFault(message);
    case 'storage':
      return new FileFault(message);
    case 'conflict':
    case 'nothing-to-restore':
    case 'stopped':
    case 'gateway-failed':
    case 'not-here':
    case 'failed':
      return new RefusedFault(message);
  }
}

/** In files, places are named as they stand there. */
const isOfTyped = ({ place }: CommandFault): boolean => /^(?:forwards|profile)(?:\.|$)/.test(place);

/** The device in `80/tcp@8.8.8.8`. */
function typedPlaceOf({ reason }: CommandFault): InputFaultOptions {
  const why = reason.code === 'bad-input' ? reason.parameters.why : undefined;
  if (why?.code !== 'not-a-device') return {};
  const { address } = why.parameters;
  const word = process.argv.find((each) => each.endsWith(`@${address}`));
  return word === undefined ? {} : { at: { word, at: word.length - address.length, length: address.length } };
}

/** Says what is done, but not saved. @returns whether there is such a thing, see `EXIT.storage` */
export function tellUnsaved({ problems }: Pick<AppSnapshot, 'problems'>, console: Console): boolean {
  const unsaved = problems.find(({ code }) => code === 'profiles-not-stored');
  if (unsaved !== undefined) console.problem(unsaved);
  return unsaved !== undefined;
}

/** By id, by name in any case, or by what else the preset is called that the name is of: `minecraft` for “Minecraft: Java
 * Edition”. @throws InputFault when there is more than one */
export function findProfile(text: string, { profiles }: Pick<AppSnapshot, 'profiles'>): Profile | undefined {
  const byId = profiles.find(({ id }) => id === text);
  if (byId !== undefined) return byId;
  const wanted = text.trim().toLowerCase();
  const byName = profiles.filter(({ name }) => name.toLowerCase() === wanted);
  const preset = byName.length > 0 ? undefined : findPreset(allPresets(), text);
  const found =
    preset === undefined ? byName : profiles.filter(({ name }) => findPreset(allPresets(), name) === preset);
  const [first, ...others] = found;
  if (others.length === 0) return first;
  const ids = found.map(({ id }) => id).join(', ');
  throw new InputFault(`Several profiles are named “${text}”. Use one of their ids: ${ids}.`, { at: { word: text } });
}

/** As {@link findProfile}. @throws InputFault also when there is none */
export function profileNamed(text: string, { profiles }: Pick<AppSnapshot, 'profiles'>): Profile {
  const found = findProfile(text, { profiles });
  if (found !== undefined) return found;
  const preset = findPreset(allPresets(), text);
  const how = preset === undefined ? 'NAME PORTS...' : `--preset ${preset.id}`;
  const known =
    profiles.length === 0 || preset !== undefined
      ? `Add one with: ${hint(`portkeeper profile add ${how}`)}`
      : listed(profiles);
  throw new InputFault(`There is no profile “${text}”. ${known}`, { at: { word: text } });
}

function listed(profiles: readonly Profile[]): string {
  const names = profiles.slice(0, 10).map(({ id }) => id);
  return `Profiles: ${names.join(', ')}${profiles.length > names.length ? ', …' : '.'}`;
}
