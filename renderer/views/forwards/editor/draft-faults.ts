/** What is wrong with a draft, at the field, in the person's words. The contract's own schema decides. */
import { clashOf, rangeText } from '../../../../main/contract/claims.ts';
import { checked } from '../../../../main/contract/checked.ts';
import { COMMANDS } from '../../../../main/contract/commands.ts';
import type { Language } from '../../../../main/contract/language.ts';
import { editorWords } from '../../../../main/contract/words/editor.ts';
import type { ForwardDraft, ProfileDraft } from './profile-draft.ts';
import { inputOf, rangeIn } from './profile-draft.ts';

export type ForwardField = 'label' | 'outside' | 'inside' | 'client' | 'families' | 'minutes' | 'gateway';

/** `name`, or a forward's key and field: `3.outside`. */
export type FieldName = 'name' | 'forwards' | `${number}.${ForwardField}`;

export type DraftFaults = ReadonlyMap<FieldName, string>;

export function faultsOf(draft: ProfileDraft, language: Language): DraftFaults {
  const result = checked(COMMANDS['profile.add'], { profile: inputOf(draft) });
  const faults = new Map<FieldName, string>();
  if (result.ok) return faults;
  for (const { place, message } of result.faults) {
    const fault = faultAt(place, message, draft, language);
    if (fault === undefined) continue;
    const [field, text] = fault;
    if (!faults.has(field)) faults.set(field, text);
  }
  return faults;
}

function faultAt(
  place: string,
  message: string,
  draft: ProfileDraft,
  language: Language,
): readonly [FieldName, string] | undefined {
  const words = editorWords[language].fault;
  const [, part = '', number = '', ...rest] = place.split('.');
  if (part === 'name') return ['name', draft.name.trim() === '' ? words.nameMissing : words.nameLong];
  const forward = draft.forwards[Number(number)];
  if (part !== 'forwards' || number === '' || forward === undefined) return ['forwards', words.many];
  const at = rest.join('.');
  // Left empty, it is the outside port, which is at fault itself.
  if (at === 'internal.first' && forward.inside.trim() === '') return undefined;
  const field = FIELDS[at] ?? 'outside';
  return [`${forward.key}.${field}`, textOf(at, forward, draft, language) ?? words.other(message)];
}

/** By the place in the contract's forward. */
const FIELDS: Readonly<Record<string, ForwardField>> = {
  label: 'label',
  families: 'families',
  external: 'outside',
  'external.first': 'outside',
  'external.last': 'outside',
  'internal.first': 'inside',
  'internal.client': 'client',
  lease: 'minutes',
  gateway: 'gateway',
};

function textOf(place: string, forward: ForwardDraft, draft: ProfileDraft, language: Language): string | undefined {
  const words = editorWords[language].fault;
  const { first, last } = rangeIn(forward.outside);
  switch (place) {
    case 'label':
      return words.labelLong;
    case 'families':
      return words.families;
    case 'external.first':
      return words.outside;
    case 'external.last':
      if (!isPortNumber(first) || !isPortNumber(last)) return words.outside;
      return last < first ? words.rangeOrder : words.rangeWide;
    case 'internal.first':
      return isPortNumber(Number(forward.inside)) ? words.insideEnd : words.port;
    case 'internal.client':
      return words.address;
    case 'lease':
      return words.minutes;
    case 'gateway':
      return words.gateway;
    case '':
      return clashText(forward, draft, language);
    default:
      return undefined;
  }
}

const isPortNumber = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= 65_535;

function clashText(forward: ForwardDraft, draft: ProfileDraft, language: Language): string | undefined {
  const before = draft.forwards.slice(0, draft.forwards.indexOf(forward));
  const whole = checked(COMMANDS['profile.add'], { profile: inputOf({ name: 'x', forwards: [forward] }) });
  if (!whole.ok) return undefined;
  for (const other of before) {
    const parsed = checked(COMMANDS['profile.add'], { profile: inputOf({ name: 'x', forwards: [other] }) });
    if (!parsed.ok) continue;
    const clash = clashOf(whole.value.profile.forwards, parsed.value.profile.forwards);
    if (clash !== undefined) return editorWords[language].fault.clashInside(rangeText(clash));
  }
  return undefined;
}
