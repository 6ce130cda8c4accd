/** A person's choices for a preset, what profiles have of it already, and which presets a search leaves. */
import { checked, type Fault } from '../../../main/contract/checked.ts';
import { clashOf, type Clash } from '../../../main/contract/profiles/claims.ts';
import { COMMANDS, type CheckedInput, type CommandFault, type CommandInput } from '../../../main/contract/commands.ts';
import type { Language } from '../../../main/contract/words/catalogues.ts';
import {
  nearPresets,
  popularPresets,
  searchPresets,
  type Preset,
  type PresetCategory,
} from '../../../main/contract/profiles/presets.ts';
import type { Profile, ProfileForward } from '../../../main/contract/profiles/profile.ts';
import { isPort, type Port } from '../../../main/contract/units.ts';
import { allPresets } from '../../state/presets.ts';

export interface PresetDraft {
  readonly preset: Preset;
  /** Places in the preset of forwards that serve an extra. */
  readonly extras: ReadonlySet<number>;
  /** As typed, by place in the preset; absent where the preset's own stands. */
  readonly outside: ReadonlyMap<number, string>;
  /** As typed; `undefined` for this computer. */
  readonly client: string | undefined;
}

/** Where a draft can be wrong: at the external port of the forward with that place in the preset, at the device, or
 * as a whole. */
export type DraftPlace = number | 'client' | 'whole';

export interface DraftFault {
  readonly place: DraftPlace;
  readonly fault: Fault | CommandFault;
}

export type NewProfile = CheckedInput<'profile.add'>['profile'];

export type DraftProfile =
  | { readonly ok: true; readonly profile: NewProfile }
  | { readonly ok: false; readonly faults: readonly DraftFault[] };

/** Only required ports, for this computer. */
export function draftOf(preset: Preset): PresetDraft {
  return { preset, extras: new Set(), outside: new Map(), client: undefined };
}

export function withExtra(draft: PresetDraft, at: number, chosen: boolean): PresetDraft {
  const extras = new Set(draft.extras);
  if (chosen) extras.add(at);
  else extras.delete(at);
  return { ...draft, extras };
}

export function withOutside(draft: PresetDraft, at: number, text: string): PresetDraft {
  return { ...draft, outside: new Map(draft.outside).set(at, text) };
}

export function isChosen({ preset, extras }: PresetDraft, at: number): boolean {
  return preset.forwards[at]?.required === true || extras.has(at);
}

/** Places in the preset, in its order. */
export function chosenOf(draft: PresetDraft): readonly number[] {
  return draft.preset.forwards.map((_, at) => at).filter((at) => isChosen(draft, at));
}

/** Taken whole, with the preset's name; or every fault, where it was typed. Labels are in `language`. */
export function profileOf(draft: PresetDraft, language: Language): DraftProfile {
  const chosen = chosenOf(draft);
  const result = checked(COMMANDS['profile.add'], { profile: unchecked(draft, chosen, language) });
  if (result.ok) return { ok: true, profile: result.value.profile };
  const faults = new Map<DraftPlace, DraftFault>();
  for (const fault of result.faults) {
    const place = draftPlaceOf(fault.place, chosen);
    if (!faults.has(place)) faults.set(place, { place, fault });
  }
  return { ok: false, faults: [...faults.values()] };
}

/** Place in the draft of a command's fault, `profile.forwards.0.external.first`; `chosen` as it was sent. */
export function draftPlaceOf(place: string, chosen: readonly number[]): DraftPlace {
  const { index, member } = /^profile\.forwards\.(?<index>\d+)(?:\.(?<member>.*))?$/.exec(place)?.groups ?? {};
  const at = index === undefined ? undefined : chosen[Number(index)];
  return member === 'internal.client' ? 'client' : (at ?? 'whole');
}

function unchecked(
  { preset, outside, client }: PresetDraft,
  chosen: readonly number[],
  language: Language,
): CommandInput<'profile.add'>['profile'] {
  return {
    name: preset.name,
    forwards: chosen.flatMap((at) => {
      const forward = preset.forwards[at];
      if (forward === undefined) return [];
      const { label, transports, external, internal } = forward;
      const text = outside.get(at);
      const first = text === undefined ? external.first : portIn(text);
      return {
        label: label[language],
        transports: [...transports],
        external: { first, last: first + external.last - external.first },
        internal: { first: internal.first, ...(client === undefined ? {} : { client }) },
      };
    }),
  };
}

