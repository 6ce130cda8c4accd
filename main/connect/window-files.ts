/** The built window, read once: what is served is what was there then, under the names that it had. */
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

export interface WindowFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** Its name changes with its content. */
  readonly isForEver: boolean;
}

/** By path, as in `/assets/index-a1b2c3d4.js`; the page itself is `/`. */
export type WindowFiles = ReadonlyMap<string, WindowFile>;

/** Built files of other types are for developers. */
export const PAGE_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
/** Browsers request an icon although the page names none. */
const TYPES: typeof PAGE_TYPES = { ...PAGE_TYPES, '.ico': 'image/vnd.microsoft.icon' };

const PAGE = 'index.html';
/** Where the build puts what it names by content. */
const BY_CONTENT = '/assets/';

/** `undefined` when it is not built. */
export async function readWindow(folder: string): Promise<WindowFiles | undefined> {
  const files = new Map<string, WindowFile>();
  for (const file of await filesIn(folder)) {
    const type = TYPES[path.extname(file).toLowerCase()];
    if (type === undefined) continue;
    const bytes = await readFile(file);
    const name = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    files.set(name, { type, bytes, isForEver: name.startsWith(BY_CONTENT) });
  }
  const page = files.get(`/${PAGE}`);
  return page === undefined ? undefined : files.set('/', page);
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}

/**
 * Beside the program: in the folder of the command line that packages have, in `out` of a build, or in a checkout.
 * @param program folder of the running code
 */
export async function findWindow(program: string): Promise<WindowFiles | undefined> {
  for (const place of ['renderer', '../renderer', '../../out/renderer']) {
    const found = await readWindow(path.join(program, place));
    if (found !== undefined) return found;
  }
  return undefined;
}
