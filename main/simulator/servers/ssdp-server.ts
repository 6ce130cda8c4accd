/** SSDP of a simulated gateway (UPnP DA 1.1 §1): answers searches, says when it comes and goes. */
import { ip, type Endpoint, type Family, type IpAddress } from '../../contract/address.ts';
import { inSeconds, millis, secondsToMillis } from '../../contract/units.ts';
import { NetworkError, type UdpSocket } from '../../system/system.ts';
import type { RouterState } from '../router/router-state.ts';
import { headersOf } from './igd-http.ts';
import { deviceType, servicesOf, udnOf } from './igd-descriptions.ts';

const groups = { ipv4: ip('239.255.255.250'), ipv6: ip('ff02::c') };
const ssdpPort = 1900;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Searches that may wait for their answers at once; more are dropped. */
const mostWaiting = 64;

interface Advertisement {
  /** ST of answers, NT of announcements. */
  readonly target: string;
  readonly usn: string;
}

/** One per device, UDN and service (UPnP DA 1.1 §1.2.2). */
export function advertisements(state: RouterState): readonly Advertisement[] {
  const types = ['InternetGatewayDevice', 'WANDevice', 'WANConnectionDevice'] as const;
  const services = servicesOf(state);
  const udns = ([0, 1, 2] as const).map((level) => `uuid:${udnOf(state, level)}`);
  const typed = udns.flatMap((udn, level) => {
    const targets = [
      deviceType(state.personality, types[level] ?? ''),
      ...(services[level] ?? []).map(({ type }) => type),
    ];
    return targets.map((target) => ({ target, usn: `${udn}::${target}` }));
  });
  return [
    { target: 'upnp:rootdevice', usn: `${udns[0]}::upnp:rootdevice` },
    ...udns.map((udn) => ({ target: udn, usn: udn })),
    ...typed,
  ];
}

/** The search target of an M-SEARCH, `undefined` when it is none. */
export function readSearch(text: string): string | undefined {
  const [first, ...lines] = text.split(/\r?\n/);
  if (first === undefined || !/^M-SEARCH \* HTTP\/1\.[01]\s*$/.test(first)) return undefined;
  const headers = headersOf(lines);
  return headers.get('man')?.includes('ssdp:discover') === true ? headers.get('st') : undefined;
}

/** Its own targets that a search finds; an asked version is met by any (miniupnpd answers IGD:3 as well). */
export function answersTo(state: RouterState, target: string): readonly Advertisement[] {
  const { targets, answeredTarget } = state.personality.ssdp;
  if (targets !== 'any' && !targets.includes(target)) return [];
  const own = advertisements(state);
  if (target === 'ssdp:all') return own;
  const exact = own.filter((each) => each.target === target);
  if (exact.length > 0) return exact;
  const family = /^(urn:.+):\d{1,3}$/.exec(target)?.[1];
  if (family === undefined) return [];
  return own
    .filter((each) => each.target.startsWith(`${family}:`))
    .map((each) => (answeredTarget === 'own' ? each : { target, usn: each.usn.replace(each.target, target) }));
}

interface Socket {
  readonly socket: UdpSocket;
  readonly family: Family;
  /** Requests at this socket are not answered. */
  readonly deaf: boolean;
}

export class SsdpServer {
  readonly #state: RouterState;
  readonly #location: (family: Family) => string | undefined;
  #senders: readonly Socket[] = [];
  #listeners: readonly Socket[] = [];
  #waiting = 0;

  /** @param location the description's URL as hosts of that family reach it */
  constructor(state: RouterState, location: (family: Family) => string | undefined) {
    this.#state = state;
    this.#location = location;
  }

