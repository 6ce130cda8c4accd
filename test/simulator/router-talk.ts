/** Talks to a simulated router in plain bytes, from a host of its LAN: no encoder of ours takes part. */
import { type IpAddress, ip } from '../../main/contract/address.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { type Home, type HomeOptions, createHome } from '../world/home.ts';
import type { Personality } from '../../main/simulator/router/personality.ts';
import { type PersonalityName, personality } from '../../main/simulator/personalities/personalities.ts';
import type { SimHost } from '../world/sim-host.ts';
import { World } from '../world/world.ts';
import type { Datagram, UdpSocket } from '../../main/system/system.ts';

export const ROUTER = ip('192.168.1.1');
export const CLIENT = ip('192.168.1.10');
export const NEIGHBOUR = ip('192.168.1.11');
export const OUTSIDE = ip('11.22.33.44');
export const CONNECTION = 'urn:schemas-upnp-org:service:WANIPConnection:2';
export const CONNECTION_1 = 'urn:schemas-upnp-org:service:WANIPConnection:1';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface SoapAnswer {
  /** HTTP status. */
  readonly status: number;
  readonly body: string;
  /** The UPnP error code, if there is one in the body. */
  readonly code: number | undefined;
  /** The text of an element of the answer. */
  value(name: string): string | undefined;
}

/** One host's side of the conversation. */
export class Talk {
  readonly #world: World;
  readonly #host: SimHost;
  readonly #home: Home;
  /** Where SOAP requests go, and which service they name. */
  service: string;
  control = '/ctl/WANIPCn';

  constructor(home: Home, host: SimHost) {
    this.#world = home.world;
    this.#home = home;
    this.#host = host;
    this.service = home.router.personality.device.igdVersion === 2 ? CONNECTION : CONNECTION_1;
  }

  get httpPort(): number {
    return Number(new URL(this.#home.router.location).port);
  }

  /** Sends each piece as one segment, a second apart; resolves to all that comes back until the router hangs up. */
  async raw(pieces: readonly string[], to: IpAddress = ROUTER): Promise<string> {
    const { tcp, clock } = this.#host.system;
    const { signal } = new AbortController();
    const work = async (): Promise<string> => {
      const connection = await tcp.connect({ address: to, port: this.httpPort }, {}, signal);
      let text = '';
      try {
        for (const [at, piece] of pieces.entries()) {
          if (at > 0) await clock.sleep(inSeconds(1), signal);
          await connection.write(encoder.encode(piece));
        }
        for (let bytes = await connection.read(signal); bytes !== undefined; bytes = await connection.read(signal)) {
          text += decoder.decode(bytes);
        }
      } catch {
        // Data received before the connection broke is the answer.
      }
      connection.close();
      return text;
    };
    return this.#world.finish(work());
  }

  async get(path: string): Promise<string> {
    return this.raw([`GET ${path} HTTP/1.1\r\nHost: ${ROUTER}:${this.httpPort}\r\nConnection: close\r\n\r\n`]);
  }

  async soap(action: string, values: Readonly<Record<string, string | number>> = {}): Promise<SoapAnswer> {
    return readAnswer(await this.raw([this.soapRequest(action, values)]));
  }

  /** As upnpc 2.2.4 writes it. */
  soapRequest(action: string, values: Readonly<Record<string, string | number>> = {}): string {
    const tags = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`);
    const body = `<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${this.service}">${tags.join('')}</u:${action}></s:Body></s:Envelope>\r\n`;
    return `POST ${this.control} HTTP/1.1\r\nHost: ${ROUTER}:${this.httpPort}\r\nUser-Agent: Debian/bookworm/sid, UPnP/1.1, MiniUPnPc/2.2.4\r\nContent-Length: ${body.length}\r\nContent-Type: text/xml\r\nSOAPAction: "${this.service}#${action}"\r\nConnection: Close\r\nCache-Control: no-cache\r\nPragma: no-cache\r\n\r\n${body}`;
  }

  async add(change: Readonly<Record<string, string | number>> = {}, action = 'AddPortMapping'): Promise<SoapAnswer> {
    const address = this.#host.interface('eth0')?.addresses[0]?.address ?? CLIENT;
    return this.soap(action, {
      NewRemoteHost: '',
      NewExternalPort: 8080,
      NewProtocol: 'TCP',
      NewInternalPort: 8080,
      NewInternalClient: address,
      NewEnabled: 1,
      NewPortMappingDescription: 'game',
      NewLeaseDuration: 3600,
      ...change,
    });
  }

  async remove(externalPort: number, protocol = 'TCP', remoteHost = ''): Promise<SoapAnswer> {
    const key = { NewRemoteHost: remoteHost, NewExternalPort: externalPort, NewProtocol: protocol };
    return this.soap('DeletePortMapping', key);
  }

  async specific(externalPort: number, protocol = 'TCP'): Promise<SoapAnswer> {
    const key = { NewRemoteHost: '', NewExternalPort: externalPort, NewProtocol: protocol };
    return this.soap('GetSpecificPortMappingEntry', key);
  }

  async entry(index: number): Promise<SoapAnswer> {
    return this.soap('GetGenericPortMappingEntry', { NewPortMappingIndex: index });
  }

  /** One datagram to the PCP and NAT-PMP port; the answer in hexadecimal, `silence` after three seconds, or the fault. */
  async datagram(hexadecimal: string, to: IpAddress = ROUTER): Promise<string> {
    const { udp } = this.#host.system;
    const family = to.includes(':') ? 'ipv6' : 'ipv4';
    const socket = await udp.open({ family, connectTo: { address: to, port: 5351 } });
    try {
      await socket.send(bytesOf(hexadecimal));
      const [answer] = await this.#hear(socket, 1);
      return answer === undefined ? 'silence' : hexOf(answer.bytes);
    } catch (error) {
      return error instanceof Error && 'fault' in error ? String(error.fault) : 'failed';
    } finally {
      socket.close();
    }
  }

  /** All answers to a search, as text, and where each came from. */
  async search(target: string, to: 'multicast' | 'unicast' = 'multicast'): Promise<readonly Heard[]> {
    const { udp } = this.#host.system;
    const here = { groups: [], interfaceName: 'eth0', interfaceAddress: CLIENT };
    const socket = await udp.open({ family: 'ipv4', localAddress: CLIENT, multicast: here });
    const address = to === 'multicast' ? ip('239.255.255.250') : ROUTER;
    const lines = [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 2',
      `ST: ${target}`,
    ];
    await socket.send(encoder.encode(`${lines.join('\r\n')}\r\n\r\n`), { address, port: 1900 });
    const heard = await this.#hear(socket, 100);
    socket.close();
    return heard.map(toHeard);
  }

  /** Collects what is sent to a group while `act` goes on and for the duration after it. */
  async eavesdrop(
    group: string,
    port: number,
    act: () => void | Promise<void>,
    seconds: number,
  ): Promise<readonly Heard[]> {
    const { udp, clock } = this.#host.system;
    const multicast = { groups: [ip(group)], interfaceName: 'eth0', interfaceAddress: CLIENT };
    const socket = await udp.open({ family: 'ipv4', localPort: port, share: true, multicast });
    const heard: Heard[] = [];
    const stop = new AbortController();
    this.#world.spawn(async () => {
      for (;;) {
        try {
          heard.push({ ...toHeard(await socket.receive(stop.signal)), at: clock.now() });
        } catch {
          return;
        }
      }
    });
    await act();
    await this.#world.run(inSeconds(seconds));
    stop.abort();
    socket.close();
    await this.#world.settle();
    return heard;
  }

