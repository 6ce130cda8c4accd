/**
 * What Windows' tools print. Headings and words are translated, so rows are known by their shape alone: `route print`
 * answers in 30 ms where PowerShell's Get-NetRoute takes a second.
 */
import path from 'node:path';
import { parseIp, scopeOf, type IpAddress } from '../../../contract/address.ts';
import type { DefaultRoute } from '../../system.ts';
import { addressFacts, neighboursOf, rowsOf, scopedIp, type AddressFacts, type Neighbours } from './interfaces.ts';

/**
 * Default routes of `route print -4`: destination, mask, gateway, the interface's address, metric. Persistent routes
 * have four columns and are left out, so are those whose gateway is a word (on-link).
 */
export function parseWindowsRoutes(
  text: string,
  interfaceOf: (address: IpAddress) => string | undefined,
): readonly DefaultRoute[] {
  return rowsOf(text).flatMap((columns) => {
    const [destination, mask, hop = '', own = '', metric = ''] = columns;
    if (destination !== '0.0.0.0' || mask !== '0.0.0.0' || columns.length !== 5 || !/^\d+$/.test(metric)) return [];
    const gateway = parseIp(hop);
    const address = parseIp(own);
    const interfaceName = address === undefined ? undefined : interfaceOf(address);
    if (gateway === undefined || interfaceName === undefined || scopeOf(gateway) === 'unspecified') return [];
    return [{ family: 'ipv4' as const, gateway, interfaceName, metric: Number(metric) }];
  });
}

/** Default routes of `route print -6`: interface index, metric, destination, gateway. */
export function parseWindowsRoutes6(
  text: string,
  interfaceOf: (index: number) => string | undefined,
): readonly DefaultRoute[] {
  return rowsOf(text).flatMap((columns) => {
    const [index = '', metric = '', destination, hop = ''] = columns;
    if (destination !== '::/0' || columns.length !== 4 || !/^\d+$/.test(index) || !/^\d+$/.test(metric)) return [];
    const gateway = scopedIp(hop);
    const interfaceName = interfaceOf(Number(index));
    if (gateway === undefined || interfaceName === undefined || scopeOf(gateway) === 'unspecified') return [];
    return [{ family: 'ipv6' as const, gateway, interfaceName, metric: Number(metric) }];
  });
}

/** For PowerShell, whose enumerations (MSFT_NetIPAddress) are asked for as numbers: their names may be translated. */
export const windowsAddressQuery =
  'Get-NetIPAddress -AddressFamily IPv6 | Select-Object IPAddress,' +
  "@{n='suffix';e={[int]$_.SuffixOrigin}},@{n='length';e={[int]$_.PrefixLength}}," +
  "@{n='state';e={[int]$_.AddressState}} | ConvertTo-Json -Compress";

/** SuffixOrigin Random. */
const randomSuffix = 5;
/** AddressState. */
const tentative = 1;
const duplicate = 2;
const deprecated = 3;

/** Answers of `windowsAddressQuery`: one object, or a list. */
export function parseWindowsAddressFacts(text: string): AddressFacts {
  return addressFacts(
    listOf(text).flatMap((one) => {
      if (typeof one !== 'object' || one === null || !('IPAddress' in one) || typeof one.IPAddress !== 'string')
        return [];
      const address = scopedIp(one.IPAddress);
      if (address === undefined) return [];
      const { suffix, length, state } = { suffix: undefined, length: undefined, state: undefined, ...one };
      return {
        address,
        // A stable but random interface identifier is Random too; only the temporary address stands alone as a /128.
        isTemporary: (suffix === randomSuffix && length === 128) || state === deprecated,
        isUnusable: state === tentative || state === duplicate,
      };
    }),
  );
}

/** `arp -a` (IPv4) and `netsh interface ipv6 show neighbors`: an address, then `a4-b1-c1-01-02-03`. */
export function parseWindowsNeighbours(text: string): Neighbours {
  return neighboursOf(rowsOf(text));
}

function listOf(text: string): readonly unknown[] {
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found : [found];
  } catch {
    return [];
  }
}

const RULES = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SharedAccess\\Parameters\\FirewallPolicy\\FirewallRules';

const TCP = '6';
const UDP = '17';

/**
 * Do rules let both TCP and UDP in to this program? Without them Windows asks the person, in the middle of a screen, as
 * soon as it listens.
 * @param run prints what a tool says @throws what `run` throws; `reg` fails when nothing is found
 */
export async function isLetIn(
  program: string,
  run: (file: string, args: readonly string[]) => Promise<string>,
): Promise<boolean> {
  const name = path.win32.basename(program);
  const printed = await run('reg', ['query', RULES, '/f', name, '/d']);
  const rules = printed.split(/\r?\n/).flatMap((line) => ruleOf(line) ?? []);
  const own = rules.filter((rule) => isSameFile(rule.get('app') ?? '', program) && isIn(rule));
  if (own.some((rule) => rule.get('action') === 'block')) return false;
  const allowed = own.filter((rule) => rule.get('action') === 'allow');
  // Without a protocol: every one.
  return [TCP, UDP].every((protocol) => allowed.some((rule) => (rule.get('protocol') ?? protocol) === protocol));
}

/** `… REG_SZ v2.33|Action=Allow|Active=TRUE|Dir=In|Protocol=17|App=C:\…|Name=…|`, with keys and values in lower case. */
function ruleOf(line: string): ReadonlyMap<string, string> | undefined {
  const [, text] = /\sREG_SZ\s+v\d+(?:\.\d+)?\|(.*)$/.exec(line) ?? [];
  return text === undefined
    ? undefined
    : new Map(
        text
          .toLowerCase()
          .split('|')
          .map((part): [string, string] => {
            const at = part.indexOf('=');
            return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
          }),
      );
}

const isIn = (rule: ReadonlyMap<string, string>): boolean => rule.get('active') === 'true' && rule.get('dir') === 'in';

/** `reg` prints other letters than those of ASCII in an old code page: they are not told apart. */
function isSameFile(given: string, program: string): boolean {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^\u0020-\u007e]+/g, '?')
      .replaceAll('/', '\\');
  return plain(given) === plain(program);
}
