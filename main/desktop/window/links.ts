/** Which links of the window's page are opened, in the person's own browser. */
import { parseIp, scopeOf, type IpAddress } from '../../contract/address.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import { allPresets } from '../../engine/profiles/presets.ts';

export interface KnownPlaces {
  /** Pages that the program itself names: sources of presets, its own. As written there. */
  readonly pages: ReadonlySet<string>;
  /** Of gateways, whatever they are. */
  readonly routers: readonly IpAddress[];
}

/** What is to be opened, or `undefined`. */
export function openableLink(text: string, { pages, routers }: KnownPlaces): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  // Nobody's name or password, and nothing that only looks like another address.
  if (url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === 'https:' && pages.has(url.href)) return url.href;
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  const address = parseIp(url.hostname.replaceAll(/^\[|\]$/g, ''));
  if (address === undefined) return undefined;
  return isInTheHome(address) || routers.includes(address) ? url.href : undefined;
}

/** Addresses that only lead to devices of the own network. */
function isInTheHome(address: IpAddress): boolean {
  const scope = scopeOf(address);
  return scope === 'private' || scope === 'unique-local' || scope === 'link-local';
}

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