/** NaN, which no schema takes, for anything but a whole number. */
function portIn(text: string): number {
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : Number.NaN;
}

/** The part of a forward that claims a port. */
type Claiming = Pick<ProfileForward, 'transports' | 'families' | 'external' | 'internal' | 'gateway'>;

/** Another profile that asks for an external port of these, too: only one of the two can be on. */
export interface Claim {
  readonly profile: Profile;
  readonly clash: Clash;
}

/** Profiles called like the preset: ports alone are shared by too many programs to identify one. */
export function profilesOf({ name, id, names }: Preset, profiles: readonly Profile[]): readonly Profile[] {
  // In whichever language it was added.
  const original = names === undefined ? name : (allPresets().find((each) => each.id === id)?.name ?? name);
  const wanted = new Set([name, original, names?.de ?? name].map(plain));
  return profiles.filter((profile) => wanted.has(plain(profile.name)));
}

/** As it would be claimed without a choice: all that is required, for this computer. */
export function claimedBy({ forwards }: Preset): readonly Claiming[] {
  return forwards
    .filter(({ required }) => required)
    .map(({ transports, external, internal }) => ({ transports, families: ['ipv4'], external, internal }));
}

/** Claims on the same external ports; those that are on come first. */
export function claimsOn(forwards: readonly Claiming[], profiles: readonly Profile[]): readonly Claim[] {
  return profiles
    .flatMap((profile) => {
      const clash = clashOf(forwards, profile.forwards);
      return clash === undefined ? [] : { profile, clash };
    })
    .toSorted((a, b) => Number(b.profile.on) - Number(a.profile.on));
}

/** The next external port from where the forward, with its whole range, claims what nobody else does. */
export function freeOutside(forward: Claiming, others: readonly Claiming[]): Port | undefined {
  const length = forward.external.last - forward.external.first;
  for (let first: number = forward.external.first + 1; first + length <= 65_535; first++) {
    const last = first + length;
    if (!isPort(first) || !isPort(last)) return undefined;
    if (clashOf([{ ...forward, external: { first, last } }], others) === undefined) return first;
  }
  return undefined;
}

const plain = (text: string): string => text.trim().toLowerCase();

export type CategoryChoice = PresetCategory | 'all';

export interface Hits {
  /** The best first. */
  readonly shown: readonly Preset[];
  /** How many of the search's matches each choice shows. */
  readonly counts: Readonly<Record<CategoryChoice, number>>;
  /** Spelt alike, when the search finds nothing. */
  readonly near: readonly Preset[];
}

const MOST_NEAR = 4;

export function hitsOf(presets: readonly Preset[], query: string, category: CategoryChoice): Hits {
  const found = searchPresets(presets, query);
  const counts = { all: found.length, game: 0, server: 0, media: 0, voice: 0, remote: 0, p2p: 0, home: 0 };
  for (const preset of found) counts[preset.category] += 1;
  return {
    shown: category === 'all' ? found : found.filter((preset) => preset.category === category),
    counts,
    near: found.length === 0 ? nearPresets(presets, query, MOST_NEAR) : [],
  };
}

/** Presets under one heading; `found` has none. */
export interface PresetGroup {
  readonly kind: PresetCategory | 'popular' | 'found';
  readonly presets: readonly Preset[];
}

const BY_NAME = new Intl.Collator('en', { numeric: true });

/** Matches are in the search's order; without one the most used come first, then each kind by name. */
export function groupsOf(shown: readonly Preset[], query: string): readonly PresetGroup[] {
  if (query.trim() !== '') return shown.length === 0 ? [] : [{ kind: 'found', presets: shown }];
  const kinds = Map.groupBy(
    shown.filter(({ popular }) => popular === undefined).toSorted((a, b) => BY_NAME.compare(a.name, b.name)),
    ({ category }) => category,
  );
  const groups: readonly PresetGroup[] = [
    { kind: 'popular', presets: popularPresets(shown) },
    ...CATEGORIES.map((kind) => ({ kind, presets: kinds.get(kind) ?? [] })),
  ];
  return groups.filter(({ presets }) => presets.length > 0);
}

/** As the choices of the view have them. */
const CATEGORIES: readonly PresetCategory[] = ['game', 'server', 'media', 'voice', 'remote', 'p2p', 'home'];
