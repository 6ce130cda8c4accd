/** The addresses that a search asks, decided from the routing tables and what the person wants, before anything is sent. */
import { familyOf, parseIp, type IpAddress } from '../../contract/address.ts';
import type { ProtocolChoice } from '../../contract/model.ts';
import type { NetworkState } from '../../system/system.ts';
import { PXP_SERVER_PORT } from '../../wire/pxp.ts';
import { parseHttpUrl, type HttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import type { RememberedControl, SearchOptions } from '../gateway.ts';
import type { PxpProtocol, PxpTarget } from './discover-pxp.ts';
import type { LinkSearch } from './discover-ssdp.ts';
import { addressesOf, guessedRouter, isOnLink, linkOf, linksOf, type Link } from './links.ts';

export interface SearchPlan {
  readonly links: readonly Link[];
  readonly ssdp: readonly LinkSearch[];
  readonly pxp: readonly PxpTarget[];
  readonly asksMinissdpd: boolean;
  /** UPnP controls to be tried as they were. */
  readonly remembered: readonly { readonly control: RememberedControl; readonly link: Link }[];
  /** See {@link SearchOptions}. */
  readonly isSameRouter: boolean;
  /** The description that a person pointed at. */
  readonly description: { readonly url: HttpUrl; readonly link: Link } | undefined;
  /** Asked instead where that is not a router's description: its host, as if a person had given the address alone. */
  readonly otherwise: SearchPlan | undefined;
  /** The only one that is asked, when a person named it. */
  readonly named: { readonly address: IpAddress; readonly link: Link } | undefined;
}

/** Machines with containers have dozens of bridges; those with a default route come first. */
const MOST_LINKS = 32;
const MOST_REMEMBERED = 16;

/** @throws RangeError when `options.manual` is neither an address nor an `http://` URL with a literal address */
export function planOf(state: NetworkState, options: SearchOptions): SearchPlan {
  if (options.manual !== undefined) return manualPlan(state, options, options.manual.trim());
  const links = linksOf(state, options).slice(0, MOST_LINKS);
  const { protocol } = options;
  const usesUpnp = protocol === 'auto' || protocol === 'upnp';
  const remembered = options.remembered.slice(0, MOST_REMEMBERED).flatMap((control) => {
    // Elsewhere the address is somebody else's, and must not be asked across the internet.
    const link = links.find((one) => one.name === control.interfaceName && isOnLink(one, control.address));
    const other = link ?? linkOf(links, control.address);
    return other === undefined ? [] : [{ control, link: other }];
  });
  return {
    links,
    ssdp: usesUpnp ? links.flatMap(searchesOf) : [],
    pxp: pxpTargets(links, remembered, options),
    asksMinissdpd: usesUpnp,
    remembered: usesUpnp
      ? remembered.filter(({ control }) => control.kind === 'igd' || control.kind === 'pinhole')
      : [],
    isSameRouter: options.isSameRouter ?? false,
    description: undefined,
    otherwise: undefined,
    named: undefined,
  };
}

function searchesOf(link: Link): readonly LinkSearch[] {
  return (['ipv4', 'ipv6'] as const)
    .filter((family) => addressesOf(link, family).length > 0)
    .map((family) => ({ link, family, hosts: link.routers.filter((router) => familyOf(router) === family) }));
}

const PXP_PROTOCOLS: Readonly<Record<ProtocolChoice, readonly PxpProtocol[]>> = {
  auto: ['pcp', 'nat-pmp'],
  pcp: ['pcp'],
  natpmp: ['nat-pmp'],
  upnp: [],
};

function pxpTargets(
  links: readonly Link[],
  remembered: SearchPlan['remembered'],
  options: SearchOptions,
): readonly PxpTarget[] {
  const port = options.pxpPort ?? PXP_SERVER_PORT;
  const targets = new Map<string, PxpTarget>();
  const wasThere = (link: Link, address: IpAddress, protocol: PxpProtocol): boolean =>
    remembered.some(({ control, link: on }) => on === link && control.address === address && control.kind === protocol);
  type Knowledge = 'remembered' | 'named' | 'guessed';
  const add = (link: Link, address: IpAddress, protocol: PxpProtocol, isKnown: Knowledge): void => {
    const key = `${link.name} ${address} ${protocol}`;
    if (targets.has(key)) return;
    const foundBy = isKnown === 'remembered' ? 'remembered' : protocol === 'pcp' ? 'pcp-probe' : 'nat-pmp-probe';
    const isTrusted = isKnown === 'named' && options.isSameRouter === true && wasThere(link, address, protocol);
    targets.set(key, { link, address, port, protocol, foundBy, isGuess: isKnown !== 'named', isTrusted });
  };
  for (const protocol of PXP_PROTOCOLS[options.protocol]) {
    for (const link of links) {
      for (const router of link.routers) add(link, router, protocol, 'named');
      const guess = guessedRouter(link);
      if (guess !== undefined) add(link, guess, protocol, 'guessed');
    }
    for (const { control, link } of remembered)
      if (control.kind === protocol) add(link, control.address, protocol, 'remembered');
  }
  return [...targets.values()];
}

function manualPlan(state: NetworkState, options: SearchOptions, manual: string): SearchPlan {
  const url = /^http:/i.test(manual) ? parseHttpUrl(manual) : undefined;
  const address = url === undefined ? parseIp(manual.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')) : undefined;
  const target = url === undefined || url instanceof WireError ? address : url.address;
  if (target === undefined) throw new RangeError(`neither an address nor the http URL of a description: ${manual}`);
  const everywhere = { onlyInterfaces: options.onlyInterfaces ?? state.interfaces.map(({ name }) => name) };
  const links = linksOf(state, { ...options, ...everywhere });
  const family = familyOf(target);
  const zone = /%([^\]]+)/.exec(manual)?.[1];
  const way =
    links.find((one) => one.name === zone) ??
    linkOf(links, target) ??
    links.find((one) => one.defaultFor.includes(family)) ??
    links[0];
  const link = way && { ...way, seenAs: options.seenAs };
  const nothing: SearchPlan = {
    links: link === undefined ? [] : [link],
    named: link && { address: target, link },
    ssdp: [],
    pxp: [],
    asksMinissdpd: false,
    remembered: [],
    isSameRouter: false,
    description: undefined,
    otherwise: undefined,
  };
  if (link === undefined) return nothing;
  if (url !== undefined && !(url instanceof WireError)) {
    const host = url.zone === undefined ? url.address : `${url.address}%${url.zone}`;
    return { ...nothing, description: { url, link }, otherwise: manualPlan(state, options, host) };
  }
  const usesUpnp = options.protocol === 'auto' || options.protocol === 'upnp';
  const port = options.pxpPort ?? PXP_SERVER_PORT;
  return {
    ...nothing,
    ssdp: usesUpnp ? [{ link, family, hosts: [target], only: [target], foundBy: 'manual' }] : [],
    pxp: PXP_PROTOCOLS[options.protocol].map((protocol) => ({
      link,
      address: target,
      port,
      protocol,
      foundBy: 'manual',
      isGuess: false,
      isTrusted: false,
    })),
  };
}
