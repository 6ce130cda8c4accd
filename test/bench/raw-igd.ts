/** The least that opens a port over UPnP: M-SEARCH, GET, POST by hand, no XML parser, no retry. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { RawWish } from './raw-pxp.ts';

const SEARCH_TARGET = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';

/** LOCATION of the first answer to one multicast M-SEARCH. @throws Error when nothing comes within 5 s */
export async function rawSearch(client: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createSocket('udp4');
  const limit = setTimeout(() => reject(new Error('no answer')), 5000);
  socket.once('error', reject);
  socket.on('message', (bytes) => {
    const [, location] = /^location: *(\S+)/im.exec(bytes.toString()) ?? [];
    if (location !== undefined) resolve(location);
  });
  socket.bind(0, client, () => {
    socket.setMulticastInterface(client);
    const request = [
      'M-SEARCH * HTTP/1.1',
      'HOST: 239.255.255.250:1900',
      'MAN: "ssdp:discover"',
      'MX: 1',
      `ST: ${SEARCH_TARGET}`,
      '\r\n',
    ];
    socket.send(request.join('\r\n'), 1900, '239.255.255.250');
  });
  return promise.finally(() => {
    clearTimeout(limit);
    socket.close();
  });
}

export interface RawService {
  readonly url: URL;
  readonly type: string;
}

/** GET of the description, and out of it the first WAN connection service. */
export async function rawDescribe(location: string): Promise<RawService> {
  const url = new URL(location);
  const text = await http(url, `GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: close\r\n\r\n`);
  const service = /<serviceType>(urn:schemas-upnp-org:service:WANIPConnection:\d)<[\s\S]*?<controlURL>([^<]+)</;
  const [, type, control] = service.exec(text) ?? [];
  if (type === undefined || control === undefined) throw new Error(`no WAN service at ${location}`);
  return { url: new URL(control, url), type };
}

/** AddPortMapping, or DeletePortMapping for a lifetime of 0. Answers 0, or the UPnP error code. */
export async function rawAdd(service: RawService, wish: Omit<RawWish, 'gateway'>): Promise<number> {
  const { transport, external, internal, client, lifetime } = wish;
  const key =
    `<NewRemoteHost></NewRemoteHost><NewExternalPort>${external}</NewExternalPort>` +
    `<NewProtocol>${transport.toUpperCase()}</NewProtocol>`;
  const rest =
    `<NewInternalPort>${internal}</NewInternalPort><NewInternalClient>${client}</NewInternalClient>` +
    '<NewEnabled>1</NewEnabled><NewPortMappingDescription>raw</NewPortMappingDescription>' +
    `<NewLeaseDuration>${lifetime}</NewLeaseDuration>`;
  return lifetime === 0 ? soap(service, 'DeletePortMapping', key) : soap(service, 'AddPortMapping', key + rest);
}

async function soap(service: RawService, action: string, inside: string): Promise<number> {
  const body =
    '<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${service.type}">${inside}</u:${action}></s:Body></s:Envelope>`;
  const head =
    `POST ${service.url.pathname} HTTP/1.1\r\nHost: ${service.url.host}\r\nConnection: close\r\n` +
    `Content-Type: text/xml; charset="utf-8"\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
    `SOAPAction: "${service.type}#${action}"\r\n\r\n`;
  const answer = await http(service.url, head + body);
  if (answer.startsWith('HTTP/1.1 200')) return 0;
  return Number(/<errorCode>(\d+)</.exec(answer)?.[1] ?? '-1');
}

/** One connection, one write, all that comes until the gateway closes. */
function http(url: URL, request: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect({ host: url.hostname, port: Number(url.port) }, () => socket.write(request));
  socket.setNoDelay(true);
  socket.setTimeout(15_000, () => socket.destroy(new Error('no answer')));
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.once('error', reject);
  socket.once('end', () => resolve(Buffer.concat(chunks).toString()));
  return promise.finally(() => socket.destroy());
}
