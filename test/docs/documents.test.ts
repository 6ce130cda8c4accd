/** Documents lead to what is there: their links, and the files and folders that they name. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root });

const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('there are some', () => {
  expect(documents).toEqual(expect.arrayContaining(['README.md', 'CONTRIBUTING.md', path.join('docs', 'quirks.md')]));
});

test.each(documents)('%s', (file) => {
  const text = read(file);
  const links = [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
  const dead = links
    .filter((link) => !/^[a-z]+:/.test(link) && !link.startsWith('../../'))
    .filter((link) => {
      const [target = '', anchor] = link.split('#');
      const to = target === '' ? file : path.join(path.dirname(file), target);
      if (!existsSync(path.join(root, to))) return true;
      return anchor !== undefined && !anchorsOf(read(to)).has(anchor);
    });
  expect(dead).toEqual([]);
  // `command-NAME.ts` and the like stand for many.
  const named = [...text.matchAll(/`((?:main|test|renderer|preload|docs|assets|\.ci|\.github)\/[\w./-]+)`/g)]
    .map(([, name = '']) => name)
    .filter((name) => !name.includes('NAME'));
  expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
});
