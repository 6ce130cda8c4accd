/** The current view: `#/forwards`, `#/settings?section=router`; and the way back. Others (`#token=…`) are not ours. */
import { useEffect, useRef, useState } from 'preact/hooks';

export const VIEWS = ['forwards', 'presets', 'router', 'activity', 'check', 'settings'] as const;
export type ViewName = (typeof VIEWS)[number];

export type RouteParameters = Readonly<Record<string, string>>;

export interface Route {
  readonly view: ViewName;
  /** The parameters; untrusted: anybody can write an address. */
  readonly parameters: RouteParameters;
}

export function routeOf(hash: string): Route {
  const [path, query = ''] = hash.split('?', 2);
  const view = VIEWS.find((name) => path === `#/${name}`);
  return view === undefined
    ? { view: 'forwards', parameters: {} }
    : { view, parameters: Object.fromEntries(new URLSearchParams(query)) };
}

export function hrefOf(view: ViewName, parameters: RouteParameters = {}): string {
  const query = new URLSearchParams(parameters).toString();
  return query === '' ? `#/${view}` : `#/${view}?${query}`;
}

export function go(view: ViewName, parameters: RouteParameters = {}): void {
  onceBack(() => {
    location.hash = hrefOf(view, parameters);
  });
}

/** The parameters have been seen to: a reload does not repeat them. */
export function forgetParameters(): void {
  const { view, parameters } = routeOf(location.hash);
  if (Object.keys(parameters).length === 0) return;
  history.replaceState(null, '', hrefOf(view));
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const look = (): void => setRoute(routeOf(location.hash));
    // It may have changed between the first look and now.
    look();
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  return route;
}

/** Asks each open layer to close, the topmost last. */
const open: (() => void)[] = [];

/** Where Back would leave from. */
let left = '';

function stay(): void {
  left = location.href;
  history.pushState('open', '', left);
}

function back(): void {
  // An address that was typed, or a link: that is not Back.
  if (location.href !== left) return;
  // It may be kept open.
  stay();
  open.at(-1)?.();
}

/** The way back to where nothing was open, which takes the browser a moment. */
let isLeaving = false;

/** At once, or where the window is on that way, at its end: it would lead away again. */
function onceBack(work: () => void): void {
  if (isLeaving) addEventListener('popstate', work, { once: true });
  else work();
}

/** The browser's Back asks the topmost open layer to close, in the place of leaving the view behind it. */
export function useBack(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const closeLatest = (): void => latest.current();
    open.push(closeLatest);
    if (open.length === 1) {
      stay();
      addEventListener('popstate', back);
    }
    return () => {
      open.splice(open.indexOf(closeLatest), 1);
      if (open.length > 0) return;
      removeEventListener('popstate', back);
      if (location.href !== left) return;
      isLeaving = true;
      addEventListener('popstate', () => (isLeaving = false), { once: true });
      history.back();
    };
  }, []);
}
