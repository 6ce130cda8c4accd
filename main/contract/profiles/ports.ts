/** Ports as people type them, in a terminal or a field: `25565/tcp`, `8080:80`, `80,443,8000-8010/tcp`, `443@192.168.1.20`. */
import { familyOf, parseIp, type IpAddress } from '../address.ts';
import type { PortRange, Transport } from '../model.ts';
import { isPort, port, type Port } from '../units.ts';

export interface TypedPorts {
  /** The item that asks for them, with what counts for them from further on in the list: `80/tcp` of `80,443/tcp`. */
  readonly text: string;
  readonly external: PortRange;
  readonly internal: { readonly first: Port; readonly client?: IpAddress };
  /** Absent where no protocol was typed. */
  readonly transports?: readonly Transport[];
}

/** The fault in a list of ports, and its place. The sentences are in words/ports. */
export interface PortsFault {
  /** Characters from the start of the text. */
  readonly at: number;
  /** Characters; 0 where something is missing. */
  readonly length: number;
  readonly why: PortsReason;
  /** The text found there. */
  readonly found: string;
}

export type PortsReason =
  | 'missing'
  | 'not-a-port'
  | 'not-a-range'
  | 'range-backwards'
  | 'lengths-differ'
  | 'internal-too-high'
  | 'not-a-protocol'
  | 'not-an-address';

export type ParsedPorts =
  | { readonly ok: true; readonly ports: readonly TypedPorts[] }
  | { readonly ok: false; readonly fault: PortsFault };

/**
 * Several are separated by commas: `EXTERNAL[-LAST][:INTERNAL[-LAST]][/PROTOCOL][@HOST],…`. A protocol or a host counts for
 * the ports listed before it as well, as far as they have none of their own: `80,443/tcp,53/udp`. Any text is taken, in time
 * linear to its length; the whole is refused for one mistake.
 */
export function parsePorts(text: string): ParsedPorts {
  const parsed: Part[] = [];
  let at = 0;
  for (const part of text.split(',')) {
    const result = parsePart(part, at);
    if ('why' in result) return { ok: false, fault: result };
    parsed.push(result);
    at += part.length + 1;
  }
  const ports: TypedPorts[] = [];
  let protocol: Protocol | undefined;
  let client: IpAddress | undefined;
  for (const each of parsed.toReversed()) {
    protocol = each.protocol ?? protocol;
    client = each.client ?? client;
    ports.push({
      text: `${each.text}${protocol === undefined ? '' : `/${protocol.text}`}${client === undefined ? '' : `@${client}`}`,
      external: each.external,
      internal: { first: each.internal, ...(client === undefined ? {} : { client }) },
      ...(protocol === undefined ? {} : { transports: protocol.transports }),
    });
  }
  return { ok: true, ports: ports.toReversed() };
}

interface Protocol {
  readonly text: string;
  readonly transports: readonly Transport[];
}

interface Part {
  /** The ports alone. */
  readonly text: string;
  readonly external: PortRange;
  readonly internal: Port;
  readonly protocol?: Protocol | undefined;
  readonly client?: IpAddress | undefined;
}

const FORM = /^\s*([^:/@]*)(?::([^/@]*))?(?:\/([^@]*))?(?:@([^]*))?$/d;

function parsePart(text: string, offset: number): Part | PortsFault {
  const match = FORM.exec(text);
  const [, outside = '', inside, protocolText, host] = match ?? [];
  const fault = (why: PortsReason, group: 1 | 2 | 3 | 4): PortsFault => {
    const [start, end] = match?.indices?.[group] ?? [0, text.length];
    const found = text.slice(start, end).trim();
    return { at: offset + start, length: found.length, why, found };
  };
  if (outside.trim() === '') return fault('missing', 1);
  const external = parseRange(outside);
  if (typeof external === 'string') return fault(external, 1);
  const internal = inside === undefined ? external : parseRange(inside);
  if (typeof internal === 'string') return fault(internal, 2);
  const more = external.last - external.first;
  if (inside !== undefined && internal.last !== internal.first && internal.last - internal.first !== more) {
    return fault('lengths-differ', 2);
  }
  if (internal.first + more > 65_535) return fault('internal-too-high', 2);
  const transports = protocolText === undefined ? undefined : PROTOCOLS.get(protocolText.trim().toLowerCase());
  if (protocolText !== undefined && transports === undefined) return fault('not-a-protocol', 3);
  const client = host === undefined ? undefined : parseIp(host.trim());
  if (host !== undefined && (client === undefined || familyOf(client) !== 'ipv4')) return fault('not-an-address', 4);
  return {
    text: `${outside.trim()}${inside === undefined ? '' : `:${inside.trim()}`}`,
    external,
    internal: internal.first,
    protocol: transports === undefined ? undefined : { text: protocolText?.trim().toLowerCase() ?? '', transports },
    client,
  };
}

const PROTOCOLS: ReadonlyMap<string, readonly Transport[]> = new Map([
  ['tcp', ['tcp']],
  ['udp', ['udp']],
  ['both', ['tcp', 'udp']],
  ['tcp+udp', ['tcp', 'udp']],
]);

function parseRange(text: string): PortRange | PortsReason {
  const [low = '', high = low, more] = text.split(/[-–]/);
  if (more !== undefined) return 'not-a-range';
  const [first, last] = [portIn(low), portIn(high)];
  if (first === undefined || last === undefined) return 'not-a-port';
  return last < first ? 'range-backwards' : { first, last: port(last) };
}

function portIn(text: string): Port | undefined {
  const value = /^\s*\d{1,5}\s*$/.test(text) ? Number(text) : undefined;
  return isPort(value) ? value : undefined;
}
