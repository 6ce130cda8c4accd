/** Ports that well-known programs need, as `assets/presets.json` lists them. */
import * as v from 'valibot';
import type { IpAddress } from '../address.ts';
import { asForwardId, type Forward, type PortRange } from '../model.ts';
import { TransportSchema } from '../checked.ts';
import type { Language } from '../words/catalogues.ts';
import { isPort, port, type Port } from '../units.ts';

/** Every port is a mapping of its own: more than this no router takes gladly. */
const MOST_PORTS_OF_A_RANGE = 100;

const wordsSchema = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(300));
/** Texts of the data, in each language of the catalogue. */
const textSchema = v.strictObject({ en: wordsSchema, de: wordsSchema });
const portSchema: v.GenericSchema<Port> = v.custom<Port>(isPort, 'must be a port from 1 to 65535');

/** Written as one port, or as the first and the last of a range. */
const rangeSchema = v.pipe(
  v.union([portSchema, v.strictTuple([portSchema, portSchema])], 'must be a port, or the first and last of a range'),
  v.transform((ports): PortRange => {
    const [first, last] = typeof ports === 'number' ? [ports, ports] : ports;
    return { first, last };
  }),
  v.check(({ first, last }) => first <= last, 'the range ends before it begins'),
  v.check(({ first, last }) => last - first < MOST_PORTS_OF_A_RANGE, `more than ${MOST_PORTS_OF_A_RANGE} ports`),
);

const forwardSchema = v.pipe(
  v.strictObject({
    /** Purpose of these ports, such as "Game". */
    label: textSchema,
    transports: v.pipe(
      v.array(TransportSchema),
      v.nonEmpty(),
      v.check((transports) => new Set(transports).size === transports.length, 'a transport occurs twice'),
    ),
    external: rangeSchema,
    /** The first one; as outside when absent. */
    internal: v.optional(portSchema),
    /** Without it the program cannot be reached; otherwise it serves an extra. */
    required: v.boolean(),
  }),
  v.check(
    ({ external, internal = external.first }) => isPort(internal + external.last - external.first),
    'the inside range ends above 65535',
  ),
  v.transform(({ internal, ...rest }) => ({
    ...rest,
    internal: { first: internal ?? rest.external.first },
  })),
);

export type PresetForward = Readonly<v.InferOutput<typeof forwardSchema>>;

