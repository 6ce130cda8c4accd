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
import { receiveAll } from '../waiting.ts';
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
  await new LinkSearcher(context, search, signal).run();
}

class LinkSearcher {
  readonly #context: SsdpContext;
  readonly #search: LinkSearch;
  readonly #signal: AbortSignal;
  /** To a search that left from a port of its own. */
  #isAnswered = false;
  #isHeardOn1900 = false;

  constructor(context: SsdpContext, search: LinkSearch, signal: AbortSignal) {
    this.#context = context;
    this.#search = search;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { link, family } = this.#search;
    const own = sourceOf(this.#search);
    if (own === undefined) return;
    const multicast = { groups: [], interfaceName: link.name, interfaceAddress: own };
    const answered = (): void => {
      this.#isAnswered = true;
    };
    await Promise.all([
      this.#converse({ family, localAddress: own, multicast }, answered, (socket) => this.#ask(socket)),
      this.#listenOn1900(),
    ]);
  }

  async #ask(socket: UdpSocket): Promise<void> {
    let passed = 0;
    for (const burst of BURSTS) {
      if (burst.at > passed) await this.#context.system.clock.sleep(millis(burst.at - passed), this.#signal);
      passed = burst.at;
      if (burst.onSilence === true && this.#isAnswered) continue;
      await this.#sendBurst(socket, burst);
    }
  }

  /** Late and unasked answers come as NOTIFY to port 1900 (D4); when all is silent, one search also leaves from there
   * (D24). A firewall that would ask the person lets none of those answers in anyway. */
  async #listenOn1900(): Promise<void> {
    const { link, family } = this.#search;
    const { system } = this.#context;
    const options = listeningOn(link, family, SSDP_PORT, SSDP_GROUPS[family]);
    if (options === undefined || (await system.mayListen?.()) === false) return;
    const heard = (): void => {
      this.#isHeardOn1900 = true;
    };
    await this.#converse(options, heard, async (socket) => {
      await system.clock.sleep(FROM_1900_AT, this.#signal);
      if (this.#isHeardOn1900 || this.#isAnswered) return;
      await this.#sendBurst(socket, { at: FROM_1900_AT, mx: 3, targets: [IGD2, IGD1, ROOT] });
    });
  }

  /** Asks and hears on one socket. */
  async #converse(options: UdpOptions, heard: () => void, ask: (socket: UdpSocket) => Promise<void>): Promise<void> {
    const { system, ledger } = this.#context;
    let socket: UdpSocket | undefined;
    try {
      socket = await system.udp.open(options);
      this.#signal.throwIfAborted();
      const hear = (bytes: Uint8Array, from: Endpoint): void => {
        if (this.#hear(bytes, from)) heard();
      };
      const limits = { limit: MOST_DATAGRAMS, onFault: (error: NetworkError): void => ledger.note(error) };
      await Promise.all([receiveAll(socket, this.#signal, hear, limits), ask(socket)]);
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof NetworkError)) throw error;
      ledger.note(error);
      const on = options.multicast?.interfaceName;
      system.log.write('debug', 'could not search', { on, port: options.localPort, error: error.message });
    } finally {
      socket?.close();
    }
  }

  async #sendBurst(socket: UdpSocket, { targets, mx, onSilence }: Burst): Promise<void> {
    const { link, family, only, hosts } = this.#search;
    const order: Search['order'] = onSilence === true ? 'st-first' : 'classic';
    const [group] = SSDP_GROUPS[family];
    // A host beyond the link does not hear multicast.
    const isFar = only?.some((address) => !isOnLink(link, address)) === true;
    const send = async (host: Endpoint, target: string, to: Endpoint): Promise<void> => {
      try {
        await socket.send(encodeSearch({ host: endpointText(host), target, mx, order }), to);
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        // One way may be barred where another is open: go on.
        this.#context.ledger.note(error);
      }
    };
    for (const target of targets) {
      for (const address of hosts) {
        const to = endpointOn(link, address);
        // D6: some want the group in HOST, some their own address.
        if (group !== undefined) await send({ address: group, port: SSDP_PORT }, target, to);
        await send(to, target, to);
      }
      for (const address of isFar ? [] : SSDP_GROUPS[family]) {
        const to = endpointOn(link, address);
        await send(to, target, to);
      }
    }
  }

  /** Was it an answer from somebody who may give one? */
  #hear(bytes: Uint8Array, from: Endpoint): boolean {
    const { link, only } = this.#search;
    // D7: whatever port it comes from. Our own devices are no routers, but on loopback the demo router is one.
    const isNear =
      only === undefined
        ? isOnLink(link, from.address) && (link.loopback || !isOwn(link, from.address))
        : only.includes(from.address);
    if (!isNear) return false;
    const message = decodeSsdp(bytes);
    if (message instanceof WireError || message.kind === 'search') return false;
    this.#context.ledger.heardFrom(link.name, from.address);
    const { kind, location } = message;
    if (location === undefined || kind === 'byebye') return false;
    // An answer is judged by its description, whatever it says that it is (D3); what is announced unasked is sorted out.
    if (kind !== 'response' && !isGatewayTarget(message.target)) return false;
    this.#context.hear({ location, from: from.address, link, foundBy: this.#foundBy(kind, from) });
    return true;
  }

  #foundBy(kind: 'response' | 'alive' | 'update', from: Endpoint): FoundBy {
    const { foundBy, family, hosts } = this.#search;
    if (foundBy !== undefined) return foundBy;
    if (kind !== 'response') return 'ssdp-notify';
    if (family === 'ipv6') return 'ssdp-ipv6';
    return hosts.includes(from.address) ? 'ssdp-unicast' : 'ssdp-multicast';
  }
}

/** Multicast over IPv6 leaves from the link-local address, where there is one. */
function sourceOf({ link, family }: LinkSearch): IpAddress | undefined {
  const own = addressesOf(link, family).map(({ address }) => address);
  return (family === 'ipv6' ? own.find((address) => scopeOf(address) === 'link-local') : undefined) ?? own[0];
}

function endpointOn(link: Link, address: IpAddress): Endpoint {
  const needsZone = familyOf(address) === 'ipv6' && scopeOf(address) === 'link-local';
  return { address, port: SSDP_PORT, ...(needsZone ? { zone: link.name } : {}) };
}

/** UPnP Device Architecture 2.0 §1.1 and annex A. */
export const SSDP_PORT = 1900;

export const SSDP_GROUPS: Readonly<Record<Family, readonly IpAddress[]>> = {
  ipv4: [ip('239.255.255.250')],
  // Link-local and site-local scope.
  ipv6: [ip('ff02::c'), ip('ff05::c')],
};

/** Does NT or ST name something that a router is? Only for sorting unsolicited messages: what a device really is, its
 * description says (D3). */
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
