import type { Catalogue, Language } from '../../main/contract/words/catalogues.ts';

/** Common English words that no German text has. */
const ENGLISH =
  /\b(?:the|this|that|these|your|you|it|its|and|or|not|no|is|are|was|were|be|been|has|have|had|does|do|did|of|from|with|without|for|on|open|opened|close|closed|could|cannot|can|may|must|only|other|another|nothing|again|until|by|to|at|there|here|but|than|what|who|why|where|when|all|any|each|one|none|if|they|them|will|would|as|router's|forward|forwards|address|network|settings|computer's)\b/giu;
/** Names, and words that are German too. */
const BOTH = new Set(['was', 'an', 'in', 'so', 'port', 'ports', 'router', 'computer', 'modem', 'software']);

/** English words in a German text; quotations, paths, URLs and what stands in „…“ may be in any language. */
function englishIn(text: string): readonly string[] {
  const plain = text.replaceAll(/„[^“]*“/g, '').replaceAll(/\S*[/\\]\S*|\S*:[\da-f]*:\S*/g, '');
  return (plain.match(ENGLISH) ?? []).filter((word) => !BOTH.has(word.toLowerCase()));
}

/** Portkeeper has better words for these: external port, public IP address, forwards to, reported, again, automatically,
 * quit, fix, the router's settings page, keep open. */
const WORSE: Catalogue<RegExp> = {
  en: /\b(?:outside (?:port|address)|inside (?:port|range)|internet address|address on the internet|leads? to|told|tells?|anew|once more|by (?:itself|themselves)|Portkeeper (?:ends|ended)|end it|mend(?:s|ed)?|(?:its|router’s)(?: own)? pages|read again|without a preset|holds?|held|(?<!default )gateway)\b/giu,
  de: /(?:[Ää]ußere[nrs]? Port|[Ii]nnere[nrs]? Port|Internetadresse|Oberfläche des Routers|(?<!\p{L})(?:[Vv]on selbst|[Ff]ührt (?:innen )?zu|endet Portkeeper|Portkeeper endet|Gateway|Sie können)(?!\p{L})|(?<=[\p{Ll},] )Ihr(?:e[mnrs]?)?(?= ))/gu,
};

/** Quotation marks of the other language, of a typewriter, three dots for an ellipsis. */
const MARKS: Catalogue<RegExp> = { en: /["'„]|\.\.\./gu, de: /["'”’]|\.\.\./gu };

/** Names as their owners write them, commands, and examples of files, which have the marks of files. */
const VERBATIM =
  /\[ \{ "port": 25565, … \} \]|\{ "port": 25565, "protocol": "TCP", … \}|"Test 1"|Don’t Starve|Garry’s Mod|Peer-to-Peer|portkeeper [a-z]+(?: oder [a-z]+)?|\{(?:port|transport)\}/gu;

/** Leftovers where a parameter should be. */
const GAPS = /\$?\{\w*\}|undefined|null|NaN|\[object|\[native code\]| {3}/gu;

/** Words that no text of this language should have; none as a rule. */
export function blemishesIn(text: string, language: Language): readonly string[] {
  const own = text.replaceAll(VERBATIM, '');
  const found = [WORSE[language], MARKS[language], GAPS].flatMap((pattern) => own.match(pattern) ?? []);
  return language === 'de' ? [...found, ...englishIn(own)] : found;
}

/** The same of a text in whichever language. */
export function worseIn(text: string): readonly string[] {
  const own = text.replaceAll(VERBATIM, '');
  return [WORSE.en, WORSE.de, /["']|\.\.\./gu].flatMap((pattern) => own.match(pattern) ?? []);
}

/** The texts of a module, without its keys and paths: literals with a blank in them. */
export function literalsIn(source: string): readonly string[] {
  const code = source.replaceAll(/\/\*.*?\*\/|(?<!:)\/\/.*?$/gms, '');
  const quoted = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'/g)].map(([, text]) => text ?? '');
  let outside = code;
  while (/\$\{[^{}]*\}/.test(outside)) outside = outside.replaceAll(/\$\{[^{}]*\}/g, '7');
  const templates = [...outside.matchAll(/`([^`]*)`/g)].map(([, text]) => text ?? '');
  return [...quoted, ...templates].filter((text) => /\S \S/.test(text));
}

/** Stands for any value: printed, compared, called or looped over. */
const ANYTHING: unknown = new Proxy(() => undefined, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return () => '7';
    if (key === Symbol.iterator) return [][Symbol.iterator];
    return ANYTHING;
  },
  apply: () => ANYTHING,
});

/** Every text of a catalogue, with its place there. Functions are called with numbers around one, and with what stands
 * for anything; a text that has gaps with all of them has them still. */
export function textsOf(words: unknown, place = ''): readonly (readonly [place: string, text: string])[] {
  if (typeof words === 'string') return [[place, words]];
  if (typeof words === 'object' && words !== null)
    return Object.entries(words).flatMap(([key, each]) => textsOf(each, place === '' ? key : `${place}.${key}`));
  if (!isFunction(words)) return [];
  // One text is chosen by the name of a unit.
  const said = [ANYTHING, 0, 1, 2].flatMap((value) => [
    called(words, value, value, value),
    called(words, value, 'hours'),
  ]);
  const whole = said.filter((text) => text !== undefined && !/undefined|NaN/.test(text));
  return (whole.length === 0 ? said : whole).map((text) => [place, text ?? 'undefined'] as const);
}

type Text = (...values: readonly unknown[]) => unknown;

const isFunction = (words: unknown): words is Text => typeof words === 'function';

function called(words: Text, ...values: readonly unknown[]): string | undefined {
  try {
    const said = words(...values);
    return typeof said === 'string' ? said : Object.values(said as object).join(' ');
  } catch {
    return undefined;
  }
}
