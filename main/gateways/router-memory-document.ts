/** Router memory as JSON. What is read is not trusted: each field is checked, a bad entry is dropped and the rest kept. */
import { parseIp } from '../contract/address.ts';
import type { RouterTraits } from '../contract/mapping.ts';
import { isTraitName, traitChoices, type TraitName } from '../contract/trait-choices.ts';
import { epochMs, type EpochMs } from '../contract/units.ts';
import type { RememberedControl, RememberedService } from './gateway.ts';

export interface TraitNote {
  readonly value: RouterTraits[TraitName];
  readonly why: string;
  readonly learntAt: EpochMs;
}

export type RouterNotes = ReadonlyMap<TraitName, TraitNote>;

export interface NetworkNotes {
  readonly seenAt: EpochMs;
  readonly controls: readonly RememberedControl[];
}

export interface Memory {
  readonly routers: Map<string, RouterNotes>;
  readonly networks: Map<string, NetworkNotes>;
}

type Fields = Readonly<Record<string, unknown>>;

const VERSION = 1;
const MOST_ENTRIES = 1000;
const LONGEST_TEXT = 400;
/** No router has been seen with longer URLs than a few hundred characters. */
const LONGEST_URL = 2048;
const MOST_ACTIONS = 256;

export function memoryToJson(memory: Memory): unknown {
  return {
    version: VERSION,
    routers: [...memory.routers].map(([fingerprint, notes]) => ({ fingerprint, traits: Object.fromEntries(notes) })),
    networks: [...memory.networks].map(([key, { seenAt, controls }]) => ({ key, seenAt, controls })),
  };
}

/** `dropped` counts the entries that made no sense. Nothing stored is an empty memory. */
export function memoryFrom(document: unknown): { readonly memory: Memory; readonly dropped: number } {
  const memory: Memory = { routers: new Map(), networks: new Map() };
  if (document === undefined) return { memory, dropped: 0 };
  if (!isFields(document) || document['version'] !== VERSION) return { memory, dropped: 1 };
  let dropped = 0;
  for (const entry of listOf(document['routers'])) {
    const fingerprint = isFields(entry) ? textOf(entry['fingerprint']) : undefined;
    const stored = isFields(entry) ? entry['traits'] : undefined;
    if (fingerprint === undefined || !isFields(stored)) {
      dropped += 1;
      continue;
    }
    const notes = Object.entries(stored).flatMap(([name, note]) => noteFrom(name, note));
    dropped += Object.keys(stored).length - notes.length;
    if (notes.length > 0) memory.routers.set(fingerprint, new Map(notes));
  }
  for (const entry of listOf(document['networks'])) {
    const key = isFields(entry) ? textOf(entry['key']) : undefined;
    const seenAt = isFields(entry) ? momentOf(entry['seenAt']) : undefined;
    if (!isFields(entry) || key === undefined || seenAt === undefined) {
      dropped += 1;
      continue;
    }
    const stored = listOf(entry['controls']);
    const controls = stored.map(controlFrom).filter((control) => control !== undefined);
    dropped += stored.length - controls.length;
    if (controls.length > 0) memory.networks.set(key, { seenAt, controls });
  }
  return { memory, dropped };
}

/** Traits of which every field has been checked; what makes no sense is left out. */
export function traitsFrom(fields: Fields): RouterTraits {
  return Object.assign({}, ...Object.entries(fields).map(([name, value]) => traitFrom(name, value) ?? {}));
}

/** One trait as a person writes it, in JSON; nothing is left out of it. `undefined` when the trait cannot have the value. */
export function traitFromText(name: TraitName, json: string): RouterTraits | undefined {
  const value = jsonFrom(json);
  const traits = traitFrom(name, value);
  return traits !== undefined && sameFields(traits[name], value) ? traits : undefined;
}

