/** What the window's page may do beyond showing itself: put text on the clipboard. */
import { isOurUrl } from './sender-check.ts';

const ALLOWED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** @param page whoever asks: a URL, or an origin */
export function isPermitted(permission: string, page: string): boolean {
  return ALLOWED.has(permission) && isOurUrl(page);
}
