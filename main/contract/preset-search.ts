/** Finds presets by what people type. */
import type { Preset } from './presets.ts';

type Place = 'whole' | 'start' | 'start of a word' | 'inside';

/** Lower is better: where a word was found, and how much of the text it is. */
const RANK_IN_NAME: Readonly<Record<Place, number>> = { whole: 0, start: 2, 'start of a word': 4, inside: 7 };
const RANK_IN_ALIAS: Readonly<Record<Place, number>> = { whole: 1, start: 3, 'start of a word': 5, inside: 8 };
const RANK_OF_PORT = 4;
/** Inside a range, or of an extra. */
const RANK_OF_LESSER_PORT = 6;
const RANK_OF_CATEGORY = 9;

const LONGEST_QUERY = 200;

/**
 * Those in which every word of `query` occurs: in the name, the id, an alias, the category, or as a port (`25565`,
 * `25565/tcp`). Case, accents and punctuation do not count. The best come first, equal ones in the order of `presets`;
 * without a word all of them.
 */
export function searchPresets(presets: readonly Preset[], query: string): readonly Preset[] {
  const wanted = query.slice(0, LONGEST_QUERY);
  const whole = squeezed(wanted);
  const words = wanted.split(/\s+/u).filter((word) => squeezed(word) !== '');
  return presets
    .map((preset) => ({ preset, rank: rankOf(preset, words, whole) }))
    .filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
    .map(({ preset }) => preset);
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
  const found = searchPresets(presets, text);
  if (found.length > 0 && squeezed(text) !== '') return found.slice(0, most);
  return presets
    .map((preset) => ({
      preset,
      likeness: Math.max(...[preset.id, preset.name, ...preset.aliases].map((name) => likeness(name, text))),
    }))
    .filter(({ likeness }) => likeness > ALIKE)
    .toSorted((a, b) => b.likeness - a.likeness)
    .slice(0, most)
    .map(({ preset }) => preset);
}

function rankOf(preset: Preset, words: readonly string[], whole: string): number | undefined {
  if (words.length === 0) return 0;
  const together = rankOfText(preset, whole);
  let sum = 0;
  for (const word of words) {
    const ranks = [rankOfText(preset, squeezed(word)), rankOfPort(preset, word)].filter((rank) => rank !== undefined);
    // "counter strike" is written as one word by some, as two by others.
    if (ranks.length === 0) return together;
    sum += Math.min(...ranks);
  }
  const apart = sum / words.length;
  return together === undefined ? apart : Math.min(together, apart);
}

function rankOfText({ name, id, aliases, category }: Preset, word: string): number | undefined {
  const ranks = category === word ? [RANK_OF_CATEGORY] : [];
  for (const text of [name, id, ...aliases]) {
    const found = place(text, word);
    if (found !== undefined) ranks.push((aliases.includes(text) ? RANK_IN_ALIAS : RANK_IN_NAME)[found]);
  }
  return ranks.length === 0 ? undefined : Math.min(...ranks);
}

function place(text: string, word: string): Place | undefined {
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

/** A letter too many, too few or exchanged leaves more than this of a name. */
const ALIKE = 0.5;

/** The share of the pairs of letters that both have (Dice's coefficient), from 0 to 1. */
function likeness(one: string, other: string): number {
  const [a, b] = [pairs(one), pairs(other.slice(0, LONGEST_QUERY))];
  const both = [...a].filter((pair) => b.has(pair)).length;
  return (2 * both) / (a.size + b.size);
}

function pairs(text: string): ReadonlySet<string> {
  // Its ends count, too.
  const letters = ` ${squeezed(text)} `;
  return new Set(Array.from({ length: letters.length - 1 }, (_, at) => letters.slice(at, at + 2)));
}
