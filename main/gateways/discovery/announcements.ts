/** Unsolicited messages of gateways: PCP ANNOUNCE, NAT-PMP address announcements, SSDP NOTIFY. Hints, no more:
 * anybody on the LAN can forge them. */
import { familyOf, type Endpoint, type Family, type IpAddress } from '../../contract/address.ts';
import { inSeconds, type Millis } from '../../contract/units.ts';
import { NetworkError, type NetworkState, type System } from '../../system/system.ts';
import { decodeNatPmp } from '../../wire/nat-pmp.ts';
import { decodePcp } from '../../wire/pcp.ts';
import { PXP_ANNOUNCEMENT_GROUPS, PXP_CLIENT_PORT } from '../../wire/pxp.ts';
import { decodeSsdp } from '../../wire/ssdp.ts';
import { WireError } from '../../wire/wire-error.ts';
import type { Announcement } from '../gateway.ts';
import { Arrivals, receiveAll } from '../waiting.ts';
import { isGatewayTarget, listeningOn, SSDP_GROUPS, SSDP_PORT } from './discover-ssdp.ts';
import { isOnLink, isOwn, linksOf, type Link } from './links.ts';

type AnnouncementContent = Omit<Announcement, 'from' | 'interfaceName'>;

interface Post {
  readonly family: Family;
  readonly port: number;
  readonly groups: readonly IpAddress[];
  readonly decode: (bytes: Uint8Array) => AnnouncementContent | undefined;
  /** May this neighbour say it? */
  readonly isHeeded: (link: Link, from: Endpoint) => boolean;
}

const POSTS: readonly Post[] = (['ipv4', 'ipv6'] as const).flatMap((family) => [
  {
    family,
    port: PXP_CLIENT_PORT,
    groups: [PXP_ANNOUNCEMENT_GROUPS[family]],
    decode: decodePxp,
    // P13: from the gateway only. A tunnel may have one that the routing table does not name.
    isHeeded: (link, from) => {
      const routers = link.routers.filter((router) => familyOf(router) === family);
      return routers.length === 0 || routers.includes(from.address);
    },
  },
  { family, port: SSDP_PORT, groups: SSDP_GROUPS[family].slice(0, 1), decode: decodeNotify, isHeeded: () => true },
]);

/** Unread ones beyond this are dropped, oldest first: each only starts a check. */
const MOST_WAITING = 128;
/** A router says each thing once per device and service, and all of it twice (D10). */
const REPEAT: Millis = inSeconds(1);
const MOST_REMEMBERED = 256;
/**
 * Everything heard on the interfaces (all but loopback when none are named), until the signal aborts. Interfaces that come, go or
 * change address are followed. A port that cannot be had is logged and done without (H5).
 * @throws the signal's reason
 */
export async function* announcements(
  system: System,
  options: { readonly interfaces?: readonly string[] | undefined },
  signal: AbortSignal,
): AsyncGenerator<Announcement, void> {
  const stop = new AbortController();
  const scope = AbortSignal.any([signal, stop.signal]);
  const heard = new Arrivals<Announcement>(MOST_WAITING);
  const watching = watch(system, options, heard, scope).catch((error: unknown) => {
    if (!scope.aborted) system.log.write('error', 'stopped listening for announcements', { error: String(error) });
  });
  try {
    yield* heard.all(signal);
  } finally {
    stop.abort();
    await watching;
  }
}

