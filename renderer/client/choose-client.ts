/** How this window reaches Portkeeper: through the bridge where there is one, over HTTP otherwise. */
import { BRIDGE, TOKEN_PARAMETER, type Bridge } from '../../main/contract/window-protocol.ts';
import { Attention } from './attention.ts';
import { BridgeClient } from './bridge-client.ts';
import { HttpClient } from './http-client.ts';
import type { WindowClient } from './window-client.ts';

/** In the tab's own memory: a reload has it, another tab does not. */
const KEPT = 'portkeeper-token';

type Page = Pick<Window, 'location' | 'history' | 'sessionStorage' | 'addEventListener' | 'document'> & {
  readonly [BRIDGE]?: Bridge;
};

export function chooseClient(page: Page): WindowClient {
  const bridge = page[BRIDGE];
  if (bridge !== undefined) return new BridgeClient(bridge);
  takeToken(page);
  // Another address of the same window, put into this tab, is no other page for the browser.
  page.addEventListener('hashchange', () => {
    if (takeToken(page)) page.location.reload();
  });
  // Without a token Portkeeper refuses, and the window says how to come by one.
  const token = page.sessionStorage.getItem(KEPT) ?? '';
  return new HttpClient({ origin: page.location.origin, token, attention: new Attention(page.document) });
}

/** Out of the address bar: whoever gets the address copied, or looks over a shoulder, does not have it.
 * `false` when there is none. */
function takeToken({ location, history, sessionStorage }: Page): boolean {
  const given = new URLSearchParams(location.hash.slice(1)).get(TOKEN_PARAMETER);
  if (given === null) return false;
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, '', location.pathname + location.search);
  return true;
}
