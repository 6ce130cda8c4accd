/** Profiles as texts that people keep in files: our own JSON, and the lists of ports of upnp-daemon. */
import { familyOf, type IpAddress } from '../../contract/address.ts';
import type { CommandInput, CommandResults } from '../../contract/commands.ts';
import {
  parseProfileDocument,
  toDocument,
  type ExportLoss,
  type ImportLoss,
  type ProfileBook,
} from '../../contract/profiles/profile-document.ts';
import type { Transport } from '../../contract/model.ts';
import { mappingCount, MOST_OF_PROFILE } from '../../contract/profiles/claims.ts';
import { MOST_FORWARDS, WIDEST_RANGE, type Profile, type ProfileForward } from '../../contract/profiles/profile.ts';
import type { Settings } from '../../contract/settings.ts';
import { port, type Port, type Seconds } from '../../contract/units.ts';
import { badInput, CommandError } from '../command-error.ts';
import {
  PortsFileFault,
  parsePortsFile,
  plainText,
  COLUMNS,
  jsonOf,
  portTwice,
  tooMany,
  type FileOptions,
  type PortEntry,
} from './ports-file.ts';
import { oneLine, plainId } from './profile-names.ts';

type Format = CommandInput<'profiles.export-text'>['format'];

export interface ProfileText {
  readonly format: Format;
  /** Those of a list of ports are off, and have the id that their name suggests. */
  readonly profiles: readonly Profile[];
  readonly left: readonly ImportLoss[];
  /** Absent where the text has none. */
  readonly settings?: Settings;
}

interface Given {
  readonly text: string;
  /** Name of the file. */
  readonly name: string;
  readonly format: Format | 'auto';
  /** Those that devices can be in, where they are known. */
  readonly networks?: FileOptions['networks'];
}

/** @throws CommandError `bad-input` with the place of the fault, in the file or in the document */
export function readProfileText(given: Given): ProfileText {
  const name = given.name.trim() === '' ? 'Ports' : given.name;
  try {
    const text = plainText(given.text, name);
    const format = given.format === 'auto' ? formatOf(text, name) : given.format;
    return format === 'portkeeper' ? ownProfiles(jsonOf(text, name)) : listedProfile(text, { ...given, name, format });
  } catch (error) {
    if (!(error instanceof PortsFileFault)) throw error;
    throw new CommandError('bad-input', 'text', { code: 'bad-file', parameters: error.fault }, { cause: error });
  }
}

/** An object is ours, an array upnp-daemon's; anything else is a CSV, if at all. */
function formatOf(text: string, name: string): Format {
  const [first] = text.trimStart();
  if (first === '{') return 'portkeeper';
  if (first === '[') return 'upnp-daemon-json';
  const header = text.trimStart().slice(0, 200).toLowerCase();
  // Its first line names the columns. A missing one is a mistake to report; any other text is another kind of file.
  if (first !== undefined && !COLUMNS.some((column) => header.includes(column)) && !/^[\d.;,|\t]/.test(header)) {
    throw new PortsFileFault(name, {}, { code: 'unknown', parameters: {} });
  }
  return 'upnp-daemon-csv';
}

function ownProfiles(document: unknown): ProfileText {
  const parsed = parseProfileDocument(document);
  if (!parsed.ok) throw badInput(parsed.faults, 'document');
  const { profiles, settings } = parsed.value;
  const hasSettings = typeof document === 'object' && document !== null && 'settings' in document;
  const left: readonly ImportLoss[] = settings.addressCommand === null ? [] : [{ what: 'address-command', entries: 1 }];
  return { format: 'portkeeper', profiles, left, ...(hasSettings ? { settings } : {}) };
}

function listedProfile(
  text: string,
  { name: file, format, networks }: Given & { readonly format: Exclude<Format, 'portkeeper'> },
): ProfileText {
  const options = { name: file, delimiter: delimiterOf(text), networks };
  const entries = parsePortsFile(text, { ...options, format: format === 'upnp-daemon-csv' ? 'csv' : 'json' });
  const { forwards, left } = forwardsOfPorts(entries, file);
  const name = profileNameOf(file);
  return { format, profiles: [{ id: plainId(name), name, on: false, forwards }], left };
}

/** upnp-daemon's own unless the first line is written with another. */
function delimiterOf(text: string): string {
  const [header = ''] = text.trimStart().split(/[\r\n]/, 1);
  return [';', ',', '\t', '|'].find((delimiter) => header.includes(delimiter)) ?? ';';
}

