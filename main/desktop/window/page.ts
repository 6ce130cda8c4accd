/** The built page of the window, as answers to its own scheme; nothing else is ever read. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PAGE_TYPES } from '../../connect/window-files.ts';
import type { ProblemAction } from '../../contract/problem-actions.ts';

/** The page talks to the app over the bridge, and to nobody else. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

export async function answerPage(
  folder: string,
  { method, url }: { readonly method: string; readonly url: string },
): Promise<Response> {
  if (method !== 'GET') return new Response(null, { status: 405, headers: HEADERS });
  const name = isOurUrl(url) ? fileNameOf(new URL(url).pathname) : undefined;
  const type = name === undefined ? undefined : PAGE_TYPES[path.posix.extname(name)];
  if (name === undefined || type === undefined) return new Response(null, { status: 404, headers: HEADERS });
  try {
    const bytes = await readFile(path.join(folder, ...name.split('/')));
    return new Response(new Uint8Array(bytes), { headers: { ...HEADERS, 'Content-Type': type } });
  } catch {
    return new Response(null, { status: 404, headers: HEADERS });
  }
}

/** Plain names only, none of which leads out of the folder or is hidden. */
function fileNameOf(pathname: string): string | undefined {
  if (pathname === '/') return 'index.html';
  return /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.@-]*)+$/.test(pathname) ? pathname.slice(1) : undefined;
}

/** The start, or what an action is about. */
export function pageAddress(action?: ProblemAction): string {
  return `${PAGE_URL}${action === undefined ? '' : fragmentOf(action)}`;
}

function fragmentOf(action: ProblemAction): string {
  switch (action.do) {
    case 'show-router':
      return fragment('router', action.gateway === undefined ? {} : { gateway: action.gateway });
    case 'close-theirs':
      return fragment('router', { gateway: action.entries[0].gateway });
    case 'edit-forward':
      return fragment('forwards', { edit: action.forward, field: action.field });
    case 'check':
      return fragment('check', { checks: action.checks.join(',') });
    case 'show-settings':
      return fragment('settings', { section: action.section });
    case 'command':
    case 'open-router-pages':
      return '';
  }
}

function fragment(view: string, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** Origins that may call the app. */

/** Scheme of the window's page alone: no file and no web page is ever of this origin. */
export const SCHEME = 'portkeeper';
const HOST = 'app';
export const PAGE_URL = `${SCHEME}://${HOST}/`;

export interface Sender {
  /** Id of Electron's `WebContents`. */
  readonly contents: number;
  /** `undefined` when it is gone already. */
  readonly frame: { readonly url: string; readonly isMain: boolean } | undefined;
}

export function isOurUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return protocol === `${SCHEME}:` && host === HOST;
}

/** Made by the page itself. */
export const isOwnBlob = (url: string): boolean => url.startsWith('blob:') && isOurUrl(url.slice('blob:'.length));

/** The page in the main frame of one of our windows. */
export function isOurPage({ contents, frame }: Sender, ours: ReadonlySet<number>): boolean {
  return ours.has(contents) && frame !== undefined && frame.isMain && isOurUrl(frame.url);
}
