/** The pages that the window links to, and nothing else may be opened. */
import type { AppSnapshot } from '../../contract/commands.ts';
import { allPresets } from '../../engine/profiles/presets.ts';
import type { KnownPlaces } from './link-check.ts';

/** @param own the project's pages */
export function knownPlaces(snapshot: AppSnapshot | undefined, own: readonly string[]): KnownPlaces {
  const update = snapshot?.host.update;
  const pages = [
    ...own,
    ...allPresets().map(({ source }) => source.url),
    ...(update?.at === 'available' ? [update.url] : []),
  ];
  return {
    pages: new Set(pages.filter((page) => URL.canParse(page)).map((page) => new URL(page).href)),
    routers: snapshot?.engine.gateways.map(({ address }) => address) ?? [],
  };
}
