/** SSDP searches: asking by unicast and multicast, and hearing the answers, on one interface at a time (H2). */
import {
  endpointText,
  familyOf,
  ip,
  scopeOf,
  type Endpoint,
  type Family,
  type IpAddress,
} from '../../contract/address.ts';
import type { FoundBy } from '../../contract/model.ts';
import { millis, type Millis } from '../../contract/units.ts';
import { NetworkError, type System, type UdpOptions, type UdpSocket } from '../../system/system.ts';
import { decodeSsdp, encodeSearch, SEARCH_TARGETS, type Search } from '../../wire/ssdp.ts';
import { WireError } from '../../wire/wire-error.ts';
import { receiveAll } from './arrivals.ts';
import type { SearchLedger } from './finding-maker.ts';
import { addressesOf, isOnLink, isOwn, type Link } from './links.ts';

/** Somebody says that a description is to be had; nothing of it is trusted. */
export interface Candidate {
  readonly location: string;
  readonly from: IpAddress;
  readonly link: Link;
  readonly foundBy: FoundBy;
}

export interface SsdpContext {
  readonly system: System;
  readonly ledger: SearchLedger;
  readonly hear: (candidate: Candidate) => void;
}

const [IGD2, IGD1, WAN_IP2, WAN_IP1, WAN_PPP1, ROOT, ALL] = SEARCH_TARGETS;

interface Burst {
  /** From the start of the leg. */
  readonly at: Millis;
  readonly mx: number;
  readonly targets: readonly (typeof SEARCH_TARGETS)[number][];
  /** For those whose parser minds (D9): only while nobody has answered. */
  readonly onSilence?: true;
}

/** Typed searches first, all kinds before long (D1, D2), and again for lost packets and the slow (D25). MX starts at 1: a
 * router may wait that long at random. */
const BURSTS: readonly Burst[] = [
  { at: millis(0), mx: 1, targets: [IGD2, IGD1] },
  { at: millis(300), mx: 1, targets: [WAN_IP2, WAN_IP1, WAN_PPP1] },
  { at: millis(1000), mx: 2, targets: [IGD2, IGD1, ROOT, ALL] },
  { at: millis(3000), mx: 3, targets: [IGD2, IGD1, WAN_IP1, WAN_PPP1, ROOT] },
  { at: millis(4000), mx: 3, targets: [IGD1, ROOT], onSilence: true },
  { at: millis(7000), mx: 4, targets: [IGD2, IGD1, ALL] },
];
/** D24: by then only a firewall on the path can explain the silence. */
const FROM_1900_AT: Millis = millis(4500);
/** A flood cannot keep a search busy for longer than this. */
const MOST_DATAGRAMS = 4096;

export interface LinkSearch {
  readonly link: Link;
  readonly family: Family;
  /** Asked by unicast, before multicast (D5). */
  readonly hosts: readonly IpAddress[];
  /** Hears answers of these hosts only. */
  readonly only?: readonly IpAddress[];
  /** How a finding came about, when it is not by the search itself. */
  readonly foundBy?: FoundBy;
}

/** Asks on one interface and goes on hearing until the signal aborts. Resolves then, or when the interface gives no socket;
 * never rejects for the network's sake. */
export async function searchLink(context: SsdpContext, search: LinkSearch, signal: AbortSignal): Promise<void> {
  const own = sourceOf(search);
  if (own === undefined) return;
  let answers = 0;
  const searching = withSocket(
    context,
    {
      family: search.family,
      localAddress: own,
      multicast: { groups: [], interfaceName: search.link.name, interfaceAddress: own },
    },
    signal,
    async (socket) => {
      const receiving = hearAll(context, socket, signal, (bytes, from) => {
        if (hearAnswer(context, search, bytes, from)) answers += 1;
      });
      const asking = ask(context, search, socket, () => answers > 0, signal);
      await Promise.all([receiving, asking]);
    },
  );
  const listening = listenOn1900(context, search, () => answers > 0, signal);
  await Promise.all([searching, listening]);
}

/** Multicast over IPv6 leaves from the link-local address, where there is one. */
function sourceOf({ link, family }: LinkSearch): IpAddress | undefined {
  const own = addressesOf(link, family).map(({ address }) => address);
  return (family === 'ipv6' ? own.find((address) => scopeOf(address) === 'link-local') : undefined) ?? own[0];
}

async function ask(
  context: SsdpContext,
  search: LinkSearch,
  socket: UdpSocket,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  let passed = 0;
  for (const burst of BURSTS) {
    if (burst.at > passed) await context.system.clock.sleep(millis(burst.at - passed), signal);
    passed = burst.at;
    if (burst.onSilence === true && isAnswered()) continue;
    await sendBurst(context, search, socket, burst);
  }
}

async function sendBurst(context: SsdpContext, search: LinkSearch, socket: UdpSocket, burst: Burst): Promise<void> {
  const order: Search['order'] = burst.onSilence === true ? 'st-first' : 'classic';
  const [group] = SSDP_GROUPS[search.family];
  // A host beyond the link does not hear multicast.
  const isFar = search.only?.some((address) => !isOnLink(search.link, address)) === true;
  const groups = isFar ? [] : SSDP_GROUPS[search.family];
  for (const target of burst.targets) {
    for (const address of search.hosts) {
      const to = endpointOn(search.link, address);
      // D6: some want the group in HOST, some their own address.
      for (const host of group === undefined ? [to] : [{ address: group, port: SSDP_PORT }, to]) {
        await send(context, socket, encodeSearch({ host: endpointText(host), target, mx: burst.mx, order }), to);
      }
    }
    for (const address of groups) {
      const to = endpointOn(search.link, address);
      await send(context, socket, encodeSearch({ host: endpointText(to), target, mx: burst.mx, order }), to);
    }
  }
}