  /** Listening once resolved, until the signal. @throws NetworkError */
  async start(signal: AbortSignal): Promise<void> {
    const { lan, personality } = this.#state;
    const { hears, ownSourcePort } = personality.ssdp;
    const families: (readonly [Family, IpAddress])[] = [['ipv4', lan.address]];
    if (lan.address6 !== undefined) families.push(['ipv6', lan.address6]);
    for (const [family, address] of families) {
      const here = { interfaceName: lan.interfaceName, interfaceAddress: address };
      const open = (localPort: number): Promise<UdpSocket> =>
        this.#state.system.udp.open({
          family,
          localAddress: address,
          localPort,
          share: true,
          multicast: { groups: [], ...here },
        });
      // Bound to the router's own address, it takes the unicast searches, also those that nobody hears (D5).
      const direct = { socket: await open(ssdpPort), family, deaf: hears === 'multicast' || hears === 'none' };
      this.#listeners = [...this.#listeners, direct];
      const sender = ownSourcePort ? { socket: await open(0), family, deaf: true } : direct;
      this.#senders = [...this.#senders, sender];
      if (hears === 'both' || hears === 'multicast') {
        const group = await this.#state.system.udp.open({
          family,
          localPort: ssdpPort,
          share: true,
          multicast: { groups: [groups[family]], ...here },
        });
        this.#listeners = [...this.#listeners, { socket: group, family, deaf: false }];
      }
    }
    void this.#run(signal);
  }

  /** Said before an orderly end (UPnP DA 1.1 §1.2.3). */
  async byebye(): Promise<void> {
    if (this.#state.personality.ssdp.announces) await this.#notify('ssdp:byebye');
  }

  close(): void {
    for (const { socket } of [...this.#listeners, ...this.#senders]) socket.close();
    this.#listeners = [];
    this.#senders = [];
  }

  async #run(signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([this.#announce(signal), ...this.#listeners.map((listener) => this.#listen(listener, signal))]);
    } catch (error) {
      if (!signal.aborted) this.#state.system.log.write('error', 'simulated router: SSDP stopped', { error });
    } finally {
      this.close();
    }
  }

  async #announce(signal: AbortSignal): Promise<void> {
    const { announces, notifyEvery } = this.#state.personality.ssdp;
    if (!announces) return;
    const { clock } = this.#state.system;
    await this.#notify('ssdp:alive');
    // UPnP DA 1.1 §1.2.2: more than once, for UDP loses.
    await clock.sleep(millis(250), signal).catch(() => undefined);
    while (!signal.aborted) {
      await this.#notify('ssdp:alive');
      if (notifyEvery === 0) return;
      await clock.sleep(secondsToMillis(notifyEvery), signal).catch(() => undefined);
    }
  }

  async #listen({ socket, family, deaf }: Socket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { bytes, from } = await socket.receive(signal);
        const target = readSearch(decoder.decode(bytes.subarray(0, 2048)));
        if (target === undefined || deaf) continue;
        this.#state.counters.count('M-SEARCH');
        void this.#answerLater(target, from, family, signal);
      } catch (error) {
        if (signal.aborted || (error instanceof NetworkError && error.fault === 'closed')) return;
        if (!(error instanceof NetworkError)) throw error;
        await this.#state.system.clock.sleep(inSeconds(1), signal).catch(() => undefined);
      }
    }
  }

  async #answerLater(target: string, to: Endpoint, family: Family, signal: AbortSignal): Promise<void> {
    const found = answersTo(this.#state, target);
    const { delay, answersByNotify } = this.#state.personality.ssdp;
    if (found.length === 0 || this.#waiting >= mostWaiting) return;
    this.#waiting += 1;
    await this.#state.system.clock.sleep(delay, signal).catch(() => undefined);
    this.#waiting -= 1;
    if (signal.aborted) return;
    if (answersByNotify) {
      await this.#notify('ssdp:alive');
      return;
    }
    const sender = this.#senders.find((each) => each.family === family);
    for (const { target: st, usn } of found) {
      const lines = ['HTTP/1.1 200 OK', ...this.#freshness(), `ST: ${st}`, `USN: ${usn}`, 'EXT:'];
      await this.#send(sender, [...lines, ...this.#about(family)], to);
    }
  }

  async #notify(kind: 'ssdp:alive' | 'ssdp:byebye'): Promise<void> {
    for (const sender of this.#senders) {
      const to = { address: groups[sender.family], port: ssdpPort };
      const host = sender.family === 'ipv4' ? '239.255.255.250:1900' : '[FF02::C]:1900';
      for (const { target, usn } of advertisements(this.#state)) {
        const lines = ['NOTIFY * HTTP/1.1', `HOST: ${host}`, `NT: ${target}`, `USN: ${usn}`, `NTS: ${kind}`];
        const more = kind === 'ssdp:alive' ? [...this.#freshness(), ...this.#about(sender.family)] : this.#bootLines();
        await this.#send(sender, [...lines, ...more], to);
      }
    }
  }

  #freshness(): readonly string[] {
    return [`CACHE-CONTROL: max-age=${Math.max(120, 2 * this.#state.personality.ssdp.notifyEvery)}`];
  }

  #about(family: Family): readonly string[] {
    const { device, ssdp } = this.#state.personality;
    const location = ssdp.location ?? this.#location(family) ?? '';
    return [`SERVER: ${device.server}`, `LOCATION: ${location}`, ...this.#bootLines()];
  }

  #bootLines(): readonly string[] {
    const { id } = this.#state.boot;
    return [
      'OPT: "http://schemas.upnp.org/upnp/1/0/"; ns=01',
      `01-NLS: ${id}`,
      `BOOTID.UPNP.ORG: ${id}`,
      'CONFIGID.UPNP.ORG: 1337',
    ];
  }

  async #send(sender: Socket | undefined, lines: readonly string[], to: Endpoint): Promise<void> {
    await sender?.socket.send(encoder.encode(`${lines.join('\r\n')}\r\n\r\n`), to).catch((error: unknown) => {
      this.#state.system.log.write('debug', 'simulated router: SSDP message not sent', { error });
    });
  }
}
