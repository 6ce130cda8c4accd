/** The UDP port that NAT-PMP and PCP share, and the announcements from it. */
import { ip, type Endpoint, type IpAddress } from '../../contract/address.ts';
import { inSeconds, millis, type Millis } from '../../contract/units.ts';
import { NetworkError, type UdpSocket } from '../../system/system.ts';
import type { RouterState } from '../router/router-state.ts';
import { answerNatPmp, externalAddressResponse, unsupportedVersionResponse } from './nat-pmp-server.ts';
import { announceResponse, answerPcp, unsupportedVersion } from './pcp-server.ts';

/** RFC 6886 §3.2.1: the first pause between announcements, doubling. */
const firstPause = millis(250);
/** All hosts of the link (RFC 6886 §3.2.1, RFC 6887 §14.1.2). */
const groups = { ipv4: ip('224.0.0.1'), ipv6: ip('ff02::1') };

/** The answer to one datagram, `undefined` for none. */
export function answerPxp(state: RouterState, request: Uint8Array, from: IpAddress): Uint8Array | undefined {
  const [version, opcode] = request;
  if (version === undefined || opcode === undefined || opcode >= 0x80) return undefined;
  const { natPmp, pcp } = state.personality.protocols;
  if (version === 0) {
    if (natPmp) return answerNatPmp(state, request, from);
    state.counters.count('nat-pmp unsupported');
    return unsupportedVersion(state, request);
  }
  if (pcp) return answerPcp(state, request, from);
  state.counters.count('pcp unsupported');
  return unsupportedVersionResponse(state, opcode);
}

export class PxpServer {
  readonly #state: RouterState;
  #port: number;
  #sockets: readonly UdpSocket[] = [];
  #announcing = new AbortController();

  /** @param port 0 for a free one */
  constructor(state: RouterState, port: number) {
    this.#state = state;
    this.#port = port;
  }

  /** The UDP port; `undefined` while nobody listens. */
  get port(): number | undefined {
    return this.#sockets[0]?.local.port;
  }

  /** Listening once resolved, until the signal. @throws NetworkError when the port cannot be had */
  async start(signal: AbortSignal): Promise<void> {
    const { protocols } = this.#state.personality;
    if (!protocols.natPmp && !protocols.pcp) return;
    await this.#open();
    void this.#serve(signal);
  }

  /** RFC 6886 §3.2.1: at a start and at each change of the external address. */
  announce(signal: AbortSignal): void {
    this.#announcing.abort();
    this.#announcing = new AbortController();
    void this.#announceRepeatedly(AbortSignal.any([signal, this.#announcing.signal]));
  }

  async #open(): Promise<void> {
    const { lan, system, personality } = this.#state;
    const open = (address: IpAddress, family: 'ipv4' | 'ipv6'): Promise<UdpSocket> =>
      system.udp.open({
        family,
        localAddress: address,
        localPort: this.#port,
        multicast: { groups: [], interfaceName: lan.interfaceName, interfaceAddress: address, hops: 1 },
      });
    const first = await open(lan.address, 'ipv4');
    this.#port = first.local.port;
    const sockets = [first];
    if (lan.address6 !== undefined && personality.protocols.pcp) sockets.push(await open(lan.address6, 'ipv6'));
    this.#sockets = sockets;
  }

  async #serve(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#state.system;
    const { outages } = this.#state.personality.pxp;
    try {
      while (!signal.aborted) {
        await this.#listen(outages?.every, signal);
        if (outages === undefined || signal.aborted) break;
        // P4: clients that ask now learn by ICMP that nobody listens.
        await clock.sleep(outages.length, signal);
        await this.#open();
      }
    } catch (error) {
      if (!signal.aborted) log.write('error', 'simulated router: PCP and NAT-PMP stopped', { error });
    } finally {
      this.close();
    }
  }

  /** Answers until the signal, or for so long. */
  async #listen(duration: Millis | undefined, signal: AbortSignal): Promise<void> {
    const spell = new AbortController();
    const listening = this.#sockets.map((socket) => this.#answer(socket, AbortSignal.any([signal, spell.signal])));
    if (duration !== undefined) {
      await this.#state.system.clock.sleep(duration, signal).catch(() => undefined);
      spell.abort();
      this.close();
    }
    await Promise.all(listening);
  }

  async #answer(socket: UdpSocket, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { bytes, from } = await socket.receive(signal);
        await this.#toil(signal);
        const answer = answerPxp(this.#state, bytes, from.address);
        if (answer !== undefined) await socket.send(answer, from);
      } catch (error) {
        if (signal.aborted || (error instanceof NetworkError && error.fault === 'closed')) return;
        if (!(error instanceof NetworkError)) throw error;
        // A line that is down fails at once, again and again.
        await this.#state.system.clock.sleep(inSeconds(1), signal).catch(() => undefined);
      }
    }
  }

  /** Requests that arrive meanwhile wait for their turn. */
  async #toil(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#state.system;
    const { least, most } = this.#state.personality.pxp.perDatagram;
    if (most > 0) await clock.sleep(millis(least + random.unit() * (most - least)), signal);
  }

  async #announceRepeatedly(signal: AbortSignal): Promise<void> {
    const { clock } = this.#state.system;
    const { announcements } = this.#state.personality.pxp;
    let pause: number = firstPause;
    for (let sent = 0; sent < announcements && !signal.aborted; sent++) {
      await this.#announceOnce();
      if (sent + 1 === announcements) return;
      await clock.sleep(millis(Math.min(pause, inSeconds(600))), signal).catch(() => undefined);
      pause *= 2;
    }
  }

  async #announceOnce(): Promise<void> {
    const { protocols, pxp } = this.#state.personality;
    for (const socket of this.#sockets) {
      const six = socket.local.address.includes(':');
      const to: Endpoint = { address: six ? groups.ipv6 : groups.ipv4, port: pxp.announcementPort };
      if (protocols.pcp && pxp.announce) await this.#send(socket, announceResponse(this.#state), to);
      if (protocols.natPmp && !six) await this.#send(socket, externalAddressResponse(this.#state), to);
    }
  }

  async #send(socket: UdpSocket, bytes: Uint8Array, to: Endpoint): Promise<void> {
    await socket.send(bytes, to).catch((error: unknown) => {
      this.#state.system.log.write('debug', 'simulated router: announcement not sent', { error });
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }
}
