/** Values of `--router`: an address, the URL of a description, a host name, or a part of a router's name. */
import { lookup } from 'node:dns/promises';
import { parseIp } from '../../contract/address.ts';
import { parseHttpUrl } from '../../wire/url.ts';
import { WireError } from '../../wire/wire-error.ts';
import { badValue, InputFault } from '../output/fault.ts';

/** One of the two. */
export interface GatewayChoice {
  /** Asked directly: an address, or a URL with a literal address. */
  readonly manual?: string;
  /** Searched for as ever; this must be in its name. */
  readonly name?: string;
}

/** Such as `fritz.box`; names that routers call themselves have no dot, or a blank as well. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/i;
const SCHEME = /^([a-z][a-z\d+.-]*):\/\/(.*)$/is;

/** The address of a host name, or `undefined`. */
export type Resolve = (host: string) => Promise<string | undefined>;

const resolveHost: Resolve = (host) =>
  lookup(host, { family: 4 }).then(
    ({ address }) => address,
    () => undefined,
  );

/** @throws InputFault */
export async function gatewayChoice(given: string, resolve: Resolve = resolveHost): Promise<GatewayChoice> {
  const text = given.trim();
  if (text === '')
    throw new InputFault('--router: enter the router’s address, such as 192.168.1.1.', { at: { word: '--router' } });
  const [, scheme, rest] = SCHEME.exec(text) ?? [];
  if (scheme !== undefined && rest !== undefined) return { manual: await manualUrl(text, scheme, rest, resolve) };
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (parseIp(bare.replace(/%.*$/, '')) !== undefined) return { manual: bare };
  const [, host, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  if (host !== undefined && port !== undefined) {
    throw badValue(
      '--router',
      text,
      `Leave the port out, as in ${host}, or use the whole description URL, such as http://${host}:${port}/rootDesc.xml`,
    );
  }
  const address = HOST_NAME.test(text) ? await resolve(text) : undefined;
  return address === undefined ? { name: text } : { manual: address };
}

async function manualUrl(text: string, scheme: string, rest: string, resolve: Resolve): Promise<string> {
  if (scheme.toLowerCase() !== 'http') {
    throw badValue(
      '--router',
      text,
      'Description URLs begin with http://. The address alone is enough, such as 192.168.1.1.',
    );
  }
  const [, name = '', tail = ''] = /^([^/?#:]*)(.*)$/s.exec(rest) ?? [];
  const isName = (HOST_NAME.test(name) || name.toLowerCase() === 'localhost') && parseIp(name) === undefined;
  const address = isName ? await resolve(name) : name;
  if (address === undefined) {
    throw badValue(
      '--router',
      text,
      `The name ${name} wasn’t found. Use the address instead, such as http://192.168.1.1${tail}`,
    );
  }
  const url = `http://${address}${tail}`;
  const parsed = parseHttpUrl(url);
  if (!(parsed instanceof WireError)) return url;
  throw badValue(
    '--router',
    text,
    `A description URL looks like http://192.168.1.1:5000/rootDesc.xml (${parsed.message}).`,
  );
}
