/** A whole home router on loopback, for people who want to try things without touching theirs. */
import { ip, type Endpoint, type IpAddress } from '../../contract/address.ts';
import type { Transport } from '../../contract/model.ts';
import { NetworkError, type System } from '../../system/system.ts';
import { personality as named } from '../personalities/personalities.ts';
import type { Personality } from '../router/personality.ts';
import { SimRouter } from '../router/router.ts';
import { LoopbackPlane } from './loopback-plane.ts';

export interface DemoRouterOptions {
  /** Where the router is found; 127.0.0.1 when absent. */
  readonly address?: IpAddress;
  /** Port of the device description; any free one when absent. */
  readonly httpPort?: number;
  /** Port of PCP and NAT-PMP; any free one when absent, 5351 for clients that cannot use another. */
  readonly pxpPort?: number;
  /** miniupnpd's when absent. */
  readonly personality?: Personality;
  /** The address that it says to have on the internet; 11.22.33.44 when absent. */
  readonly wan?: IpAddress;
  /** Where mapped ports are really reached; 127.0.0.2 when absent. */
  readonly outside?: IpAddress;
  /** Lines for people: ports opened and closed, and where they are reached. */
  readonly log: (line: string) => void;
}

export interface DemoRouter {
  /** URL of the device description; empty when the personality has no UPnP. */
  readonly location: string;
  readonly pxp: Endpoint;
  readonly router: SimRouter;
  /** Where a mapped port is really reached, once its socket is open; `undefined` when it is not. */
  reachedAt(transport: Transport, externalPort: number): Promise<Endpoint | undefined>;
  /** Ends every server and every forward; so does the signal. */
  stop(): Promise<void>;
}

/** @throws NetworkError when a port cannot be had */
export async function startDemoRouter(
  options: DemoRouterOptions,
  system: System,
  signal: AbortSignal,
): Promise<DemoRouter> {
  signal.throwIfAborted();
  const address = options.address ?? ip('127.0.0.1');
  const plane = new LoopbackPlane({ system, outside: options.outside ?? ip('127.0.0.2'), log: options.log });
  const pxpPort = options.pxpPort ?? (await freeUdpPort(system, address));
  const router = new SimRouter({
    system,
    lan: { interfaceName: await interfaceOf(system, address, signal), address },
    wan: { address: options.wan ?? ip('11.22.33.44') },
    personality: options.personality ?? named(),
    plane,
    // Loopback has no multicast that others could hear; the description is found by its URL.
    ports: { http: options.httpPort ?? 0, pxp: pxpPort, ssdp: false },
  });
  const stop = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    await router.stop();
  };
  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await router.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    location: router.location,
    pxp: { address, port: pxpPort },
    router,
    reachedAt: (transport, externalPort) => plane.reachedAt(transport, externalPort),
    stop,
  };
}

/** @throws NetworkError when this machine does not have the address */
async function interfaceOf(system: System, address: IpAddress, signal: AbortSignal): Promise<string> {
  const { interfaces } = await system.routes.read(signal);
  const owner = interfaces.find(({ addresses }) => addresses.some((own) => own.address === address));
  // Linux has all of 127.0.0.0/8 without listing it.
  const loopback = address.startsWith('127.') ? interfaces.find((each) => each.loopback) : undefined;
  const found = owner ?? loopback;
  if (found === undefined) throw new NetworkError('unreachable', `no interface has ${address}`);
  return found.name;
}

async function freeUdpPort(system: System, address: IpAddress): Promise<number> {
  const socket = await system.udp.open({ family: 'ipv4', localAddress: address });
  socket.close();
  return socket.local.port;
}

export interface DemoStarter {
  /** Ends with the signal. @returns the URL of its description @throws NetworkError when no port can be had */
  start(signal: AbortSignal): Promise<string>;
}

/** @param log gets a line for each port that it opens or closes, with where that is reached; the system's log when absent */
export function createDemoStarter(system: System, log?: (line: string) => void): DemoStarter {
  const tell = log ?? ((line: string) => system.log.write('info', `simulated router: ${line}`));
  return {
    async start(signal) {
      const { location } = await startDemoRouter({ log: tell }, system, signal);
      return location;
    },
  };
}
