/** Ports as people type them: `25565/tcp`, `8080:80`, `27015-27020/udp`, `443/tcp@192.168.1.20`. */
import { Option } from 'commander';
import { familyOf, parseIp } from '../../contract/address.ts';
import { asForwardId, type Forward, type Transport } from '../../contract/model.ts';
import { mappingCount, MOST_IN_ALL } from '../../contract/claims.ts';
import { isPort, port, seconds, type Port } from '../../contract/units.ts';
import { InputFault } from '../output/fault.ts';
import { leaseSeconds, type GlobalOptions } from './global-options.ts';

export type SpecifiedPorts = Pick<Forward, 'transports' | 'external' | 'internal'>;

const FORM =
  'OUTSIDE[-LAST][:INSIDE][/tcp|/udp|/both][@HOST], as in 25565/tcp, 8080:80/tcp, 27015-27020/udp, 443/tcp@192.168.1.20';

/** Without a protocol both are meant: people know ports, not protocols.
 * @throws InputFault */
export function parsePortSpec(text: string): SpecifiedPorts {
  const fault = (why: string): InputFault =>
    new InputFault(`"${text}" is not a port to open: ${why}. The form is ${FORM}.`);
  const parts = /^(?<outside>[^:/@]*)(?::(?<inside>[^/@]*))?(?:\/(?<protocol>[^@]*))?(?:@(?<host>.*))?$/.exec(
    text,
  )?.groups;
  if (parts === undefined) throw fault('the parts are not in order');
  const outside = parseRange(parts['outside'] ?? '', fault);
  const inside = parts['inside'] === undefined ? outside : parseRange(parts['inside'], fault);
  const length = outside.last - outside.first;
  if (parts['inside'] !== undefined && inside.last !== inside.first && inside.last - inside.first !== length) {
    throw fault('the outside and the inside range differ in length');
  }
  if (inside.first + length > 65_535) throw fault('the inside range ends above 65535');
  const client = parts['host'] === undefined ? undefined : parseIp(parts['host']);
  if (parts['host'] !== undefined && (client === undefined || familyOf(client) !== 'ipv4')) {
    throw fault(`"${parts['host']}" is not an IPv4 address`);
  }
  return {
    transports: parseTransports(parts['protocol'], fault),
    external: outside,
    internal: { first: inside.first, ...(client === undefined ? {} : { client }) },
  };
}

function parseRange(text: string, fault: (why: string) => InputFault): { readonly first: Port; readonly last: Port } {
  const [low = '', high = low, more] = text.split('-');
  if (more !== undefined) throw fault(`"${text}" is not a range`);
  const [first, last] = [low, high].map((number) => {
    const value = /^\d{1,5}$/.test(number) ? Number(number) : undefined;
    if (!isPort(value)) throw fault(`"${number}" is not a port number from 1 to 65535`);
    return value;
  });
  if (first === undefined || last === undefined) throw fault('the port is missing');
  if (last < first) throw fault(`the range ends (${last}) before it begins (${first})`);
  return { first, last: port(last) };
}

function parseTransports(text: string | undefined, fault: (why: string) => InputFault): readonly Transport[] {
  switch (text?.toLowerCase()) {
    case undefined:
    case 'both':
    case 'tcp+udp':
      return ['tcp', 'udp'];
    case 'tcp':
      return ['tcp'];
    case 'udp':
      return ['udp'];
    default:
      throw fault(`"${text}" is not a protocol; tcp, udp and both are`);
  }
}

/** How ports are to be opened, as commander hands it over. */
export interface GivenForwardOptions {
  readonly anyPort?: boolean;
  readonly lease?: string;
  readonly label?: string;
  readonly yes?: boolean;
}

export const FORWARD_OPTIONS: readonly Option[] = [
  new Option('--any-port', 'take the next free outside port when one is taken'),
  new Option('--lease <TIME>', 'what the router is asked for between renewals: 3600, 30m, 2h, 7d or forever'),
  new Option('--label <TEXT>', 'a name, shown in the router’s list'),
];
export const YES = new Option('--yes', 'open what Portkeeper would ask about first');

export type ForwardDefaults = Pick<Forward, 'label' | 'families' | 'lease' | 'ifTaken' | 'gateway'>;

/** @throws InputFault */
export function forwardDefaults(
  { label = '', lease, anyPort }: GivenForwardOptions,
  { families, gatewayName }: GlobalOptions,
): ForwardDefaults {
  const duration = lease === undefined ? undefined : leaseSeconds(lease);
  return {
    label,
    families,
    ifTaken: anyPort === true ? 'next-free' : 'fail',
    ...(duration === undefined ? {} : { lease: duration === 'permanent' ? duration : seconds(duration) }),
    ...(gatewayName === undefined ? {} : { gateway: gatewayName }),
  };
}

/** @throws InputFault also when two of them claim one outside port */
export function forwardsOf(texts: readonly string[], defaults: ForwardDefaults): readonly Forward[] {
  const forwards = texts.map((text) => ({ id: asForwardId(text.toLowerCase()), ...defaults, ...parsePortSpec(text) }));
  refuseOverlaps(forwards);
  return forwards;
}

/** Names them by their ids, which are the words that asked for them.
 * @throws InputFault when two of them claim one outside port, or all of them too many */
export function refuseOverlaps(
  forwards: readonly Pick<Forward, 'id' | 'transports' | 'families' | 'external'>[],
): void {
  const count = mappingCount(forwards);
  if (count > MOST_IN_ALL) {
    throw new InputFault(
      `These are ${count} ports (TCP and UDP count separately); ${MOST_IN_ALL} at most. Choose a smaller range.`,
    );
  }
  const claimed = new Map<string, string>();
  for (const { id, transports, external } of forwards) {
    for (const transport of transports) {
      for (let number: number = external.first; number <= external.last; number++) {
        const other = claimed.get(`${number}/${transport}`);
        if (other !== undefined) {
          throw new InputFault(
            `"${id}" and "${other}" both ask for outside port ${number}/${transport}. Leave one out.`,
          );
        }
        claimed.set(`${number}/${transport}`, id);
      }
    }
  }
}