function sameFields(read: unknown, given: unknown): boolean {
  if (!isFields(read) || !isFields(given)) return read === given;
  const names = Object.keys(given);
  // An object that says nothing is no form of requests.
  return names.length > 0 && names.every((name) => read[name] === given[name]);
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A traits object as name and value pairs, absent members left out. */
export function traitEntries(traits: RouterTraits): readonly (readonly [TraitName, RouterTraits[TraitName]])[] {
  return Object.entries(traits).flatMap(([name, value]) =>
    isTraitName(name) && value !== undefined ? [[name, value] as const] : [],
  );
}

/** One trait, checked by what {@link traitChoices} allows; of the parts of one, those that make sense. */
function traitFrom(name: string, value: unknown): RouterTraits | undefined {
  const choices = traitChoices(name);
  switch (choices?.kind) {
    case 'one-of':
      return choices.values.includes(JSON.stringify(value)) ? { [name]: value } : undefined;
    case 'number':
      return isWhole(value, choices.least, choices.most) ? { [name]: value } : undefined;
    case 'parts': {
      if (!isFields(value)) return undefined;
      const isPart = ([part, wanted]: readonly [string, string | undefined]): boolean =>
        wanted === undefined ? textOf(value[part]) !== undefined : value[part] === wanted;
      const parts = Object.entries(choices.parts).filter(isPart);
      return { [name]: Object.fromEntries(parts.map(([part]) => [part, value[part]])) };
    }
    case undefined:
      return undefined;
  }
}

function noteFrom(name: string, note: unknown): readonly (readonly [TraitName, TraitNote])[] {
  if (!isFields(note)) return [];
  const why = textOf(note['why']);
  const learntAt = momentOf(note['learntAt']);
  const [entry] = traitEntries(traitFrom(name, note['value']) ?? {});
  if (why === undefined || learntAt === undefined || entry === undefined) return [];
  return [[entry[0], { value: entry[1], why, learntAt }]];
}

const KINDS = ['pcp', 'nat-pmp', 'igd', 'pinhole'] as const satisfies readonly RememberedControl['kind'][];

function controlFrom(entry: unknown): RememberedControl | undefined {
  if (!isFields(entry)) return undefined;
  const kind = KINDS.find((known) => known === entry['kind']);
  const interfaceName = textOf(entry['interfaceName']);
  const address = parseIp(textOf(entry['address']) ?? '');
  const location = urlOf(entry['location']);
  const service = entry['service'] === undefined ? undefined : serviceFrom(entry['service']);
  const common = entry['common'] === undefined ? undefined : serviceFrom(entry['common']);
  if (kind === undefined || interfaceName === undefined || address === undefined) return undefined;
  if (common === 'bad') return undefined;
  if ((entry['location'] !== undefined && location === undefined) || service === 'bad') return undefined;
  return { kind, interfaceName, address, location, service, common };
}

function serviceFrom(value: unknown): RememberedService | 'bad' {
  if (!isFields(value)) return 'bad';
  const type = textOf(value['type']);
  const controlUrl = urlOf(value['controlUrl']);
  const alternativeUrl = urlOf(value['alternativeUrl']);
  const eventUrl = urlOf(value['eventUrl']);
  const scpdUrl = urlOf(value['scpdUrl']);
  const name = textOf(value['name']);
  const model = textOf(value['model']);
  const actions = listOf(value['actions']).filter((action) => typeof action === 'string');
  if (type === undefined || controlUrl === undefined || name === undefined || model === undefined) return 'bad';
  if (!Array.isArray(value['actions']) || actions.length > MOST_ACTIONS) return 'bad';
  return { type, controlUrl, alternativeUrl, eventUrl, scpdUrl, actions, name, model };
}

/** Drops those seen longest ago. */
export function forgetOldest<Entry>(entries: Map<string, Entry>, most: number, seen: (entry: Entry) => number): void {
  if (entries.size <= most) return;
  const oldestFirst = [...entries].toSorted(([, one], [, other]) => seen(one) - seen(other));
  for (const [key] of oldestFirst.slice(0, entries.size - most)) entries.delete(key);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MOST_ENTRIES) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TEXT ? value : undefined;
}

function urlOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_URL && value.startsWith('http://') ? value : undefined;
}

function momentOf(value: unknown): EpochMs | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? epochMs(value) : undefined;
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}
