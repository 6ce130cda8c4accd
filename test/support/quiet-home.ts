/** A machine of ours in a network where nothing happens but what a test asks for. */
import { familyOf, ip, type IpAddress } from '../../main/contract/address.ts';
import { inHours, millis } from '../../main/contract/units.ts';
import type { Clock, Connection, Listener, Log, Random, Routes, System, Tcp } from '../../main/system/system.ts';
import type { SimHost } from '../world/sim-host.ts';
import { World } from '../world/world.ts';

/** Nothing takes time on the way, so that each moment of a conversation is one that somebody chose. */
const AT_ONCE = { least: millis(0), most: millis(0) };
/** Longer no conversation waits for anything. */
export const FOR_EVER = inHours(24 * 7);
export const never = new AbortController().signal;
/** Bytes of one segment, over Ethernet. */
const SEGMENT = 1460;

export class QuietWorld {
  readonly world = new World({ seed: 7, latency: AT_ONCE, splitStreams: false });
  /** The machine that talks. */
  readonly client: SimHost = this.world.network.addHost('client');

  get system(): System {
    return this.client.system;
  }

  get clock(): Clock {
    return this.client.system.clock;
  }

  get random(): Random {
    return this.client.system.random;
  }

  get log(): Log {
    return this.client.system.log;
  }

  get routes(): Routes {
    return this.client.system.routes;
  }

  /** Milliseconds since the test began. */
  get now(): number {
    return this.world.now - this.world.timeline.start;
  }

  /** Sleeps that nobody has cancelled, and datagrams on their way. */
  get pending(): number {
    return this.world.timeline.size;
  }

  /** Lets time pass until the conversation is over. @throws what it rejects with, or Error when it waits forever */
  async run<Value>(conversation: Promise<Value>): Promise<Value> {
    return await this.world.finish(conversation, FOR_EVER);
  }

  /** Lets these milliseconds pass, whatever happens in them; what can happen at once when there are none. */
  async pass(duration = 0): Promise<void> {
    await this.world.run(millis(duration));
  }
}

/** With one router, which says nothing on its own. */
export class QuietHome extends QuietWorld {
  readonly router: SimHost;

  constructor(addresses: { readonly client: readonly string[]; readonly router: readonly string[] }) {
    super();
    this.#connect(this.client, addresses.client);
    this.router = this.addHost('router', addresses.router);
    // That, too, is what the test says.
    this.router.answersClosedPorts = false;
  }

  /** One more machine, with a cable to the others. */
  addHost(name: string, addresses: readonly string[]): SimHost {
    const host = this.world.network.addHost(name);
    this.#connect(host, addresses);
    return host;
  }

  #connect(host: SimHost, addresses: readonly string[]): void {
    const segment = this.world.network.segment('lan');
    host.addInterface({ name: 'eth0', segment, addresses: interfaceAddresses(addresses.map(ip)) });
  }
}

export const interfaceAddresses = (
  addresses: readonly IpAddress[],
): readonly { readonly address: IpAddress; readonly prefix: number; readonly temporary: false }[] =>
  addresses.map((address) => ({ address, prefix: familyOf(address) === 'ipv4' ? 24 : 64, temporary: false }));

/** A system for a server, but whoever is connected is heard here first. `hear` returns the request that the server is to read,
 * `undefined` when it sees to the answer itself. */
export function overheard(
  system: System,
  hear: (request: string, connection: Connection) => string | undefined,
): System {
  const listen = async (options: Parameters<Tcp['listen']>[0]): Promise<Listener> => {
    const listener = await system.tcp.listen(options);
    return {
      local: listener.local,
      close: () => listener.close(),
      accept: async (signal) => {
        for (;;) {
          const connection = await listener.accept(signal);
          const request = hear(textOf(await firstPacket(connection)), connection);
          if (request !== undefined) return withRead(connection, request);
        }
      },
    };
  };
  const { tcp } = system;
  return {
    ...system,
    tcp: { connect: (...all) => tcp.connect(...all), connectLocal: (...all) => tcp.connectLocal(...all), listen },
  };
}

function withRead(connection: Connection, request: string): Connection {
  let waiting: Uint8Array | undefined = new TextEncoder().encode(request);
  return {
    local: connection.local,
    remote: connection.remote,
    write: (answer) => connection.write(answer),
    read: async (signal) => {
      const first = waiting;
      waiting = undefined;
      return first ?? connection.read(signal);
    },
    close: () => connection.close(),
  };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** X19: a router reads one packet, and answers that. Empty when there is none. */
export async function firstPacket(connection: Connection): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const piece = await connection.read(never).catch(() => undefined);
    if (piece !== undefined) pieces.push(piece);
    if (piece?.length !== SEGMENT) return Buffer.concat(pieces);
  }
}
