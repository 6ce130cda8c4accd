/** A list of ports as the forwards of one profile. */
import type { IpAddress } from '../../contract/address.ts';
import type { ImportLoss } from '../../contract/import-loss.ts';
import type { Transport } from '../../contract/model.ts';
import { mappingCount, MOST_OF_PROFILE } from '../../contract/port-totals.ts';
import type { ProfileForward } from '../../contract/profile.ts';
import { MOST_FORWARDS, WIDEST_RANGE } from '../../contract/profile.ts';
import type { Port, Seconds } from '../../contract/units.ts';
import { port } from '../../contract/units.ts';
import { oneLine } from './one-line.ts';
import type { PortEntry } from './ports-file.ts';
import { portTwice, tooMany } from './ports-file.ts';
import { PortsFileFault } from './ports-file-fault.ts';

export interface TakenPorts {
  readonly forwards: readonly ProfileForward[];
  readonly left: readonly ImportLoss[];
}

/** What belongs together: it may become a range, or TCP and UDP of one forward. */
interface Group {
  readonly label: string;
  readonly client: IpAddress | undefined;
  readonly lease: Seconds | 'permanent';
  readonly ports: Map<Port, Set<Transport>>;
}

/** @param name of the file, for messages @throws PortsFileFault when a profile cannot hold them all */
export function forwardsOfPorts(entries: readonly PortEntry[], name: string): TakenPorts {
  if (entries.length === 0) throw new PortsFileFault(name, {}, { code: 'no-ports', parameters: {} });
  const groups = new Map<string, Group>();
  const taken = new Map<string, PortEntry>();
  let cut = 0;
  for (const entry of entries) {
    const place = `${entry.port}/${entry.transport}`;
    const other = taken.get(place);
    // One for each network that the computer may be in: without the networks they are the same.
    if (other !== undefined && other.address === entry.address) continue;
    if (other !== undefined) throw portTwice(name, entry, other);
    taken.set(place, entry);
    const label = oneLine(entry.comment);
    if (label !== entry.comment.trim()) cut += 1;
    add(groups, entry, label);
  }
  const forwards = [...groups.values()].flatMap(forwardsOf);
  if (forwards.length > MOST_FORWARDS) {
    throw new PortsFileFault(name, {}, { code: 'too-many-ports', parameters: { most: MOST_FORWARDS } });
  }
  const count = mappingCount(forwards);
  if (count > MOST_OF_PROFILE) throw tooMany(name, count, MOST_OF_PROFILE);
  const networks = entries.filter(({ network }) => network !== undefined).length;
  const left = [
    { what: 'network', entries: networks },
    { what: 'comment', entries: cut },
  ] as const;
  return { forwards, left: left.filter((loss) => loss.entries > 0) };
}

function add(groups: Map<string, Group>, { address, lease, port: number, transport }: PortEntry, label: string): void {
  const key = JSON.stringify([label, address, lease]);
  const group = groups.get(key) ?? { label, client: address, lease, ports: new Map<Port, Set<Transport>>() };
  groups.set(key, group);
  const transports = group.ports.get(number) ?? new Set<Transport>();
  group.ports.set(number, transports.add(transport));
}

function forwardsOf({ label, client, lease, ports }: Group): readonly ProfileForward[] {
  const ranges: { readonly first: Port; last: Port; readonly transports: string }[] = [];
  for (const [number, transports] of [...ports].toSorted(([one], [other]) => one - other)) {
    const names = [...transports].toSorted().join(' ');
    const range = ranges.at(-1);
    const isNext = range !== undefined && range.last + 1 === number && range.transports === names;
    if (isNext && number - range.first < WIDEST_RANGE) range.last = number;
    else ranges.push({ first: number, last: number, transports: names });
  }
  return ranges.map(({ first, last, transports }) => ({
    label,
    transports: (['tcp', 'udp'] as const).filter((transport) => transports.includes(transport)),
    families: ['ipv4'],
    external: { first, last },
    internal: { first: port(first), ...(client === undefined ? {} : { client }) },
    lease,
    ifTaken: 'fail',
  }));
}
