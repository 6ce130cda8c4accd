import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES, type Catalogue } from '../../main/contract/words/catalogues.ts';
import { allPresets } from '../../main/engine/profiles/presets.ts';
import { blemishesIn, literalsIn, textsOf, worseIn } from '../support/languages.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** Modules that hold texts in each language: their catalogues are found, not listed. */
const MODULES = globSync(['main/contract/words/*.ts', 'main/desktop/**/*words.ts', 'renderer/**/*words.ts'], {
  cwd: ROOT,
});

const catalogues = new Map<string, Catalogue<object>>();

beforeAll(async () => {
  for (const file of MODULES) {
    const module: unknown = await import(path.join(ROOT, file));
    for (const [name, value] of Object.entries(Object(module))) {
      if (isCatalogue(value)) catalogues.set(name, value);
    }
  }
});

function isCatalogue(value: unknown): value is Catalogue<object> {
  return (
    typeof value === 'object' && value !== null && LANGUAGES.every((each) => each in value) && !Array.isArray(value)
  );
}

test('the catalogues of every view, the tray, the dialogs and the notifications are found', () => {
  expect([...catalogues.keys()]).toEqual(
    expect.arrayContaining(['windowWords', 'trayWords', 'desktopWords', 'notificationWords', 'settingsWords']),
  );
  expect(catalogues.size).toBeGreaterThanOrEqual(11);
});

test('each text stands in both languages', () => {
  for (const [name, { en, de }] of catalogues) {
    const places = (words: object): readonly string[] => [...new Set(textsOf(words, name).map(([place]) => place))];
    expect(places(de)).toEqual(places(en));
  }
});

test('no text that a module keeps to itself has worse words or marks of a typewriter', () => {
  const worse = MODULES.flatMap((file) =>
    literalsIn(readFileSync(path.join(ROOT, file), 'utf8')).flatMap((text) => {
      const found = worseIn(text);
      return found.length === 0 ? [] : [`${file}: ${found.join(', ')} in: ${text}`];
    }),
  );
  expect(worse).toEqual([]);
});

/** Command lines, JSON, options, and what shells and systems want written as they do. */
const OF_MACHINES =
  /^ {2}[a-z-]+ +\{.*|\{.*|\[[^\]]*\]|"[^"]*"|'[^']*'|--[a-z-]+|[A-Z]+\.\.\.|<\w+\.\.\.>|[a-z\d]+(?:-[a-z\d]+)+/g;

test('the help of every command, the README and the pages for people have no worse words', () => {
  // The first is the help, word for word: test/docs/command-line.test.ts.
  const pages = ['command-line', 'headless', 'probe', 'safety', 'window'].map((page) => `docs/${page}.md`);
  const worse = ['README.md', ...pages].flatMap((file) =>
    readFileSync(path.join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => {
        const found = worseIn(line.replaceAll(/`[^`]*`/g, '').replaceAll(OF_MACHINES, '')).filter(isWord);
        return found.length === 0 ? [] : [`${file}:${at + 1}: ${found.join(', ')} in: ${line}`];
      }),
  );
  expect(worse).toEqual([]);
});

test('no text that the command line prints has worse words', () => {
  const worse = globSync('main/cli/**/*.ts', { cwd: ROOT }).flatMap((file) =>
    literalsIn(readFileSync(path.join(ROOT, file), 'utf8'))
      .filter((text) => !text.includes('${'))
      .flatMap((text) => text.split('\n'))
      .flatMap((line) => {
        const found = worseIn(line.replaceAll(OF_MACHINES, '')).filter(isWord);
        return found.length === 0 ? [] : [`${file}: ${found.join(', ')} in: ${line}`];
      }),
  );
  expect(worse).toEqual([]);
});

const isWord = (found: string): boolean => /\p{L}/u.test(found);

describe.each(LANGUAGES)('in %s', (language) => {
  test('no text of a catalogue has worse words, foreign quotation marks or gaps', () => {
    const blemished = [...catalogues].flatMap(([name, words]) =>
      textsOf(words[language], name).flatMap(([place, text]) => {
        const found = blemishesIn(text, language);
        return found.length === 0 ? [] : [`${place}: ${found.join(', ')} in: ${text}`];
      }),
    );
    expect(blemished).toEqual([]);
  });

  test('nor has a preset', () => {
    const blemished = allPresets().flatMap(({ id, name, forwards, note }) =>
      [name, ...forwards.map(({ label }) => label[language]), note?.[language] ?? ''].flatMap((text) => {
        const found = text === name ? (text.match(/["']/g) ?? []) : blemishesIn(text, language);
        return found.length === 0 ? [] : [`${id}: ${found.join(', ')} in: ${text}`];
      }),
    );
    expect(blemished).toEqual([]);
  });
});

test.each([
  ['Outside port', 'en'],
  ['It is tried again by itself.', 'en'],
  ['Open the router’s pages', 'en'],
  ['There is no profile "web".', 'en'],
  ["Don't close it", 'en'],
  ['Open {count} ports', 'en'],
  ['Open undefined ports', 'en'],
  ['Äußerer Port', 'de'],
  ['Das Profil "Web" gibt es nicht.', 'de'],
  ['Das Profil “Web” gibt es nicht.', 'de'],
  ['Wer hineinkommt, steuert Ihr Zuhause.', 'de'],
  ['Close all ports', 'de'],
] as const)('%j would be noticed', (text, language) => {
  expect(blemishesIn(text, language)).not.toEqual([]);
});