function endpointOn(link: Link, address: IpAddress): Endpoint {
  const needsZone = familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local';
  return { address, port: SSDP_PORT, ...(needsZone ? { zone: link.name } : {}) };
}

/** Late and unasked answers come as NOTIFY to port 1900 (D4); when all is silent, one search also leaves from there (D24).
 * A firewall that would ask the person lets none of those answers in anyway. */
async function listenOn1900(
  context: SsdpContext,
  search: LinkSearch,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const options = listeningOn(search.link, search.family, SSDP_PORT, SSDP_GROUPS[search.family]);
  if (options === undefined || (await context.system.mayListen?.()) === false) return;
  await withSocket(context, options, signal, async (socket) => {
    let heard = false;
    const receiving = hearAll(context, socket, signal, (bytes, from) => {
      heard = hearAnswer(context, search, bytes, from) || heard;
    });
    const asking = askFrom1900(context, search, socket, () => heard || isAnswered(), signal);
    await Promise.all([receiving, asking]);
  });
}

async function askFrom1900(
  context: SsdpContext,
  search: LinkSearch,
  socket: UdpSocket,
  isAnswered: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  await context.system.clock.sleep(FROM_1900_AT, signal);
  if (isAnswered()) return;
  await sendBurst(context, search, socket, { at: FROM_1900_AT, mx: 3, targets: [IGD2, IGD1, ROOT] });
}

/** Was it an answer from somebody who may give one? */
function hearAnswer(context: SsdpContext, search: LinkSearch, bytes: Uint8Array, from: Endpoint): boolean {
  const { link } = search;
  // D7: whatever port it comes from. Our own devices are no routers, but on loopback the demo router is one.
  const isNear =
    search.only === undefined
      ? isOnLink(link, from.address) && (link.loopback || !isOwn(link, from.address))
      : search.only.includes(from.address);
  if (!isNear) return false;
  const message = decodeSsdp(bytes);
  if (message instanceof WireError || message.kind === 'search') return false;
  context.ledger.heardFrom(link.name, from.address);
  if (message.location === undefined || message.kind === 'byebye') return false;
  // An answer is judged by its description, whatever it says that it is (D3); what is announced unasked is sorted out.
  if (message.kind !== 'response' && !isGatewayTarget(message.target)) return false;
  context.hear({ location: message.location, from: from.address, link, foundBy: foundBy(search, message.kind, from) });
  return true;
}

function foundBy(search: LinkSearch, kind: 'response' | 'alive' | 'update', from: Endpoint): FoundBy {
  if (search.foundBy !== undefined) return search.foundBy;
  if (kind !== 'response') return 'ssdp-notify';
  if (search.family === 'ipv6') return 'ssdp-ipv6';
  return search.hosts.includes(from.address) ? 'ssdp-unicast' : 'ssdp-multicast';
}

async function send(context: SsdpContext, socket: UdpSocket, bytes: Uint8Array, to: Endpoint): Promise<void> {
  try {
    await socket.send(bytes, to);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    // One way may be barred where another is open: go on.
    context.ledger.note(error);
  }
}

function hearAll(
  context: SsdpContext,
  socket: UdpSocket,
  signal: AbortSignal,
  hear: (bytes: Uint8Array, from: Endpoint) => void,
): Promise<void> {
  return receiveAll(socket, signal, hear, {
    limit: MOST_DATAGRAMS,
    onFault: (error) => context.ledger.note(error),
  });
}

async function withSocket(
  context: SsdpContext,
  options: UdpOptions,
  signal: AbortSignal,
  work: (socket: UdpSocket) => Promise<unknown>,
): Promise<void> {
  let socket: UdpSocket | undefined;
  try {
    socket = await context.system.udp.open(options);
    signal.throwIfAborted();
    await work(socket);
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof NetworkError)) throw error;
    context.ledger.note(error);
    const on = options.multicast?.interfaceName;
    context.system.log.write('debug', 'cannot search here', { on, port: options.localPort, error: error.message });
  } finally {
    socket?.close();
  }
}

export const SSDP_PORT = 1900;

export const SSDP_GROUPS: Readonly<Record<Family, readonly IpAddress[]>> = {
  ipv4: [ip('239.255.255.250')],
  // Link-local and site-local scope.
  ipv6: [ip('ff02::c'), ip('ff05::c')],
};

/** Does NT or ST name something that a router is? Only for sorting out what was said unasked: what a device really is, its
 * description tells (D3). */
export function isGatewayTarget(target: string): boolean {
  // Bounded: `WAN` may stand in it again and again.
  return /InternetGatewayDevice|WAN(?:Connection)?Device|WAN\w{0,32}Connection|WANIPv6FirewallControl|^upnp:rootdevice$/i.test(
    target,
  );
}

/** For hearing `groups` on one interface, beside other programs that listen on the same port (H2, H5).
 * `undefined` when the link has no address of that family. */
export function listeningOn(
  link: Link,
  family: Family,
  port: number,
  groups: readonly IpAddress[],
): UdpOptions | undefined {
  const [own] = addressesOf(link, family);
  if (own === undefined) return undefined;
  return {
    family,
    localPort: port,
    share: true,
    multicast: { groups, interfaceName: link.name, interfaceAddress: own.address },
  };
}
