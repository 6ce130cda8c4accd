/** The catalogue of router quirks is whole: what the code cites is in it, and what it says is shown where it says. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPersonalityName } from '../../main/simulator/personalities/personalities.ts';

const root = path.join(import.meta.dirname, '../..');
const CATALOGUE = 'docs/quirks.md';
const catalogue = readFileSync(path.join(root, CATALOGUE), 'utf8');

/** Quirks by subject; U and M are wishes of users. More digits, or letters right after them, are something else. */
const ID = String.raw`\b[CDEHLMNPUVX][1-9]\d?\b`;
const IDS = String.raw`${ID}(?:(?:, |–)${ID})*`;

/** Comments of TypeScript and CSS: whole lines, ends of lines, and what stands between code. */
const COMMENT = /^\s*(?:\/\/|\/?\*).*|(?<=\s)\/\/\s.*|\/\*.*?\*\//gm;
/** Ids as names of tests and texts of router memory have them: `C8, C11: what happens`, `what happens (%s, C8)`. */
const CITING = new RegExp(String.raw`['"\`](${IDS}): |\((?:[^()'"\`\n]*, )?(${IDS})\)`, 'g');

function citedIn(text: string): readonly string[] {
  const comments = text.match(COMMENT) ?? [];
  const code = text.replaceAll(COMMENT, '');
  const names = [...code.matchAll(CITING)].map(([citation]) => citation);
  return [...comments, ...names].flatMap((part) => part.match(new RegExp(ID, 'g')) ?? []);
}

interface Entry {
  readonly id: string;
  readonly text: string;
}

const quirks: readonly Entry[] = catalogue
  .split(/^(?=#{2,3} )/m)
  .flatMap((text) => text.match(/^### ([A-Z]\d+): \S/)?.[1] ?? [])
  .map((id) => ({ id, text: catalogue.split(`### ${id}: `)[1]?.split(/^#{2,3} /m)[0] ?? '' }));
const wishes = [...catalogue.matchAll(/^- \*\*([UM]\d+):\*\* \S/gm)].map(([, id = '']) => id);
const known = new Set([...quirks.map(({ id }) => id), ...wishes]);

describe('citations', () => {
  test.each([
    ['// X32, and then something (P26)', ['X32', 'P26']],
    ['  value, // L1', ['L1']],
    ['/** What it does (L1–L5, X12).', ['L1', 'L5', 'X12']],
    ["test('C8, C11: the arguments', () => {", ['C8', 'C11']],
    ["['to unicast only (D5)', check],", ['D5']],
    ["it('is refused (%s, C3)', run);", ['C3']],
    ["const url = 'http://192.168.1.1/C2';", []],
    ["model: 'X1', mac: 'A4:B1:C1:01'", []],
    ['<path d="M10 2.8a7.2 7.2 0 0 1 7.2 7.2H3" />', []],
    ['// peer to peer (P2P), X509, UTF-8', []],
  ])('%s', (text, ids) => {
    expect(citedIn(text)).toEqual(ids);
  });
});

test('every id that the code and its tests cite is in the catalogue', () => {
  const files = globSync('{main,preload,renderer,test}/**/*.{ts,tsx,mjs,css}', { cwd: root }).filter(
    (file) => path.join(root, file) !== import.meta.filename,
  );
  const missing = files.flatMap((file) =>
    citedIn(readFileSync(path.join(root, file), 'utf8'))
      .filter((id) => !known.has(id))
      .map((id) => `${id} in ${file}`),
  );
  expect(missing).toEqual([]);
});

/** Entries of each letter that were ever written: none is left out again. */
const WRITTEN: Readonly<Record<string, number>> = { C: 30, D: 26, E: 16, H: 10, L: 22, N: 10, P: 29, V: 11, X: 43 };

test('the entries of each letter are numbered from 1, each once, and none is missing', () => {
  const letters = new Map<string, number[]>();
  for (const { id } of quirks) letters.set(id.charAt(0), [...(letters.get(id.charAt(0)) ?? []), Number(id.slice(1))]);
  expect([...letters.keys()].toSorted().join('')).toBe('CDEHLNPVX');
  for (const [letter, numbers] of letters) {
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
    expect(numbers.length).toBeGreaterThanOrEqual(WRITTEN[letter] ?? 0);
  }
});

test.each(quirks.map((quirk) => [quirk.id, quirk] as const))(
  '%s says what happens, and what shows it',
  (_, { text }) => {
    expect(text).toMatch(/^- (?:Router|Host): \S/m);
    expect(text).toMatch(/^- Portkeeper: \S/m);
    const shownBy = /^- Shown by: ([^]*?)(?=^- |\n\n)/m.exec(text)?.[1] ?? '';
    // Why there is none, and not only that there is none.
    if (shownBy.startsWith('no test: ')) expect(shownBy).not.toMatch(/not handled|yet/);
    else expect(shownBy).toMatch(/`test\/[^`]+\.test\.ts`/);
    const simulated = /^- Simulated as: ([^]*?)(?=^- |\n\n)/m.exec(text)?.[1] ?? '';
    const names = [...simulated.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
    expect(names.filter((name) => !isPersonalityName(name))).toEqual([]);
  },
);

test('every file that it names is there', () => {
  const named = [...catalogue.matchAll(/`((?:test|main)\/[^`\s]+)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
});
