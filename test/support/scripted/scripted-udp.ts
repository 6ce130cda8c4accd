/** A UDP server whose reactions a test writes down. */
import { ip, type Endpoint, type IpAddress } from '../../../main/contract/address.ts';
import { after, millis } from '../../../main/contract/units.ts';
import {
  NetworkError,
  type NetworkFault,
  type Udp,
  type UdpOptions,
  type UdpSocket,
} from '../../../main/system/system.ts';
import type { PacketContent } from '../../world/packet.ts';
import { ScriptedHome } from './scripted-home.ts';

/** `after`: milliseconds from the datagram that caused it; 1 when absent. `refused` comes from the server (ICMP), `other` from
 * this machine. */
type Reaction =
  | { readonly bytes: Uint8Array; readonly after?: number; readonly from?: Endpoint }
  | { readonly fault: 'refused' | 'other'; readonly after?: number };

export interface SentDatagram {
  readonly at: number;
  readonly bytes: Uint8Array;
  /** Counts the sockets opened so far, from 1. */
  readonly socket: number;
}

/** The answer to the nth datagram (from 1); nothing when it is lost. */
export type Script = (bytes: Uint8Array, nth: number) => readonly Reaction[] | Reaction | undefined;

export class ScriptedUdp extends ScriptedHome {
  readonly server: Endpoint;
  readonly localAddress: IpAddress;
  readonly sent: SentDatagram[] = [];
  readonly opened: UdpOptions[] = [];
  openSockets = 0;
  script: Script;
  /** Makes `open` reject. */
  openFault: NetworkFault | undefined;

  constructor(script: Script, addresses: { readonly server?: string; readonly local?: string } = {}) {
    const { server = '192.168.1.1', local = '192.168.1.7' } = addresses;
    super({ client: [local], router: [server, local.replace(/7$/, '254')] });
    this.script = script;
    this.server = { address: ip(server), port: 5351, ...(server.startsWith('fe80:') ? { zone: 'eth0' } : {}) };
    this.localAddress = ip(local);
  }

  readonly udp: Udp = {
    open: async (options) => {
      if (this.openFault !== undefined) throw new NetworkError(this.openFault, this.openFault);
      this.opened.push(options);
      return this.#watched(await this.system.udp.open(options), this.opened.length);
    },
  };

  /** Makes `send` reject. */
  set sendFault(fault: NetworkFault) {
    this.client.deny = () => fault;
  }

  /** Something that happens meanwhile. */
  at(moment: number, happen: () => void): void {
    this.world.at(after(this.world.timeline.start, millis(moment)), happen);
  }

  #watched(socket: UdpSocket, number: number): UdpSocket {
    const broken = Promise.withResolvers<never>();
    broken.promise.catch(() => undefined);
    let isOpen = true;
    this.openSockets += 1;
    return {
      local: socket.local,
      send: async (bytes, to) => {
        await socket.send(bytes, to);
        this.sent.push({ at: this.now, bytes, socket: number });
        for (const reaction of [this.script(bytes, this.sent.length) ?? []].flat())
          this.#react(reaction, socket.local, broken.reject);
      },
      receive: (signal) => Promise.race([socket.receive(signal), broken.promise]),
      close: () => {
        if (isOpen) this.openSockets -= 1;
        isOpen = false;
        socket.close();
      },
    };
  }

  #react(reaction: Reaction, to: Endpoint, breakSocket: (reason: NetworkError) => void): void {
    const { world, router } = this;
    const say = (content: PacketContent, source: Endpoint): void => {
      router.send({ transport: 'udp', source, destination: to, content });
    };
    world.after(millis(reaction.after ?? 1), () => {
      if ('bytes' in reaction) say({ kind: 'datagram', bytes: reaction.bytes }, reaction.from ?? this.server);
      else if (reaction.fault === 'refused') say({ kind: 'port-unreachable' }, this.server);
      else breakSocket(new NetworkError('other', 'scripted fault'));
    });
  }
}
