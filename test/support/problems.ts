/** One example of everything that snapshots can show. */
import { ip } from '../../main/contract/address.ts';
import type { GatewayView, LeaseView, MappingStatus, MappingView, Snapshot } from '../../main/contract/snapshot.ts';
import { asForwardId, asGatewayId, mappingIdOf } from '../../main/contract/model.ts';
import type { Problem, ProblemCode, ProblemParameters } from '../../main/contract/problems.ts';
import { epochMs, inHours, millis, port } from '../../main/contract/units.ts';

export const NOON = epochMs(Date.UTC(2026, 4, 1, 12));
const at = { transport: 'tcp', port: port(25_565) } as const;

/** A code without an example does not compile. */
export const examples: { readonly [Code in ProblemCode]: ProblemParameters[Code] } = {
  'no-network': {},
  'no-gateway': { routers: [ip('192.168.1.1')] },
  'port-control-off': { router: ip('192.168.1.1') },
  'router-url': { url: 'http://192.168.1.1/', what: 'web-page', router: ip('192.168.1.1') },
  'router-password': { router: '192.168.1.1' },
  'router-confirmation': { router: 'FRITZ!Box 7590' },
  'gateway-away': { gateway: 'FRITZ!Box', since: NOON },
  'not-default-router': { gateway: 'Media box', address: ip('192.168.1.66'), router: ip('192.168.1.1') },
  'local-network-denied': {},
  'network-not-approved': { network: '192.168.1.1/24 00:11:22:33:44:55', name: 'FRITZ!Box' },
  'login-item-failed': { fault: 'other', detail: 'The folder cannot be written.' },
  'traffic-denied': { gateway: '192.168.1.1' },
  'not-our-gateway': { wanted: 'netgear', known: ['FRITZ!Box (192.168.1.1)'] },
  conflict: { ...at, holder: ip('192.168.1.9'), holderName: 'xbox', suggestion: port(25_566) },
  'conflict-in-router': { ...at, suggestion: undefined },
  'port-not-allowed': { ...at, suggestion: undefined, code: '606' },
  'only-for-itself': { ...at, client: ip('192.168.1.20') },
  'one-transport': at,
  'no-permanent-lease': at,
  'same-port-only': { ...at, internal: port(80) },
  'one-per-internal-port': { ...at, internal: port(80) },
  'lease-too-short': { ...at, lease: millis(1000) },
  'table-full': at,
  'no-external-address': { gateway: 'FRITZ!Box' },
  'external-address-unknown': { gateway: 'FRITZ!Box' },
  'upstream-closed': { router: ip('10.0.0.1'), gateway: 'FRITZ!Box', client: ip('10.0.0.2') },
  'behind-another-nat': { gateway: 'FRITZ!Box', external: ip('10.0.0.2') },
  'pinholes-off': at,
  'wrong-family': { ...at, family: 'ipv6' },
  'router-refused': { ...at, code: '899', suggestion: undefined },
  'router-failed': { ...at, code: '501', external: undefined, suggestion: undefined },
  'firewall-failed': { ...at, code: 'nat-pmp NETWORK_FAILURE', external: ip('203.0.113.5') },
  'router-garbled': { gateway: 'FRITZ!Box', seen: '<html>' },
  'open-unanswered': { gateway: 'FRITZ!Box', how: 'hung-up' },
  'listed-but-dead': at,
  'storage-failed': { path: '/data/journal.jsonl', fault: 'no-space' },
  'journal-unreadable': { path: '/data/journal.jsonl', fault: 'no-permission' },
  'set-aside': { path: '/data/memory.json', kept: '/data/memory.json.1', lost: 'latest' },
  'profiles-unreadable': { path: '/home/me/.config/portkeeper/profiles.json', fault: 'no-permission' },
  'profiles-not-stored': { path: '/home/me/.config/portkeeper/profiles.json', fault: 'no-space' },
  'profiles-misunderstood': {
    kept: 'profiles-misunderstood-1.json',
    place: 'profiles.0.name',
    fault: { code: 'missing', parameters: {} },
  },
  'profiles-switched-off': { id: 'all', name: 'All', count: 131_070, most: 4000 },
  'name-refused': { name: 'home.example.org', provider: 'Dynu', why: 'credentials', detail: 'badauth' },
  'name-not-updated': { name: 'home.example.org', provider: 'Dynu', why: 'server', detail: '911', until: NOON },
  'address-command-failed': { program: '/usr/local/bin/announce', how: 'failed', detail: '3' },
  'commands-unreachable': { path: '/home/me/.config/portkeeper', fault: 'no-space' },
};

export function problem<Code extends ProblemCode>(
  code: Code,
  parameters: ProblemParameters[Code] = examples[code],
): Problem {
  // A problem's code and parameters belong together; the type system cannot follow that through the table.
  return { code, parameters, severity: 'error', since: NOON } as Problem;
}

export const codes = Object.keys(examples) as ProblemCode[];

export const router: GatewayView = {
  id: asGatewayId('eth0/192.168.1.1'),
  name: 'FRITZ!Box 7590',
  model: 'FRITZ!Box 7590 (UI)',
  address: ip('192.168.1.1'),
  interfaceName: 'eth0',
  localAddress: ip('192.168.1.7'),
  controls: [
    { kind: 'pcp', foundBy: 'pcp-probe', foundIn: millis(4.2), detail: 'PCP version 2 at 192.168.1.1:5351' },
    {
      kind: 'igd',
      foundBy: 'ssdp-multicast',
      foundIn: millis(61),
      detail: 'urn:schemas-upnp-org:service:WANIPConnection:2 at http://192.168.1.1:49000/igd2upnp/control/WANIPConn1',
    },
  ],
  externalAddress: ip('203.0.113.5'),
  isDefault: true,
  reachable: true,
  budget: { used: 0, perMinute: 60, until: epochMs(0) },
  canList: true,
  countsTraffic: true,
  fingerprint: '00:11:22:33:44:55 FRITZ!Box 7590',
};

export const lease: LeaseView = {
  gateway: router.id,
  control: 'pcp',
  external: { address: ip('203.0.113.5'), port: port(25_565) },
  grantedAt: NOON,
  renewAt: epochMs(NOON + inHours(1)),
  expiresAt: epochMs(NOON + inHours(2)),
  evidence: 'answered',
};

export function mapping(status: MappingStatus, external: number = 25_565): MappingView {
  const forward = asForwardId(`${external}/tcp`);
  return {
    id: mappingIdOf(forward, 'ipv4', 'tcp', port(external)),
    forward,
    family: 'ipv4',
    transport: 'tcp',
    external: { port: port(external) },
    internal: { client: ip('192.168.1.7'), port: port(external) },
    status,
  };
}

/** A status of every kind. */
export const statuses: { readonly [At in MappingStatus['at']]: Extract<MappingStatus, { at: At }> } = {
  off: { at: 'off' },
  opening: { at: 'opening', since: NOON },
  open: { at: 'open', lease },
  renewing: { at: 'renewing', lease },
  closing: { at: 'closing', lease },
  waiting: { at: 'waiting', for: 'retry', problem: problem('router-failed'), mayBeOpenUntil: lease.expiresAt },
  refused: { at: 'refused', problem: problem('conflict') },
};

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    revision: 1,
    at: NOON,
    search: { running: false },
    gateways: [router],
    forwards: [],
    mappings: [],
    problems: [],
    ...changes,
  };
}
