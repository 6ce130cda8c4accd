/** The one JSON document of profiles and settings: stored, exported and imported. */
import * as v from 'valibot';
import { checked, faultAt, type Checked, type Fault } from '../checked.ts';
import { says, type ValueReason } from '../fault-reasons.ts';
import { mappingCount, mappingCountOf, MOST_IN_ALL, MOST_OF_PROFILE } from './claims.ts';
import { listOf, ProfileSchema, type Profile } from './profile.ts';
import { DEFAULT_SETTINGS, SettingsSchema, type Settings } from '../settings.ts';

export interface ProfileBook {
  /** In the order in which people see them; ids are unique. */
  readonly profiles: readonly Profile[];
  readonly settings: Settings;
}

export interface ProfileDocument extends ProfileBook {
  readonly version: number;
}

const VERSION = 1;

/** Characters of a document, as exported: what a command takes as a file. */
export const MOST_TEXT = 4 * 1024 * 1024;

/** More than anybody has; a file that claims more is not one of ours. */
export const MOST_PROFILES = 500;

/** Makes a document of one version a document of the next. Given anything but ours, it may return anything. */
export type Migration = (document: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;

/** By the version they start from. */
export type Migrations = ReadonlyMap<number, Migration>;

/** There has been one version only. */
const MIGRATIONS: Migrations = new Map();

const Versioned = v.looseObject({
  version: v.pipe(v.number(), v.integer(), v.minValue(1)),
});

const Document = v.object({
  profiles: v.pipe(
    listOf(ProfileSchema, MOST_PROFILES),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const count = mappingCountOf(dataset.value);
      if (count > MOST_IN_ALL) addIssue({ message: says('too-many-mappings', { count, most: MOST_IN_ALL }) });
    }),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      const seen = new Set<string>();
      for (const [at, { id }] of dataset.value.entries()) {
        if (seen.has(id)) {
          const input = dataset.value;
          const path = [{ type: 'array', origin: 'value', input, key: at, value: input[at] }] as const;
          addIssue({ message: says('id-twice', { id }), path: [...path] });
        }
        seen.add(id);
      }
    }),
  ),
  settings: v.optional(SettingsSchema, {}),
});

export function toDocument({ profiles, settings }: ProfileBook): ProfileDocument {
  return { version: VERSION, profiles, settings };
}

/** How many ports may be asked for: this holds for changes, not for stored profiles. */
const isBound = ({ code }: ValueReason): boolean => code === 'too-many-mappings' || code === 'range-too-wide';

interface ParseOptions {
  readonly current?: number;
  readonly migrations?: Migrations;
  /** It was stored: it may ask for more than a change may, see {@link withinBounds}. */
  readonly isStored?: boolean;
}

/** Taken whole or refused whole; never throws. Older versions are brought up to date. */
export function parseProfileDocument(
  document: unknown,
  { current = VERSION, migrations = MIGRATIONS, isStored = false }: ParseOptions = {},
): Checked<ProfileBook> {
  const upToDate = migrated(document, current, migrations);
  return upToDate.ok ? checked(Document, upToDate.value, isStored ? isBound : undefined) : upToDate;
}

interface TooMuch {
  readonly profile: Profile;
  readonly count: number;
  readonly most: number;
}

/** Switched off where all that are on ask for more than may be open; with the first of these. */
export function withinBounds(profiles: readonly Profile[]): {
  readonly profiles: readonly Profile[];
  readonly tooMuch: TooMuch | undefined;
} {
  let tooMuch: TooMuch | undefined;
  let all = 0;
  const bounded = profiles.map((profile) => {
    if (!profile.on) return profile;
    const count = mappingCount(profile.forwards);
    if (count <= MOST_OF_PROFILE && all + count <= MOST_IN_ALL) {
      all += count;
      return profile;
    }
    tooMuch ??=
      count > MOST_OF_PROFILE
        ? { profile, count, most: MOST_OF_PROFILE }
        : { profile, count: all + count, most: MOST_IN_ALL };
    return { ...profile, on: false };
  });
  return { profiles: bounded, tooMuch };
}

/** The readable parts of a document that {@link parseProfileDocument} refuses: each profile on its own, and the
 * settings. */
export function salvage(document: unknown): ProfileBook {
  const upToDate = migrated(document, VERSION, MIGRATIONS);
  if (!upToDate.ok) return { profiles: [], settings: DEFAULT_SETTINGS };
  const { profiles, settings } = upToDate.value;
  const whole = new Map<string, Profile>();
  for (const each of Array.isArray(profiles) ? profiles.slice(0, MOST_PROFILES) : []) {
    const profile = checked(ProfileSchema, each, isBound);
    if (profile.ok && !whole.has(profile.value.id)) whole.set(profile.value.id, profile.value);
  }
  const known = checked(SettingsSchema, settings ?? {});
  return { profiles: [...whole.values()], settings: known.ok ? known.value : DEFAULT_SETTINGS };
}

function migrated(
  document: unknown,
  current: number,
  migrations: Migrations,
): Checked<Readonly<Record<string, unknown>>> {
  const versioned = checked(Versioned, document);
  if (!versioned.ok) return versioned;
  let { version, ...rest }: Readonly<Record<string, unknown>> & { version: number } = versioned.value;
  if (version > current) return refused('version', { code: 'newer-version', parameters: { known: current } });
  let value: Readonly<Record<string, unknown>> = rest;
  for (; version < current; version++) {
    const migrate = migrations.get(version);
    if (migrate === undefined) return refused('version', { code: 'unknown-version', parameters: { version } });
    value = migrate(value);
  }
  return { ok: true, value };
}

function refused(place: string, reason: ValueReason): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [faultAt(place, reason)] };
}

/** Something of a list of ports that a profile cannot say; the sentences are in `words/losses`. */
export interface ImportLoss {
  readonly what:
    /** Meant for one network only; taken without, so open wherever the profile is on. */
    | 'network'
    /** A comment of several lines, or a long one; cut. */
    | 'comment'
    /** Nobody else says what runs on this computer. */
    | 'address-command';
  /** How many entries of the list it concerns. */
  readonly entries: number;
}

/** Something of the profiles that a format cannot say; the sentences are in `words/losses`. */
export interface ExportLoss {
  readonly what:
    /** There are several, or one with a name of its own: the format has one list without. */
    | 'profiles'
    | 'settings'
    /** External and internal port differ; such forwards are not written, for they would mean something else. */
    | 'inside-port'
    /** Over IPv6 alone; not written. */
    | 'ipv6'
    /** Over IPv6 as well; written for IPv4. */
    | 'ipv6-too'
    /** Another profile has some of its external ports, too; those are written once. */
    | 'ports-claimed'
    /** Through one router only; written without. */
    | 'router'
    /** Or the next free port; written without. */
    | 'if-taken';
  /** How many forwards it concerns; 0 when it concerns the whole. */
  readonly forwards: number;
}
