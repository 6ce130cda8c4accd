/** Providers of dynamic DNS: what each is sent, and what its answers mean. Pure but for `ask`. */
import type { DnsProviderId } from '../../contract/dynamic-dns.ts';
import type { OwnAddresses } from '../../contract/snapshot.ts';
import { inHours, inMinutes } from '../../contract/units.ts';
import { updateCloudflare } from './cloudflare.ts';
import type { NameOutcome, NamePace } from './name-plan.ts';
import {
  readDuckDns,
  readDyndns2,
  readFreely,
  type Ask,
  type NameAccount,
  type UpdateName,
} from './provider-answers.ts';

interface Provider extends NamePace {
  readonly update: UpdateName;
}

/** ddclient 4: `min-interval` of most, and `max-interval`, before a name that nobody uses is taken away. */
const USUAL: NamePace = { gap: inMinutes(5), refresh: inHours(25 * 24) };
/** deSEC, terms of use §1: nothing may be sent unless there is something to update. Others do not forget names. */
const ON_CHANGE: NamePace = { gap: inMinutes(5) };

export const PROVIDERS: Readonly<Record<DnsProviderId, Provider>> = {
  // https://desec.readthedocs.io/en/latest/dyndns/update-api.html: an update without a family removes its address.
  desec: { ...ON_CHANGE, update: dyndns2(keepingOthers, ({ name }) => name) },
  // https://www.duckdns.org/spec.jsp
  duckdns: { ...ON_CHANGE, update: updateDuckDns },
  cloudflare: { ...ON_CHANGE, update: updateCloudflare },
  // https://www.noip.com/integrate/request
  'no-ip': { ...USUAL, update: dyndns2(together) },
  // https://www.dynu.com/DynamicDNS/IP-Update-Protocol
  dynu: { ...USUAL, update: dyndns2(apart) },
  // https://help.dyn.com/perform-update/
  dyn: { ...USUAL, update: dyndns2(together) },
  // https://www.dy.fi/page/specification: the address is that of the question, a name expires after 7 days.
  'dy-fi': { gap: inMinutes(5), refresh: inHours(5 * 24), update: dyndns2(() => ({})) },
  // https://dns.he.net/docs.html: the name is the user.
  he: { ...USUAL, update: dyndns2(together, ({ name }) => name) },
  // https://help.ovhcloud.com, "DynHost"
  ovh: { ...USUAL, update: dyndns2((addresses) => ({ system: 'dyndns', ...together(addresses) })) },
  strato: { ...USUAL, update: dyndns2(together) },
  dyndns2: { ...USUAL, update: dyndns2(together) },
  url: { ...USUAL, update: updateByUrl },
};

type Parameters = Readonly<Record<string, string>>;

function together({ ipv4, ipv6 }: OwnAddresses): Parameters {
  return { myip: [ipv4, ipv6].filter((each) => each !== undefined).join(',') };
}

/** `no`: the server is not to take the address of the question (Dynu, "myip"). */
function apart({ ipv4, ipv6 }: OwnAddresses): Parameters {
  return { myip: ipv4 ?? 'no', ...(ipv6 === undefined ? {} : { myipv6: ipv6 }) };
}

function keepingOthers({ ipv4, ipv6 }: OwnAddresses): Parameters {
  return { myipv4: ipv4 ?? 'preserve', myipv6: ipv6 ?? 'preserve' };
}

function dyndns2(
  parameters: (addresses: OwnAddresses) => Parameters,
  userOf: (account: NameAccount) => string = ({ user }) => user,
): UpdateName {
  return async (account, addresses, ask) => {
    const query = queryOf({ hostname: account.name, ...parameters(addresses) });
    const headers = { Authorization: `Basic ${base64(`${userOf(account)}:${account.secret}`)}` };
    return readDyndns2(await ask({ method: 'GET', url: `${account.server}?${query}`, headers }));
  };
}

/** `domains` takes the part before duckdns.org as well as the whole. What is not said is left as it is. */
async function updateDuckDns(
  { name, secret, server }: NameAccount,
  { ipv4, ipv6 }: OwnAddresses,
  ask: Ask,
): Promise<NameOutcome> {
  const query = queryOf({
    domains: name,
    token: secret,
    ...(ipv4 === undefined ? {} : { ip: ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  });
  return readDuckDns(await ask({ method: 'GET', url: `${server}?${query}`, headers: {} }));
}

/** Fills in braces: `{ipv4}`, `{ipv6}`, `{ip}` for the first of them, `{name}`. */
async function updateByUrl(
  { name, secret }: NameAccount,
  { ipv4, ipv6 }: OwnAddresses,
  ask: Ask,
): Promise<NameOutcome> {
  const values: Parameters = { ipv4: ipv4 ?? '', ipv6: ipv6 ?? '', ip: ipv4 ?? ipv6 ?? '', name };
  const url = secret.replaceAll(/\{(ipv4|ipv6|ip|name)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''));
  return readFreely(await ask({ method: 'GET', url, headers: {} }));
}

const queryOf = (parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([key, value]) => `${key}=${encodeURIComponent(value).replaceAll('%2C', ',').replaceAll('%3A', ':')}`)
    .join('&');

/** RFC 7617 §2.1: of UTF-8. */
function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
