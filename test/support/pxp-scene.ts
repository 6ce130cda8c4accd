/** A PCP or NAT-PMP control at a simulated router, or at a server whose reactions a test writes down: datagrams that are lost,
 * late or not ours, which no habit of the simulator is. */
import { ip, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import type { MappingKey, MappingWish } from '../../main/contract/mapping.ts';
import { after, millis, port, seconds } from '../../main/contract/units.ts';
import { NatPmpControl, probeNatPmp } from '../../main/gateways/pxp/nat-pmp.ts';
import { PcpControl, probePcp } from '../../main/gateways/pxp/pcp.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { SimRouter } from '../../main/simulator/router/router.ts';
import {
  NetworkError,
  type NetworkFault,
  type Udp,
  type UdpOptions,
  type UdpSocket,
} from '../../main/system/system.ts';
import type { PacketContent } from '../world/packet.ts';
import type { Habits } from './igd-scene.ts';
import { readNatPmp, readPcp } from './pxp-bytes.ts';
import { never, QuietHome } from './quiet-home.ts';

export { never };
export const nonce = '0102030405060708090a0b0c';
export const THIRD_PARTY = 1;
export const PREFER_FAILURE = 2;
/** NAT-PMP knows no nonce, and ignores it. */
export const wish: MappingWish = {
  family: 'ipv4',
  transport: 'tcp',
  external: { port: port(443) },
  internal: { client: ip('192.168.1.7'), port: port(8443) },
  lease: seconds(7200),
  description: 'a test',
  acceptOtherPort: false,
  handle: { nonce },
  recreate: false,
};

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

export interface PxpAddresses {
  readonly server?: string;
  readonly local?: string;
}

export class PxpHome extends QuietHome {
  readonly server: Endpoint;
  readonly localAddress: IpAddress;
  readonly sent: SentDatagram[] = [];
  readonly opened: UdpOptions[] = [];
  openSockets = 0;
  readonly device: SimRouter;
  /** In the router's place. */
  script: Script | undefined;
  /** Makes `open` reject. */
  openFault: NetworkFault | undefined;

  constructor(answers: Script | Habits, { server = '192.168.1.1', local = '192.168.1.7' }: PxpAddresses = {}) {
    super({ client: [local], router: ['192.168.1.1', 'fe80::1', local.replace(/7$/, '254')] });
    const isScript = typeof answers === 'function';
    this.script = isScript ? answers : undefined;
    this.router.dropInbound = () => this.script !== undefined;
    this.device = new SimRouter({
      system: this.router.system,
      lan: { interfaceName: 'eth0', address: ip('192.168.1.1'), address6: ip('fe80::1') },
      wan: { address: ip('11.22.33.44') },
      personality: personality('pxp-only', { pxp: { announcements: 0 } }, ...(isScript ? [] : answers)),
    });
    if (!isScript) this.world.spawn(() => this.device.start());
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
        for (const reaction of [this.script?.(bytes, this.sent.length) ?? []].flat())
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

/** A control at that server, and how it is used. */
function used(lan: PxpHome, control: PcpControl | NatPmpControl) {
  return {
    lan,
    control,
    open: (changes: Partial<MappingWish> = {}) => lan.run(control.open({ ...wish, ...changes }, never)),
    close: (changes: Partial<MappingKey> = {}) => lan.run(control.close({ ...wish, ...changes }, never)),
    vitals: () => lan.run(control.vitals(never)),
  };
}

const optionsAt = (lan: PxpHome) => ({ network: lan, server: lan.server, localAddress: lan.localAddress });

export function pcp(answers: Script | Habits = [], addresses: PxpAddresses = {}) {
  const lan = new PxpHome(answers, addresses);
  return {
    ...used(lan, new PcpControl(optionsAt(lan))),
    requests: () => lan.sent.map(({ bytes }) => readPcp(bytes)),
    probe: () => lan.run(probePcp(optionsAt(lan), never)),
  };
}

export function natPmp(answers: Script | Habits = []) {
  const lan = new PxpHome(answers);
  return {
    ...used(lan, new NatPmpControl(optionsAt(lan))),
    requests: () => lan.sent.map(({ bytes }) => readNatPmp(bytes)),
    probe: () => lan.run(probeNatPmp(optionsAt(lan), never)),
  };
}
