/** What is shown: `#/forwards`, `#/settings?section=router`. Other fragments, such as `#token=…`, are not ours. */
import { useEffect, useState } from 'preact/hooks';

export const VIEWS = ['forwards', 'presets', 'router', 'activity', 'check', 'settings'] as const;
export type ViewName = (typeof VIEWS)[number];

export type RouteParameters = Readonly<Record<string, string>>;

export interface Route {
  readonly view: ViewName;
  /** What in it is meant; untrusted: anybody can write an address. */
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
  location.hash = hrefOf(view, parameters);
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
