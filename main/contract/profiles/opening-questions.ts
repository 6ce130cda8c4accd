/**
 * Questions to a person, once, before a forward is opened: a port that is attacked all day, a large range, a device in
 * none of this computer's networks. And which addresses a forward can never point to.
 */
import { edgesOf, familyOf, inNetwork, isPublic, scopeOf, type Cidr, type IpAddress } from '../address.ts';
import type { Forward, Transport } from '../model.ts';

/** Why a service should not be reachable from the internet; the sentences are in `words/opening-questions`. */
export type Danger =
  /** Passwords are guessed all day. */
  | 'remote-login'
  /** Passwords are sent unencrypted. */
  | 'plain-login'
  /** Screen and keyboard of the computer. */
  | 'remote-desktop'
  /** Made for a trusted network. */
  | 'file-sharing'
  /** Often without a password. */
  | 'database'
  /** Anyone who reaches it controls the computer. */
  | 'control'
  /** Reveals devices, or is used to flood others. */
  | 'device-service';

interface DangerousService {
  readonly name: string;
  readonly danger: Danger;
  readonly first: number;
  readonly last: number;
  readonly transports: readonly Transport[];
  /** Only where a range begins with it. */
  readonly isFirstOnly?: boolean;
}

const TCP: readonly Transport[] = ['tcp'];
const UDP: readonly Transport[] = ['udp'];
const BOTH: readonly Transport[] = ['tcp', 'udp'];

const service = (
  name: string,
  danger: Danger,
  transports: readonly Transport[],
  first: number,
  last = first,
): DangerousService => ({ name, danger, first, last, transports });

/** By port. Names and numbers as in IANA's registry of services, or in the program's own documentation. */
const DANGEROUS: readonly DangerousService[] = [
  service('SSH', 'remote-login', TCP, 22),
  service('Telnet', 'plain-login', TCP, 23),
  service('TFTP', 'device-service', UDP, 69),
  service('RPC', 'file-sharing', BOTH, 111),
  service('Windows RPC', 'file-sharing', TCP, 135),
  service('NetBIOS', 'file-sharing', BOTH, 137, 139),
  service('SNMP', 'device-service', UDP, 161),
  service('LDAP', 'device-service', BOTH, 389),
  service('SMB', 'file-sharing', TCP, 445),
  service('rlogin', 'plain-login', TCP, 512, 514),
  service('AFP', 'file-sharing', TCP, 548),
  service('IPMI', 'control', UDP, 623),
  service('rsync', 'file-sharing', TCP, 873),
  service('SQL Server', 'database', TCP, 1433),
  service('SQL Server', 'database', UDP, 1434),
  service('Oracle Database', 'database', TCP, 1521),
  service('SSDP', 'device-service', UDP, 1900),
  service('NFS', 'file-sharing', BOTH, 2049),
  service('Docker', 'control', TCP, 2375, 2376),
  service('etcd', 'database', TCP, 2379, 2380),
  service('MySQL', 'database', TCP, 3306),
  service('Remote Desktop', 'remote-desktop', BOTH, 3389),
  service('PostgreSQL', 'database', TCP, 5432),
  service('Android Debug Bridge', 'control', TCP, 5555),
  service('VNC', 'remote-desktop', TCP, 5900, 5903),
  service('CouchDB', 'database', TCP, 5984),
  service('WinRM', 'control', TCP, 5985, 5986),
  service('X11', 'control', TCP, 6000),
  service('Redis', 'database', TCP, 6379),
  service('Elasticsearch', 'database', TCP, 9200),
  service('Elasticsearch', 'database', TCP, 9300),
  service('Kubernetes', 'control', TCP, 10_250),
  service('Memcached', 'database', BOTH, 11_211),
  // Steam's game servers use 27015 to 27050: a range that begins below is theirs.
  { ...service('MongoDB', 'database', TCP, 27_017, 27_019), isFirstOnly: true },
];

/** Ports of a range that is opened without a question; programs need fewer. */
export const WIDEST_UNASKED = 64;

export type Range = Pick<Forward, 'transports' | 'external'>;
export type Asking = Range & { readonly internal: Pick<Forward['internal'], 'first' | 'client'> };

/** `key` names the question: an answer is remembered under it. */
export type OpeningQuestion = { readonly key: string } & (
  | { readonly code: 'dangerous-port'; readonly port: number; readonly service: string; readonly danger: Danger }
  | { readonly code: 'large-range'; readonly range: Range; readonly ports: number }
  | { readonly code: 'device-elsewhere'; readonly address: IpAddress; readonly networks: readonly string[] }
);

/** Keys of the questions that a person has answered with yes, or all that there may be. */
export type Confirmed = 'all' | readonly string[];

