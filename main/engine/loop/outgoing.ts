/** Packets to gateways, counted where they leave this machine: one budget for all requests, whatever their source. */
import type { Endpoint, IpAddress } from '../../contract/address.ts';
import type { GatewayId } from '../../contract/model.ts';
import type { State, GatewayState } from '../../core/state.ts';
import type { System, UdpOptions, UdpSocket } from '../../system/system.ts';
import type { Controls } from './controls.ts';

/** UPnP Device Architecture 2.0 §1.2. */
const SSDP_PORT = 1900;

export class Outgoing {
  /** The one given, counting datagrams and connections. */
  readonly system: System;
  readonly #sent = new Map<IpAddress, number>();
  /** Sent, less what was counted. */
  readonly #open = new Map<GatewayId, number>();

  constructor(system: System) {
    const { udp, tcp } = system;
    const count = (to: Endpoint | undefined): void => this.#count(to);
    this.system = {
      ...system,
      udp: { open: async (options) => counting(await udp.open(options), options, count) },
      tcp: {
        connect: (to, options, signal) => {
          count(to);
          return tcp.connect(to, options, signal);
        },
        listen: (options) => tcp.listen(options),
        connectLocal: (path, signal) => tcp.connectLocal(path, signal),
      },
    };
  }

  /** So many were counted already. */
  counted(gateway: GatewayId, requests: number): void {
    this.#open.set(gateway, (this.#open.get(gateway) ?? 0) - requests);
  }

  /** Packets sent to the gateway and not counted; they are, from now on.
   * @param addresses of the gateway, looked up only when something was sent
   * @param isIdle nothing is on its way there: what was counted and not sent never will be */
  uncounted(gateway: GatewayId, addresses: () => readonly IpAddress[], isIdle: boolean): number {
    let open = this.#open.get(gateway) ?? 0;
    for (const address of this.#sent.size === 0 ? [] : addresses()) {
      open += this.#sent.get(address) ?? 0;
      this.#sent.delete(address);
    }
    this.#open.set(gateway, isIdle || open > 0 ? 0 : open);
    return Math.max(0, open);
  }

  #count(to: Endpoint | undefined): void {
    // Searches have a pace of their own.
    if (to === undefined || to.port === SSDP_PORT) return;
    const { address } = to;
    this.#sent.set(address, (this.#sent.get(address) ?? 0) + 1);
  }

  /** Packets to hosts that are no gateways count for nobody. */
  forgetOthers(): void {
    this.#sent.clear();
  }
}

function counting(socket: UdpSocket, { connectTo }: UdpOptions, count: (to: Endpoint | undefined) => void): UdpSocket {
  return {
    get local(): Endpoint {
      return socket.local;
    },
    send(bytes: Uint8Array, to?: Endpoint): Promise<void> {
      count(connectTo ?? to);
      return socket.send(bytes, to);
    },
    receive: (signal: AbortSignal) => socket.receive(signal),
    close: () => socket.close(),
  };
}

/** Where the gateway is asked: by the addresses of its controls, and by that of the default router over IPv6. */
export function addressesOf({ host }: State, gateway: GatewayState, controls: Controls): readonly IpAddress[] {
  const routers = gateway.isDefault
    ? (host?.defaultRouters ?? []).filter(({ interfaceName }) => interfaceName === gateway.interfaceName)
    : [];
  const controlled = controls.of(gateway.id).flatMap(({ address, remember }) => [address, remember.address]);
  return [...new Set([gateway.address, ...controlled, ...routers.flatMap(({ address }) => address ?? [])])];
}
