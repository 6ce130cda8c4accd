/** Who may call the app. */

/** Of the window's page, and of nothing else. A scheme of its own: no file and no web page is ever of this origin. */
export const SCHEME = 'portkeeper';
const HOST = 'app';
export const PAGE_URL = `${SCHEME}://${HOST}/`;

export interface Sender {
  /** Of Electron's `WebContents`. */
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