async function watch(
  system: System,
  options: { readonly interfaces?: readonly string[] | undefined },
  heard: Arrivals<Announcement>,
  signal: AbortSignal,
): Promise<void> {
  const listening = new Map<string, AbortController>();
  const running = new Set<Promise<void>>();
  const say = withoutRepeats(system, heard);
  const complained = new Set<string>();
  let links: readonly Link[] = [];

  async function hearOn(key: string, link: Link, post: Post, stop: AbortController): Promise<void> {
    const here = AbortSignal.any([signal, stop.signal]);
    try {
      await listen(system, link, post, here, (said, from) => {
        const current = links.find((candidate) => candidate.name === link.name) ?? link;
        if (isOwn(current, from.address) || !isOnLink(current, from.address)) return;
        if (post.isHeeded(current, from)) say({ ...said, from: from.address, interfaceName: link.name });
      });
    } catch (error) {
      if (here.aborted) return;
      const level = complained.has(key) ? 'debug' : 'warn';
      complained.add(key);
      const { port } = post;
      system.log.write(level, 'could not listen for announcements', { on: link.name, port, error: String(error) });
    } finally {
      // The next change of the interfaces tries again.
      if (listening.get(key) === stop) listening.delete(key);
    }
  }

  try {
    for (;;) {
      // Asked first, so that a change while the tables are read is not missed.
      const change = system.routes.changed(signal);
      change.catch(() => undefined);
      links = linksOf(await readState(system, signal), { onlyInterfaces: options.interfaces });
      const wanted = new Map(
        links.flatMap((link) =>
          POSTS.map((post) => [`${link.name} ${addressText(link, post)} ${post.port}`, { link, post }]),
        ),
      );
      for (const [key, stop] of listening) {
        if (wanted.has(key)) continue;
        stop.abort();
        listening.delete(key);
      }
      for (const [key, { link, post }] of wanted) {
        if (listening.has(key)) continue;
        const stop = new AbortController();
        listening.set(key, stop);
        const listener: Promise<void> = hearOn(key, link, post, stop).finally(() => running.delete(listener));
        running.add(listener);
      }
      await change;
    }
  } finally {
    for (const stop of listening.values()) stop.abort();
    await Promise.all(running);
  }
}

async function readState(system: System, signal: AbortSignal): Promise<NetworkState> {
  try {
    return await system.routes.read(signal);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    system.log.write('warn', 'could not read network interfaces', { error: error.message });
    return { interfaces: [], defaultRoutes: [] };
  }
}

const addressText = (link: Link, post: Post): string =>
  listeningOn(link, post.family, post.port, post.groups)?.multicast?.interfaceAddress ?? `no ${post.family}`;

async function listen(
  system: System,
  link: Link,
  post: Post,
  signal: AbortSignal,
  hear: (said: AnnouncementContent, from: Endpoint) => void,
): Promise<void> {
  const options = listeningOn(link, post.family, post.port, post.groups);
  if (options === undefined) return;
  const socket = await system.udp.open(options);
  try {
    await receiveAll(socket, signal, (bytes, from) => {
      const said = post.decode(bytes);
      if (said !== undefined) hear(said, from);
    });
  } finally {
    socket.close();
  }
}

function decodePxp(bytes: Uint8Array): AnnouncementContent | undefined {
  if (bytes[0] === 0) {
    const said = decodeNatPmp(bytes);
    if (said instanceof WireError || said.kind !== 'external-address') return undefined;
    return said.address === undefined
      ? { kind: 'epoch', epoch: said.epoch }
      : { kind: 'address', epoch: said.epoch, externalAddress: said.address };
  }
  const said = decodePcp(bytes);
  return said instanceof WireError || said.kind !== 'announce' ? undefined : { kind: 'epoch', epoch: said.epoch };
}

function decodeNotify(bytes: Uint8Array): AnnouncementContent | undefined {
  const said = decodeSsdp(bytes);
  if (said instanceof WireError || !isGatewayTarget(said.target)) return undefined;
  if (said.kind === 'response' || said.kind === 'search') return undefined;
  // An update says under which boot id the device goes on (UPnP DA 2.0 §1.2.4).
  const next = said.kind === 'update' ? said.headers.get('nextbootid.upnp.org') : undefined;
  const bootId = next !== undefined && /^\d{1,15}$/.test(next) ? Number(next) : said.bootId;
  return {
    kind: said.kind === 'byebye' ? 'byebye' : 'alive',
    location: said.location,
    bootId,
  };
}

function withoutRepeats(system: System, heard: Arrivals<Announcement>): (said: Announcement) => void {
  const last = new Map<string, Millis>();
  return (said) => {
    const key = JSON.stringify(said);
    const now = system.clock.monotonic();
    const before = last.get(key);
    if (before !== undefined && now - before < REPEAT) return;
    last.delete(key);
    last.set(key, now);
    const [oldest] = last.keys();
    if (last.size > MOST_REMEMBERED && oldest !== undefined) last.delete(oldest);
    heard.push(said);
  };
}