const presetSchema = v.strictObject({
  /** Kebab-case, unique, stable: people type it, and profiles may keep it. */
  id: v.pipe(v.string(), v.regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be in kebab-case')),
  /** A product's own, or a plain description in English. */
  name: wordsSchema,
  /** Such a description in other languages. */
  names: v.exactOptional(v.strictObject({ de: wordsSchema })),
  category: v.picklist(['game', 'media', 'remote', 'voice', 'p2p', 'server', 'home']),
  /** Other words that people search for. */
  aliases: v.array(wordsSchema),
  forwards: v.pipe(
    v.array(forwardSchema),
    v.check((forwards) => forwards.some(({ required }) => required), 'no forward is required'),
    v.check((forwards) => repeatedPort(forwards) === undefined, 'a port occurs twice'),
  ),
  /** Advice to read before it is opened. */
  note: v.exactOptional(textSchema),
  /** Among the most used, which are shown first where nothing is searched for; 1 is the first of them. */
  popular: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** Where the figures come from. */
  source: v.strictObject({
    name: wordsSchema,
    url: v.pipe(v.string(), v.url(), v.startsWith('https://')),
    /** When they were read there, such as `2026-11-29`. */
    read: v.pipe(v.string(), v.isoDate()),
  }),
});

export type Preset = Readonly<v.InferOutput<typeof presetSchema>>;
/** Found by its name in any language. */
function named(preset: v.InferOutput<typeof presetSchema>): Preset {
  const { names, aliases } = preset;
  if (names === undefined || aliases.some((alias) => plain(alias) === plain(names.de))) return preset;
  return { ...preset, aliases: [...aliases, names.de] };
}

/** With the name that it has in this language; those in others find it, too. */
export function presetIn(preset: Preset, language: Language): Preset {
  const { name, names, aliases } = preset;
  if (language === 'en' || names === undefined) return preset;
  return { ...preset, name: names[language], aliases: [...aliases, name] };
}

export type PresetCategory = Preset['category'];

const presetsSchema = v.pipe(
  v.array(presetSchema),
  v.check((presets) => new Set(presets.map(({ id }) => id)).size === presets.length, 'an id occurs twice'),
);

/** @throws Error naming the place and the reason when it is no list of presets */
export function parsePresets(document: unknown): readonly Preset[] {
  const result = v.safeParse(presetsSchema, document);
  if (result.success) return result.output.map(named);
  const [issue] = result.issues;
  throw new Error(`presets: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

/** A profile has its labels in the language in which it was added: those that came from a preset, by either text. */
export function labelsOf(presets: readonly Preset[]): ReadonlyMap<string, PresetForward['label']> {
  const all = presets.flatMap(({ forwards }) => forwards.map(({ label }) => label));
  // The first preset's is the one that counts.
  return new Map(all.toReversed().flatMap((label) => [[label.de, label] as const, [label.en, label] as const]));
}

function repeatedPort(forwards: readonly Pick<PresetForward, 'transports' | 'external'>[]): string | undefined {
  const seen = new Set<string>();
  for (const { transports, external } of forwards) {
    for (const transport of transports) {
      for (let number: number = external.first; number <= external.last; number++) {
        const key = `${number}/${transport}`;
        if (seen.has(key)) return key;
        seen.add(key);
      }
    }
  }
  return undefined;
}

/** How a preset becomes forwards. */
export interface PresetUse extends Pick<Forward, 'families' | 'ifTaken' | 'lease' | 'gateway' | 'interfaceName'> {
  /** `all` includes ports for extras. Absent: only required ones. */
  readonly which?: 'required' | 'all';
  /** In place of the preset's name in the router's list. */
  readonly label?: string;
  /** Another host of the LAN; absent for this machine. */
  readonly client?: IpAddress;
}

/** Their ids are the preset's, followed by the opened port: `minecraft:25565/tcp`. */
export function forwardsOfPreset(preset: Preset, use: PresetUse): readonly Forward[] {
  const { which = 'required', label = preset.name, client, ...rest } = use;
  return preset.forwards
    .filter(({ required }) => required || which === 'all')
    .map(({ transports, external, internal }) => ({
      ...rest,
      id: asForwardId(`${preset.id}:${portsText({ transports, external })}`),
      label,
      transports,
      external,
      internal: client === undefined ? internal : { ...internal, client },
    }));
}

/** `25565/tcp`, `27015-27020/udp`, `7777/tcp+udp`: as people may type it, too. */
export function portsText({ transports, external }: Pick<Forward, 'transports' | 'external'>): string {
  const { first, last } = external;
  return `${first === last ? port(first) : `${first}-${last}`}/${transports.join('+')}`;
}

type MatchPosition = 'whole' | 'start' | 'start of a word' | 'inside';

/** Lower is better: where a word was found, and how much of the text it is. */
const RANK_IN_NAME: Readonly<Record<MatchPosition, number>> = { whole: 0, start: 2, 'start of a word': 4, inside: 7 };
const RANK_IN_ALIAS: Readonly<Record<MatchPosition, number>> = { whole: 1, start: 3, 'start of a word': 5, inside: 8 };
const RANK_OF_PORT = 4;
/** Inside a range, or of an extra. */
const RANK_OF_LESSER_PORT = 6;
/** A search that names a category means all of it, more than what only begins like it. */
const RANK_OF_CATEGORY = 1.5;

/** People's words for a category, in any language, each one word. */
const CATEGORY_WORDS: Readonly<Record<PresetCategory, readonly string[]>> = {
  game: ['game', 'games', 'gaming', 'gameserver', 'spiel', 'spiele', 'spieleserver'],
  media: ['media', 'mediaserver', 'medien', 'medienserver', 'streaming'],
  remote: ['remote', 'remoteaccess', 'remotecontrol', 'fernzugriff', 'fernwartung', 'fernsteuerung'],
  voice: ['voice', 'voicechat', 'chat', 'sprache', 'sprachchat'],
  p2p: ['p2p', 'peertopeer', 'filesharing', 'tauschborse'],
  server: ['server', 'homeserver', 'heimserver'],
  home: ['home', 'smarthome', 'homeautomation', 'hausautomation'],
};

/** Said beside a name, they leave nobody out: "minecraft server", "ports für valheim". */
const FILLERS: ReadonlySet<string> = new Set(
  'dedicated for forward forwarding freigabe fur game host hosting open offnen port portfreigabe ports server the und'.split(
    ' ',
  ),
);

const LONGEST_QUERY = 200;

/**
 * Those in which every word of `query` occurs: in the name, the id, an alias, as the category in any language, or as a port (`25565`,
 * `25565/tcp`). Case, accents, punctuation and {@link FILLERS} beside other words do not count. The best come first,
 * equal ones in the order of `presets`; without a word all of them. What is called exactly so keeps away what has the
 * word somewhere inside another: "tor" is no part of "history".
 */
export function searchPresets(presets: readonly Preset[], query: string): readonly Preset[] {
  const wanted = query.slice(0, LONGEST_QUERY);
  const whole = squeezed(wanted);
  const words = wanted.split(/\s+/u).filter((word) => squeezed(word) !== '');
  const ranked = presets
    .map((preset) => ({ preset, rank: rankOf(preset, words, whole) }))
    .filter((each): each is { preset: Preset; rank: number } => each.rank !== undefined)
    .toSorted((a, b) => a.rank - b.rank);
  const isNamed = words.length === 1 && (ranked[0]?.rank ?? Infinity) <= RANK_OF_CATEGORY;
  return ranked.filter(({ rank }) => !isNamed || rank < RANK_IN_NAME.inside).map(({ preset }) => preset);
}

/** The most used, the first of them first. */
export function popularPresets(presets: readonly Preset[]): readonly Preset[] {
  return presets.filter(({ popular }) => popular !== undefined).toSorted((a, b) => (a.popular ?? 0) - (b.popular ?? 0));
}

/** The one that `text` names: its id, or else the only one with this name or alias. */
export function findPreset(presets: readonly Preset[], text: string): Preset | undefined {
  const name = squeezed(text);
  if (name === '') return undefined;
  const byId = presets.find(({ id }) => squeezed(id) === name);
  if (byId !== undefined) return byId;
  const [found, ...others] = presets.filter((preset) =>
    [preset.name, ...preset.aliases].some((word) => squeezed(word) === name),
  );
  return others.length === 0 ? found : undefined;
}

/** Like a name that no preset has: what a search finds, or else what is spelt alike; at most `most`. */
export function nearPresets(presets: readonly Preset[], text: string, most: number): readonly Preset[] {
  const typed = squeezed(text.slice(0, LONGEST_QUERY));
  const found = searchPresets(presets, text);
  if (found.length > 0 && typed !== '') return found.slice(0, most);
  const allowed = Math.min(3, Math.floor(typed.length / 4));
  if (allowed === 0) return [];
  return presets
    .map((preset) => ({ preset, typos: Math.min(...spellings(preset).map((name) => typosIn(typed, name, allowed))) }))
    .filter(({ typos }) => typos <= allowed)
    .toSorted((a, b) => a.typos - b.typos)
    .slice(0, most)
    .map(({ preset }) => preset);
}

/** Names and long words of names that somebody may have meant to type. */
function spellings({ id, name, aliases }: Preset): readonly string[] {
  const words = plain(name)
    .split(' ')
    .filter((word) => word.length >= 5);
  return [...[id, name, ...aliases].map(squeezed), ...words];
}

function rankOf(preset: Preset, words: readonly string[], whole: string): number | undefined {
  if (words.length === 0) return 0;
  const together = rankOfText(preset, whole);
  const counted: number[] = [];
  for (const word of words) {
    const ranks = [rankOfText(preset, squeezed(word)), rankOfPort(preset, word)].filter((rank) => rank !== undefined);
    if (ranks.length > 0) counted.push(Math.min(...ranks));
    // "counter strike" is written as one word by some, as two by others.
    else if (!FILLERS.has(squeezed(word))) return together;
  }
  if (counted.length === 0) return together;
  const apart = counted.reduce((sum, rank) => sum + rank) / counted.length;
  return together === undefined ? apart : Math.min(together, apart);
}

function rankOfText({ name, id, aliases, category }: Preset, word: string): number | undefined {
  const ranks = CATEGORY_WORDS[category].includes(word) ? [RANK_OF_CATEGORY] : [];
  for (const text of [name, id, ...aliases]) {
    const found = place(text, word);
    if (found !== undefined) ranks.push((aliases.includes(text) ? RANK_IN_ALIAS : RANK_IN_NAME)[found]);
  }
  return ranks.length === 0 ? undefined : Math.min(...ranks);
}

function place(text: string, word: string): MatchPosition | undefined {
  const all = squeezed(text);
  const at = all.indexOf(word);
  if (at < 0) return undefined;
  if (at === 0) return all === word ? 'whole' : 'start';
  const words = plain(text).split(' ');
  // Typed as one word, it may be the beginning of two: "strike2" of "Counter-Strike 2".
  const begins = words.some((_, first) => words.slice(first).join('').startsWith(word));
  return begins ? 'start of a word' : 'inside';
}

function rankOfPort({ forwards }: Preset, word: string): number | undefined {
  const { number, protocol } = /^(?<number>\d{1,5})(?:\/(?<protocol>tcp|udp))?$/i.exec(word)?.groups ?? {};
  if (number === undefined) return undefined;
  const wanted = Number(number);
  const fits = forwards.filter(
    ({ transports, external }) =>
      external.first <= wanted &&
      wanted <= external.last &&
      (protocol === undefined || transports.some((transport) => transport === protocol.toLowerCase())),
  );
  if (fits.length === 0) return undefined;
  return fits.some(({ external, required }) => required && external.first === wanted)
    ? RANK_OF_PORT
    : RANK_OF_LESSER_PORT;
}

/** Lower case, without accents, words of letters and digits with one space between them. */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}|['’]/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const squeezed = (text: string): string => plain(text).replaceAll(' ', '');

/** Letters to add, leave out, change or exchange with their neighbour until `one` is `other`; more than `most` is `most + 1`. */
function typosIn(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let [before, last]: number[][] = [[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const changed = (last?.[j - 1] ?? 0) + (isSame ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwapped ? (before?.[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(changed, (last?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, swapped));
    }
    [before, last] = [last, row];
  }
  return last?.[other.length] ?? most + 1;
}