/**
 * Each once, however many forwards raise it.
 * @param networks those that this computer is in; while there is none, no device is elsewhere
 */
export function openingQuestions(
  forwards: readonly Asking[],
  networks: readonly Cidr[] = [],
): readonly OpeningQuestion[] {
  const found = new Map<string, OpeningQuestion>();
  for (const forward of forwards) {
    for (const question of [...dangersOf(forward), ...largeRange(forward), ...elsewhere(forward, networks)]) {
      found.set(question.key, question);
    }
  }
  return [...found.values()];
}

/** Another external port is no protection: what listens inside counts as much. */
function dangersOf({ external, internal, transports }: Asking): readonly OpeningQuestion[] {
  const inside = { first: internal.first, last: internal.first + external.last - external.first };
  return DANGEROUS.flatMap((dangerous) => {
    if (!transports.some((transport) => dangerous.transports.includes(transport))) return [];
    const { name, danger, isFirstOnly = false } = dangerous;
    const spans = [inside, external].filter((span) => !isFirstOnly || span.first >= dangerous.first);
    const port = spans.map((span) => firstShared(dangerous, span)).find((shared) => shared !== undefined);
    if (port === undefined) return [];
    return [{ code: 'dangerous-port', key: `port ${port}`, port, service: name, danger } as const];
  });
}

interface Span {
  readonly first: number;
  readonly last: number;
}

function firstShared(one: Span, other: Span): number | undefined {
  const first = Math.max(one.first, other.first);
  return first <= Math.min(one.last, other.last) ? first : undefined;
}

function largeRange({ transports, external }: Range): readonly OpeningQuestion[] {
  const ports = external.last - external.first + 1;
  if (ports <= WIDEST_UNASKED) return [];
  const key = `range ${external.first}-${external.last}/${transports.join('+')}`;
  return [{ code: 'large-range', key, range: { transports, external }, ports }];
}

function elsewhere({ internal: { client } }: Asking, networks: readonly Cidr[]): readonly OpeningQuestion[] {
  if (client === undefined || networks.some((network) => inNetwork(client, network))) return [];
  const alike = networks.filter(({ address }) => familyOf(address) === familyOf(client));
  if (alike.length === 0) return [];
  const names = [...new Set(alike.map((network) => `${edgesOf(network).first}/${network.prefix}`))];
  return [{ code: 'device-elsewhere', key: `device ${client}`, address: client, networks: names }];
}

/** Without what was answered, and without ranges inside a range of `before` that was. */
export function unanswered(
  questions: readonly OpeningQuestion[],
  confirmed: Confirmed,
  before: readonly Range[] = [],
): readonly OpeningQuestion[] {
  if (confirmed === 'all') return [];
  const answered = new Set(confirmed);
  const ranges = before.filter((range) => largeRange(range).some(({ key }) => answered.has(key)));
  return questions.filter(
    (question) =>
      !answered.has(question.key) &&
      !(question.code === 'large-range' && ranges.some((range) => holds(range, question.range))),
  );
}

function holds(one: Range, other: Range): boolean {
  return (
    one.external.first <= other.external.first &&
    one.external.last >= other.external.last &&
    other.transports.every((transport) => one.transports.includes(transport))
  );
}

/** Why no device of a local network has an address. */
export type UnfitAddress =
  | 'public'
  | 'unspecified'
  | 'broadcast'
  | 'network'
  | 'loopback'
  | 'multicast'
  | 'link-local'
  | 'reserved';

/**
 * Why a forward cannot lead there; `undefined` when it can. Over IPv6 a device of the home has a public address.
 * @param networks those that this computer is in; `undefined` when they are not known
 */
export function unfitAddress(address: IpAddress, networks: readonly Cidr[] | undefined): UnfitAddress | undefined {
  if (address === '255.255.255.255') return 'broadcast';
  const own = networks?.find((network) => inNetwork(address, network));
  // RFC 919 §7: the first and the last address of a network name the network and everybody in it. RFC 3021: not in a /31.
  if (own !== undefined && own.prefix <= 30 && familyOf(address) === 'ipv4') {
    const { first, last } = edgesOf(own);
    if (address === first) return 'network';
    if (address === last) return 'broadcast';
  }
  const scope = scopeOf(address);
  switch (scope) {
    case 'unspecified':
    case 'multicast':
    case 'link-local':
      return scope;
    case 'loopback':
      return own === undefined ? scope : undefined;
    case 'private':
    case 'shared':
    case 'unique-local':
      return undefined;
    case 'public':
    case 'documentation':
    case 'reserved':
      if (own !== undefined || networks === undefined) return undefined;
      if (familyOf(address) === 'ipv6' && isPublic(address)) return undefined;
      return scope === 'public' ? 'public' : 'reserved';
  }
}
