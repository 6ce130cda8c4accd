/** A profile while it is being edited: what was typed, as it was typed. */
import type { Family } from '../../../../main/contract/address.ts';
import { checked, type Fault } from '../../../../main/contract/checked.ts';
import { clashOf, rangeText } from '../../../../main/contract/profiles/claims.ts';
import { COMMANDS, type CommandInput } from '../../../../main/contract/commands.ts';
import type { Language } from '../../../../main/contract/words/catalogues.ts';
import type { OpeningHours, OpensWhile } from '../../../../main/contract/profiles/opens-while.ts';
import type { Profile, ProfileForward } from '../../../../main/contract/profiles/profile.ts';
import { DAYS } from '../../../../main/contract/units.ts';
import { parsePorts } from '../../../../main/contract/profiles/ports.ts';
import { fieldText } from '../../../../main/contract/words/faults.ts';
import { portsFaultText } from '../../../../main/contract/words/ports.ts';
import { editorWords } from './words.ts';

export interface ForwardDraft {
  /** Names the row while it is edited. */
  readonly key: number;
  readonly label: string;
  readonly transports: 'tcp' | 'udp' | 'both';
  /** `25565`, `27015-27020`, `80,443,8000-8010`. */
  readonly outside: string;
  /** Empty: as outside; so is each of a list. */
  readonly inside: string;
  readonly device: 'this' | 'other';
  readonly client: string;
  readonly families: readonly Family[];
  readonly ifTaken: 'fail' | 'next-free';
  readonly lease: 'auto' | 'minutes' | 'permanent';
  readonly minutes: string;
  readonly gateway: string;
}

/** With what was typed for the other choices. */
export interface OpeningDraft {
  readonly is: OpensWhile['is'];
  readonly program: string;
  readonly days: OpeningHours['days'];
  readonly from: string;
  readonly to: string;
}

export interface ProfileDraft {
  readonly name: string;
  readonly opens: OpeningDraft;
  readonly forwards: readonly ForwardDraft[];
}

type ProfileInput = CommandInput<'profile.add'>['profile'];

export function newForward(key: number): ForwardDraft {
  return {
    key,
    label: '',
    transports: 'tcp',
    outside: '',
    inside: '',
    device: 'this',
    client: '',
    families: ['ipv4'],
    ifTaken: 'fail',
    lease: 'auto',
    minutes: '60',
    gateway: '',
  };
}

export function draftOf({
  name,
  forwards,
  opensWhile,
}: Pick<Profile, 'name' | 'forwards' | 'opensWhile'>): ProfileDraft {
  return {
    name,
    opens: { ...ALWAYS_OPEN, ...opensWhile },
    forwards: forwards.map((forward, key) => forwardDraftOf(forward, key)),
  };
}

export const ALWAYS_OPEN: OpeningDraft = { is: 'always', program: '', days: DAYS, from: '', to: '' };

function forwardDraftOf(forward: ProfileForward, key: number): ForwardDraft {
  const { label, transports, families, external, internal, lease, ifTaken, gateway } = forward;
  return {
    ...newForward(key),
    label,
    transports: transports.length > 1 ? 'both' : (transports[0] ?? 'tcp'),
    outside: external.first === external.last ? `${external.first}` : `${external.first}-${external.last}`,
    inside: internal.first === external.first ? '' : `${internal.first}`,
    device: internal.client === undefined ? 'this' : 'other',
    client: internal.client ?? '',
    families,
    ifTaken,
    lease: lease === undefined ? 'auto' : lease === 'permanent' ? 'permanent' : 'minutes',
    // Seconds that are no whole minutes come from files; they stay as they are unless this is changed.
    ...(typeof lease === 'number' ? { minutes: `${lease / 60}` } : {}),
    gateway: gateway ?? '',
  };
}

/** As the contract takes it, if what was typed is right: see {@link faultsOf}. What is no number becomes NaN, which the
 * contract refuses at its place. */
export function inputOf({ name, opens, forwards }: ProfileDraft): ProfileInput {
  return { name, opensWhile: opensWhileOf(opens), forwards: forwards.flatMap(forwardInputsOf) };
}

function opensWhileOf({ is, program, days, from, to }: OpeningDraft): NonNullable<ProfileInput['opensWhile']> {
  if (is === 'running') return { is, program };
  return is === 'hours' ? { is, days, from: clockTime(from), to: clockTime(to) } : { is };
}

/** `9:00` and `18.30` are meant as clocks show them. */
const clockTime = (text: string): string => text.trim().replace('.', ':').padStart(5, '0');

/** One for each port or range of its list. */
function forwardInputsOf(draft: ForwardDraft): ProfileInput['forwards'] {
  return rangesIn(draft).map((external) => ({
    label: draft.label,
    transports: draft.transports === 'both' ? ['tcp', 'udp'] : [draft.transports],
    families: draft.families,
    external,
    internal: {
      first: isList(draft) || draft.inside.trim() === '' ? external.first : numberOf(draft.inside),
      ...(draft.device === 'this' ? {} : { client: draft.client }),
    },
    ifTaken: draft.ifTaken,
    ...(draft.lease === 'auto' ? {} : { lease: draft.lease === 'permanent' ? 'permanent' : secondsIn(draft.minutes) }),
    ...(draft.gateway.trim() === '' ? {} : { gateway: draft.gateway }),
  }));
}

