/** A probe server on the internet side of a virtual home, and a tally of every packet that its machine sends. */
import { ip, type Endpoint, type IpAddress } from '../../main/contract/address.ts';
import type { Transport } from '../../main/contract/model.ts';
import { port } from '../../main/contract/units.ts';
import { askProbe, type ProbeAnswer } from '../../main/probe/ask.ts';
import { ProbeServer, type ServedProbe } from '../../main/probe/server.ts';
import { openStandIn, type StandIn } from '../../main/probe/stand-in.ts';
import type { Home } from '../world/home.ts';
import type { Packet } from '../world/packet.ts';
import type { SimHost } from '../world/sim-host.ts';

export const PROBE_PORT = 15_351;
const SERVER = ip('9.9.9.9');

/** Bytes that programs sent, without the headers of the network. */
export const payloadOf = ({ content }: Packet): number =>
  content.kind === 'datagram' || content.kind === 'data' ? content.bytes.length : 0;

export class ProbeScene {
  readonly home: Home;
  readonly served: ServedProbe[] = [];
  /** Packets from the server's machine. */
  readonly sent: Packet[] = [];
  /** Packets to it, as far as hosts sent them there. */
  readonly received: Packet[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  static async start(home: Home, secret?: string): Promise<ProbeScene> {
    const served: ServedProbe[] = [];
    const server = await home.world.finish(
      ProbeServer.open({
        system: home.internet.system,
        port: port(PROBE_PORT),
        secret: secret === undefined ? undefined : new TextEncoder().encode(secret),
        probed: (what) => served.push(what),
      }),
    );
    return new ProbeScene(home, server, served);
  }

  private constructor(home: Home, server: ProbeServer, served: ServedProbe[]) {
    this.home = home;
    this.served = served;
    home.world.network.onPacket = (from, packet) => {
      if (from === home.internet) this.sent.push(packet);
      else if (packet.destination.address === SERVER) this.received.push(packet);
    };
    this.#ended = server.serve(this.#stop.signal);
  }

  get server(): Endpoint {
    return { address: SERVER, port: PROBE_PORT };
  }

  /** Everybody whom the server's machine sent anything at all. */
  get recipients(): readonly IpAddress[] {
    return [...new Set(this.sent.map(({ destination }) => destination.address))];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.home.world.finish(this.#ended);
  }

  /** @param host who asks; the client when absent */
  async ask(
    transport: Transport,
    wanted: number,
    { secret, standIn, host = this.home.client }: { secret?: string; standIn?: StandIn; host?: SimHost } = {},
  ): Promise<ProbeAnswer> {
    const question = {
      server: this.server,
      transport,
      port: port(wanted),
      standIn,
      secret: secret === undefined ? undefined : new TextEncoder().encode(secret),
    };
    return await this.home.world.finish(askProbe(host.system, question, new AbortController().signal));
  }

  /** Somebody at the client who answers in a program's place. */
  async standIn(transport: Transport, at: number): Promise<StandIn> {
    const { system } = this.home.client;
    return await this.home.world.finish(openStandIn(system, transport, { address: ip('192.168.1.10'), port: at }));
  }
}
