/** Everything that a face can ask: name → input schema and result. One table; transports and clients are made from it. */
import * as v from 'valibot';
import type { Snapshot } from './model.ts';
import type { Problem } from './problems.ts';
import type { Profile, ProfileId } from './profile.ts';
import { ProfileIdSchema, ProfileSchema } from './profile.ts';
import type { Settings } from './settings.ts';
import { SettingsChangeSchema } from './settings.ts';

const Nothing = v.strictObject({});
const { id: _id, ...newProfile } = ProfileSchema.entries;
const NewProfile = v.strictObject(newProfile);
/** Where in the list; past its end is at its end. */
const Place = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Input schemas, checked once, in `dispatch`. */
export const COMMANDS = {
  'profile.add': v.strictObject({ profile: NewProfile, at: v.exactOptional(Place) }),
  'profile.change': v.strictObject({ id: ProfileIdSchema, profile: v.partial(NewProfile) }),
  'profile.remove': v.strictObject({ id: ProfileIdSchema }),
  /** Undoes the latest removal of this profile, at its place. */
  'profile.restore': v.strictObject({ id: ProfileIdSchema }),
  /** Beside the original, switched off. */
  'profile.duplicate': v.strictObject({ id: ProfileIdSchema }),
  'profile.move': v.strictObject({ id: ProfileIdSchema, to: Place }),
  /** Resolves when what it opens or closes has settled. */
  'profile.switch': v.strictObject({ id: ProfileIdSchema, on: v.boolean() }),
  /**
   * The own JSON; refused whole. `add`: its profiles come after the others, switched off, under ids of their own.
   * `replace`: profiles, switches and settings become as in the document.
   */
  'profiles.import': v.strictObject({ document: v.unknown(), mode: v.picklist(['add', 'replace']) }),
  'profiles.export': Nothing,
  'settings.change': v.strictObject({ settings: SettingsChangeSchema }),
  'gateways.search': Nothing,
  /** Asks again for all that was refused or waits. */
  'forwards.retry': Nothing,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type CommandInput<Name extends CommandName> = v.InferInput<(typeof COMMANDS)[Name]>;
/** As checked: defaults filled in, texts trimmed. */
export type CheckedInput<Name extends CommandName> = v.InferOutput<(typeof COMMANDS)[Name]>;

export interface CommandResults {
  'profile.add': { readonly id: ProfileId };
  'profile.change': { readonly id: ProfileId };
  'profile.remove': { readonly id: ProfileId };
  'profile.restore': { readonly id: ProfileId };
  'profile.duplicate': { readonly id: ProfileId };
  'profile.move': { readonly id: ProfileId };
  'profile.switch': { readonly id: ProfileId };
  'profiles.import': { readonly added: readonly ProfileId[] };
  'profiles.export': { readonly document: unknown };
  'settings.change': { readonly settings: Settings };
  'gateways.search': Readonly<Record<string, never>>;
  'forwards.retry': Readonly<Record<string, never>>;
}

/** What a face is told when a command cannot be done: the place of the fault, what is wrong, what to do. */
export interface CommandFault {
  readonly code:
    | 'unknown-command'
    | 'bad-input'
    | 'no-such-profile'
    | 'nothing-to-restore'
    /** Two profiles claim one outside port while both are on. */
    | 'conflict'
    /** It could not be written down, and is not done. */
    | 'storage'
    /** Portkeeper ends. */
    | 'stopped'
    /** An error of our own; it is in the log. */
    | 'failed';
  /** As in `profile.forwards.0.external.first`; empty for the whole. */
  readonly place: string;
  readonly message: string;
}

export type Answer<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: CommandFault };

/** All that a window shows. */
export interface AppSnapshot {
  readonly revision: number;
  readonly profiles: readonly Profile[];
  /** Held open by a program (`portkeeper with`), whatever their switches say. */
  readonly held: readonly ProfileId[];
  readonly settings: Settings;
  readonly engine: Snapshot;
  /** Beside the engine's own. */
  readonly problems: readonly Problem[];
}

/** The one client interface: in-process, over a socket, through the preload bridge. */
export interface AppClient {
  /** An abort ends the wait, not what was begun. @throws the signal's reason, or that the connection is lost */
  ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal?: AbortSignal,
  ): Promise<Answer<CommandResults[Name]>>;
  /** The first call is immediate (or as soon as the connection allows). Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
  /**
   * Keeps a profile open until the signal aborts or this client is gone, whatever its switch says; nothing is stored.
   * Resolves when it has settled. @throws the signal's reason, or that the connection is lost
   * @param lost called when it ends after that without the signal: the connection is lost
   */
  hold(id: ProfileId, signal: AbortSignal, lost?: () => void): Promise<Answer<{ readonly id: ProfileId }>>;
}
