/** Everything that a face can ask: name → input schema and result. One table; transports and clients are made from it. */
import * as v from 'valibot';
import type { Problem } from './problems.ts';
import type { Snapshot } from './model.ts';
import type { Profile, ProfileId } from './profile.ts';
import { ProfileIdSchema, ProfileSchema } from './profile.ts';
import { SettingsSchema } from './settings.ts';
import type { Settings } from './settings.ts';

const Nothing = v.strictObject({});
const NewProfile = v.omit(ProfileSchema, ['id']);

/** Input schemas, checked once, in `dispatch`. */
export const COMMANDS = {
  'profile.add': v.strictObject({ profile: NewProfile, at: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))) }),
  'profile.change': v.strictObject({ id: ProfileIdSchema, profile: v.partial(NewProfile) }),
  'profile.remove': v.strictObject({ id: ProfileIdSchema }),
  /** Undoes the latest removal of this profile, at its place. */
  'profile.restore': v.strictObject({ id: ProfileIdSchema }),
  'profile.duplicate': v.strictObject({ id: ProfileIdSchema }),
  'profile.move': v.strictObject({ id: ProfileIdSchema, to: v.pipe(v.number(), v.integer(), v.minValue(0)) }),
  /** Resolves when what it opens or closes has settled. */
  'profile.switch': v.strictObject({ id: ProfileIdSchema, on: v.boolean() }),
  /** The own JSON, whole; refused whole. */
  'profiles.import': v.strictObject({ document: v.unknown(), mode: v.picklist(['add', 'replace']) }),
  'profiles.export': Nothing,
  'settings.change': v.strictObject({ settings: v.partial(SettingsSchema) }),
  'gateways.search': Nothing,
  /** Asks again for all that was refused or waits. */
  'forwards.retry': Nothing,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type CommandInput<Name extends CommandName> = v.InferInput<(typeof COMMANDS)[Name]>;

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
  'gateways.search': Record<string, never>;
  'forwards.retry': Record<string, never>;
}

/** What a face is told when a command cannot be done: the place of the fault, what is wrong, what to do. */
export interface CommandFault {
  readonly code: 'unknown-command' | 'bad-input' | 'no-such-profile' | 'nothing-to-restore' | 'conflict' | 'storage' | 'stopped';
  /** As in `forwards.0.external.first`; empty for the whole. */
  readonly place: string;
  readonly message: string;
}

export type Answer<Value> = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly fault: CommandFault };

/** All that a window shows. */
export interface AppSnapshot {
  readonly revision: number;
  readonly profiles: readonly Profile[];
  readonly settings: Settings;
  readonly engine: Snapshot;
  /** Beside the engine's own. */
  readonly problems: readonly Problem[];
}

/** The one client interface: in-process, over a socket, through the preload bridge. */
export interface AppClient {
  ask<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<Answer<CommandResults[Name]>>;
  /** The first call is immediate (or as soon as the connection allows). Returns what ends it. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void;
}