  async #hear(socket: UdpSocket, most: number): Promise<readonly Datagram[]> {
    const patience = new AbortController();
    const heard: Datagram[] = [];
    this.#world.after(inSeconds(3), () => patience.abort());
    const listen = async (): Promise<void> => {
      while (heard.length < most && !patience.signal.aborted) {
        try {
          heard.push(await socket.receive(patience.signal));
        } catch (error) {
          if (!patience.signal.aborted) throw error;
        }
      }
    };
    await this.#world.finish(listen());
    return heard;
  }
}

export interface Heard {
  readonly from: string;
  readonly text: string;
  readonly hex: string;
  readonly at?: number;
  header(name: string): string | undefined;
}

function toHeard({ from, bytes }: Datagram): Heard {
  const text = decoder.decode(bytes);
  return {
    from: `${from.address}:${from.port}`,
    text,
    hex: hexOf(bytes),
    header: (name) => new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1],
  };
}

export function readAnswer(text: string): SoapAnswer {
  const code = /<errorCode>(\d+)</.exec(text)?.[1];
  return {
    status: Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0),
    body: text.slice(text.indexOf('\r\n\r\n') + 4),
    code: code === undefined ? undefined : Number(code),
    value: (name) => new RegExp(`<${name}>([^<]*)</`).exec(text)?.[1],
  };
}

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const bytesOf = (hexadecimal: string): Uint8Array =>
  Uint8Array.from(hexadecimal.replaceAll(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

export interface Scene {
  readonly world: World;
  readonly home: Home;
  readonly router: Home['router'];
  /** From 192.168.1.10. */
  readonly talk: Talk;
  /** From 192.168.1.11. */
  readonly neighbour: Talk;
}

export async function scene(
  router: PersonalityName | Personality = 'miniupnpd',
  options: Omit<HomeOptions, 'router'> = {},
): Promise<Scene> {
  const world = new World({ seed: 7 });
  const played = typeof router === 'string' ? personality(router) : router;
  const home = await createHome(world, { router: played, ...options });
  const [other = home.client] = home.others;
  return { world, home, router: home.router, talk: new Talk(home, home.client), neighbour: new Talk(home, other) };
}