/** `C:\lists\Game ports.csv` is "Game ports". */
function profileNameOf(file: string): string {
  const name = oneLine(file.replace(/^.*[/\\]/s, '').replace(/(?!^)\.[^.]*$/, ''));
  return name === '' ? 'Ports' : name;
}

export function writeProfileText(book: ProfileBook, format: Format): CommandResults['profiles.export-text'] {
  switch (format) {
    case 'portkeeper': {
      const text = `${JSON.stringify(toDocument(book), undefined, 2)}\n`;
      return { text, fileName: 'portkeeper.json', left: [] };
    }
    case 'upnp-daemon-csv': {
      const { lines, left } = portsOf(book);
      return { text: csvOf(lines), fileName: 'ports.csv', left };
    }
    case 'upnp-daemon-json': {
      const { lines, left } = portsOf(book);
      return { text: jsonOfPorts(lines), fileName: 'ports.json', left };
    }
  }
}

export interface TakenPorts {
  readonly forwards: readonly ProfileForward[];
  readonly left: readonly ImportLoss[];
}

/** Entries that belong together: they may become a range, or TCP and UDP of one forward. */
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

/** Seconds, where neither a forward nor the settings say how long: as UPnP is asked for. */
const DEFAULT_DURATION = 3600;

interface Line {
  /** Empty for this machine. */
  readonly address: IpAddress | '';
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Seconds; 0 for good. */
  readonly duration: number;
  readonly comment: string;
}

export interface PortList {
  readonly lines: readonly Line[];
  readonly left: readonly ExportLoss[];
}

/** Profiles that are on come first: where two ask for one port, theirs is written. */
export function portsOf({ profiles, settings }: ProfileBook): PortList {
  const losses = new Map<ExportLoss['what'], number>([
    ['profiles', 0],
    ['settings', 0],
  ]);
  const lose = (what: ExportLoss['what']): void => void losses.set(what, (losses.get(what) ?? 0) + 1);
  const claimed = new Set<string>();
  const lines: Line[] = [];
  for (const profile of profiles.toSorted((one, other) => Number(other.on) - Number(one.on))) {
    for (const forward of profile.forwards) {
      const isWritable = isSaid(forward, lose);
      if (isWritable) lines.push(...linesOf(profile, forward, settings.lease, claimed, lose));
    }
  }
  return { lines, left: [...losses].map(([what, forwards]) => ({ what, forwards })) };
}

/** Can anything of it be said? */
function isSaid(
  { families, external, internal, gateway, ifTaken }: ProfileForward,
  lose: (what: ExportLoss['what']) => void,
): boolean {
  const isForIpv4 = internal.client === undefined || familyOf(internal.client) === 'ipv4';
  if (!families.includes('ipv4') || !isForIpv4) {
    lose('ipv6');
    return false;
  }
  if (internal.first !== external.first) {
    lose('inside-port');
    return false;
  }
  if (families.includes('ipv6')) lose('ipv6-too');
  if (gateway !== undefined) lose('router');
  if (ifTaken !== 'fail') lose('if-taken');
  return true;
}

function linesOf(
  profile: Profile,
  { label, transports, external, internal, lease }: ProfileForward,
  usualLease: number | null,
  claimed: Set<string>,
  lose: (what: ExportLoss['what']) => void,
): readonly Line[] {
  const lines: Line[] = [];
  let isClaimed = false;
  for (let port: number = external.first; port <= external.last; port++) {
    for (const transport of transports) {
      const place = `${port}/${transport}`;
      if (claimed.has(place)) {
        isClaimed = true;
        continue;
      }
      claimed.add(place);
      lines.push({
        address: internal.client ?? '',
        port,
        protocol: PROTOCOLS[transport],
        duration: lease === 'permanent' ? 0 : (lease ?? usualLease ?? DEFAULT_DURATION),
        comment: label === '' ? profile.name : label,
      });
    }
  }
  if (isClaimed) lose('ports-claimed');
  return lines;
}

const PROTOCOLS: Readonly<Record<Transport, Line['protocol']>> = { tcp: 'TCP', udp: 'UDP' };

export function csvOf(lines: readonly Line[]): string {
  const rows = lines.map((line) => COLUMNS.map((column) => field(String(line[column]))).join(';'));
  return [COLUMNS.join(';'), ...rows, ''].join('\n');
}

/** RFC 4180 §2.5–2.7, with upnp-daemon's delimiter. Blanks at the ends would be trimmed. */
function field(text: string): string {
  return /[";\r\n]|^\s|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function jsonOfPorts(lines: readonly Line[]): string {
  const entries = lines.map(({ address, ...line }) => ({ address: address === '' ? null : address, ...line }));
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