/** Several ports or ranges, each of which forwards to itself. */
export const isList = ({ outside }: Pick<ForwardDraft, 'outside'>): boolean => outside.includes(',');

const parsedOutside = ({ outside }: ForwardDraft) => parsePorts(outside.replaceAll('—', '-'));

/** @returns NaN where there are no ports */
function rangesIn(draft: ForwardDraft): readonly { readonly first: number; readonly last: number }[] {
  const parsed = parsedOutside(draft);
  // The rest of what a terminal takes has fields of its own here.
  return parsed.ok && !/[:/@]/.test(draft.outside)
    ? parsed.ports.map(({ external }) => external)
    : [{ first: NaN, last: NaN }];
}

function numberOf(text: string): number {
  return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : NaN;
}

function secondsIn(minutes: string): number {
  return /^\s*\d{1,9}(?:\.\d+)?\s*$/.test(minutes) ? Math.round(Number(minutes) * 60) : NaN;
}

/** Another profile that claims an external port of this one. */
export interface ForeignClash {
  readonly ports: string;
  readonly name: string;
  /** Both would be on: this is refused. */
  readonly isRefused: boolean;
}

/** The clash of one line with other profiles; one with a profile that is on comes first. */
export function foreignClash(draft: ForwardDraft, others: readonly Profile[], isOn: boolean): ForeignClash | undefined {
  const parsed = checked(COMMANDS['profile.add'], { profile: { name: 'x', forwards: forwardInputsOf(draft) } });
  if (!parsed.ok) return undefined;
  const clashes = others.flatMap((other) => {
    const clash = clashOf(parsed.value.profile.forwards, other.forwards);
    return clash === undefined ? [] : [{ ports: rangeText(clash), name: other.name, isRefused: isOn && other.on }];
  });
  return clashes.find(({ isRefused }) => isRefused) ?? clashes[0];
}

export type ForwardField = 'label' | 'outside' | 'inside' | 'client' | 'families' | 'minutes' | 'gateway';

/** `name`, `opensWhile.from`, or a forward's key and field: `3.outside`. */
export type FieldName =
  | 'name'
  | 'forwards'
  | `opensWhile.${Exclude<keyof OpeningDraft, 'is'>}`
  | `${number}.${ForwardField}`;

type DraftFaults = ReadonlyMap<FieldName, string>;

export function faultsOf(draft: ProfileDraft, language: Language): DraftFaults {
  const result = checked(COMMANDS['profile.add'], { profile: inputOf(draft) });
  const faults = new Map<FieldName, string>();
  if (result.ok) return faults;
  for (const fault of result.faults) {
    const field = fieldOf(fault.place, draft);
    if (field !== undefined && !faults.has(field.name)) faults.set(field.name, textOf(fault, field.forward, language));
  }
  return faults;
}

/** By the place in the contract's forward. */
const FIELDS: Readonly<Record<string, ForwardField>> = {
  label: 'label',
  families: 'families',
  'external.first': 'outside',
  'external.last': 'outside',
  'internal.first': 'inside',
  'internal.client': 'client',
  lease: 'minutes',
  gateway: 'gateway',
};

function fieldOf(
  place: string,
  { forwards }: ProfileDraft,
): { readonly name: FieldName; readonly forward?: ForwardDraft } | undefined {
  const [, part = '', number = '', ...rest] = place.split('.');
  if (part === 'name') return { name: 'name' };
  if (part === 'opensWhile') {
    return {
      name: number === 'program' || number === 'from' || number === 'to' ? `opensWhile.${number}` : 'opensWhile.days',
    };
  }
  const forward =
    number === '' ? undefined : forwards.flatMap((each) => rangesIn(each).map(() => each))[Number(number)];
  if (forward === undefined) return { name: 'forwards' };
  const at = rest.join('.');
  // Left empty, it is the external port, which is at fault itself.
  if (at === 'internal.first' && forward.inside.trim() === '') return undefined;
  return { name: `${forward.key}.${FIELDS[at] ?? 'outside'}`, forward };
}

function textOf(fault: Fault, forward: ForwardDraft | undefined, language: Language): string {
  const words = editorWords[language].fault;
  const { reason, place } = fault;
  if (reason.code === 'ports-twice') return words.portsTwice(reason.parameters.ports);
  if (place.endsWith('lease')) return words.minutes;
  if (place.endsWith('client')) return words.address;
  if (forward === undefined || !place.includes('.external.')) return fieldText(fault, language);
  const parsed = parsedOutside(forward);
  if (parsed.ok) return /[:/@]/.test(forward.outside) ? words.outside : fieldText(fault, language);
  const { why } = parsed.fault;
  return why === 'range-backwards' || isList(forward) ? portsFaultText(parsed.fault, language) : words.outside;
}
