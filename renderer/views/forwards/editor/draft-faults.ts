/** What is wrong with a draft, at the field, in the person's words. The contract's own schema decides. */
import type { Fault } from '../../../../main/contract/checked.ts';
import { checked } from '../../../../main/contract/checked.ts';
import { COMMANDS } from '../../../../main/contract/commands.ts';
import type { Language } from '../../../../main/contract/language.ts';
import { isPort } from '../../../../main/contract/units.ts';
import { editorWords } from './words.ts';
import { fieldText } from '../../../../main/contract/words/faults.ts';
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
  for (const fault of result.faults) {
    const field = fieldOf(fault.place, draft);
    if (field !== undefined && !faults.has(field.name)) faults.set(field.name, textOf(fault, field.forward, language));
  }
  return faults;
}

interface FieldAtFault {
  readonly name: FieldName;
  readonly forward?: ForwardDraft;
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

function fieldOf(place: string, { forwards }: ProfileDraft): FieldAtFault | undefined {
  const [, part = '', number = '', ...rest] = place.split('.');
  if (part === 'name') return { name: 'name' };
  const forward = number === '' ? undefined : forwards[Number(number)];
  if (forward === undefined) return { name: 'forwards' };
  const at = rest.join('.');
  // Left empty, it is the outside port, which is at fault itself.
  if (at === 'internal.first' && forward.inside.trim() === '') return undefined;
  return { name: `${forward.key}.${FIELDS[at] ?? 'outside'}`, forward };
}

function textOf(fault: Fault, forward: ForwardDraft | undefined, language: Language): string {
  const words = editorWords[language].fault;
  const { reason, place } = fault;
  if (reason.code === 'ports-twice') return words.portsTwice(reason.parameters.ports);
  if (place.endsWith('lease')) return words.minutes;
  if (place.endsWith('client')) return words.address;
  // What is typed there is a range, too, and may be neither.
  const range = forward === undefined ? undefined : rangeIn(forward.outside);
  if (place.includes('.external.') && !(isPort(range?.first) && isPort(range?.last))) return words.outside;
  return fieldText(fault, language);
}
