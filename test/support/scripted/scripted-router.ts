/** What hosts of a scripted LAN say when they are routers, or only look like them. Written by hand, byte for byte, so that the
 * tests do not agree with the program's own encoders. */
import type { RouterTraits } from '../../../main/contract/mapping.ts';
import type { TraitMemory } from '../../../main/gateways/port-control.ts';
import type { Reply, ScriptedHost } from './scripted-lan.ts';

export const IGD1 = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';

export const noTraits = {
  traitsFor: (): TraitMemory => {
    let known: RouterTraits = {};
    return { get: () => known, learn: (traits) => void (known = { ...known, ...traits }) };
  },
};

export function http(status: number, body: string): string {
  return `HTTP/1.1 ${status} Whatever\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

export function searchAnswer(location: string, target = IGD1): string {
  return (
    `HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: ${target}\r\nUSN: uuid:1::${target}\r\n` +
    `EXT:\r\nSERVER: Test/1 UPnP/1.1\r\nLOCATION: ${location}\r\n\r\n`
  );
}

export interface DescribedService {
  readonly type: string;
  readonly control: string;
}

export const WAN_IP: DescribedService = {
  type: 'urn:schemas-upnp-org:service:WANIPConnection:1',
  control: '/ctl/IPConn',
};
export const FIREWALL: DescribedService = {
  type: 'urn:schemas-upnp-org:service:WANIPv6FirewallControl:1',
  control: '/ctl/IP6FCtl',
};

export function description(name: string, services: readonly DescribedService[]): string {
  const list = services
    .map(
      ({ type, control }) =>
        `<service><serviceType>${type}</serviceType><serviceId>x</serviceId><controlURL>${control}</controlURL>` +
        `<eventSubURL>${control}/events</eventSubURL><SCPDURL>${control}.xml</SCPDURL></service>`,
    )
    .join('');
  return (
    '<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>' +
    `<deviceType>${IGD1}</deviceType><friendlyName>${name}</friendlyName><manufacturer>Acme</manufacturer>` +
    `<modelName>${name}</modelName><UDN>uuid:1</UDN><serviceList>${list}</serviceList></device></root>`
  );
}

/** Answers of WANIPConnection:1 to what is asked for a sign of life. */
export function soapAnswer(request: string, external = '11.22.33.44', status = 'Connected'): string {
  const action = /SOAPAction: "[^#]*#(\w+)"/i.exec(request)?.[1] ?? '';
  const values: Readonly<Record<string, string>> = {
    GetExternalIPAddress: `<NewExternalIPAddress>${external}</NewExternalIPAddress>`,
    GetStatusInfo: `<NewConnectionStatus>${status}</NewConnectionStatus><NewUptime>77</NewUptime>`,
    GetFirewallStatus: '<FirewallEnabled>1</FirewallEnabled><InboundPinholeAllowed>1</InboundPinholeAllowed>',
  };
  const body = (inner: string): string =>
    `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${inner}</s:Body></s:Envelope>`;
  const value = values[action];
  if (value === undefined)
    return http(500, body('<s:Fault><detail><UPnPError><errorCode>401</errorCode></UPnPError></detail></s:Fault>'));
  return http(200, body(`<u:${action}Response xmlns:u="x">${value}</u:${action}Response>`));
}

export interface IgdScript {
  readonly port?: number;
  readonly path?: string;
  readonly name?: string;
  readonly services?: readonly DescribedService[];
  readonly external?: string;
  readonly status?: string;
  /** Written into SSDP answers in place of the truth. */
  readonly location?: string;
  readonly answerAfterMs?: number;
}

/** An Internet Gateway Device at `address`. */
export function igd(address: string, script: IgdScript = {}): Required<Pick<ScriptedHost, 'udp' | 'http'>> {
  const { port = 5000, path = '/rootDesc.xml', name = 'Router', services = [WAN_IP] } = script;
  const host = address.includes(':') ? `[${address}]` : address;
  const location = script.location ?? `http://${host}:${port}${path}`;
  return {
    udp: {
      1900: (bytes: Uint8Array, reply: Reply) => {
        const target = /^ST: *(.*?)\r$/m.exec(new TextDecoder().decode(bytes))?.[1] ?? '';
        reply(searchAnswer(location, target), { afterMs: script.answerAfterMs ?? 5 });
      },
    },
    http: {
      [port]: (request: string) => {
        if (request.startsWith(`GET ${path} `)) return http(200, description(name, services));
        if (/^(?:M-)?POST /.test(request) && services.some(({ control }) => request.includes(` ${control} HTTP`)))
          return soapAnswer(request, script.external, script.status);
        return http(404, 'not here');
      },
    },
  };
}

/** RFC 6886 §3.2. */
export function natPmpServer(external: readonly number[] = [11, 22, 33, 44]): NonNullable<ScriptedHost['udp']>[number] {
  return (bytes, reply) => {
    if (bytes[0] === 0 && bytes[1] === 0) reply(new Uint8Array([0, 128, 0, 0, 0, 0, 1, 0, ...external]));
    // Appendix A of RFC 6887: how a NAT-PMP server refuses version 2.
    if (bytes[0] === 2) reply(new Uint8Array([0, 128, 0, 1, 0, 0, 1, 0]));
  };
}

/** Says yes to whatever it is asked (RFC 6887 §11, §14.1): an answer is the question with the answer bit set, SUCCESS, a lifetime
 * and an epoch. Answers NAT-PMP too on request. */
export function pcpServer(options: { readonly natPmp?: boolean } = {}): NonNullable<ScriptedHost['udp']>[number] {
  const natPmp = natPmpServer();
  return (bytes, reply, to) => {
    if (bytes[0] === 2) {
      const answer = Uint8Array.from(bytes);
      answer.set([2, 0x80 | (bytes[1] ?? 0), 0, 0, 0, 0, 0, 120, 0, 0, 1, 0]);
      reply(answer);
    } else if (options.natPmp === true) natPmp(bytes, reply, to);
    else reply(new Uint8Array([2, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0]));
  };
}
