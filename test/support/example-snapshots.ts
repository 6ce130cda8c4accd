/** Snapshots as people meet them, and some that few ever do. */
import { ip } from '../../main/contract/address.ts';
import type { AppSnapshot } from '../../main/contract/commands.ts';
import { asForwardId, asGatewayId, mappingIdOf, type Forward } from '../../main/contract/model.ts';
import type { GatewayView, LeaseView, MappingStatus, MappingView } from '../../main/contract/snapshot.ts';
import type { Problem, ProblemCode } from '../../main/contract/problems.ts';
import { forwardsOfProfile } from '../../main/contract/profiles/forward-names.ts';
import { ProfileSchema, type ForwardInput, type Profile } from '../../main/contract/profiles/profile.ts';
import { checked } from '../../main/contract/checked.ts';
import { DEFAULT_SETTINGS } from '../../main/contract/settings.ts';
import {
  after,
  epochMs,
  inHours,
  inMinutes,
  inSeconds,
  millis,
  port,
  seconds,
  type EpochMs,
  type Millis,
} from '../../main/contract/units.ts';
import { NOON, codes, problem } from './problems.ts';

export const fritzBox: GatewayView = {
  id: asGatewayId('eth0/192.168.178.1'),
  name: 'FRITZ!Box 7590',
  model: 'AVM FRITZ!Box 7590 (UI)',
  address: ip('192.168.178.1'),
  interfaceName: 'eth0',
  localAddress: ip('192.168.178.20'),
  controls: [
    { kind: 'pcp', foundBy: 'pcp-probe', foundIn: millis(12), detail: 'PCP 2' },
    { kind: 'igd', foundBy: 'ssdp-unicast', foundIn: millis(140), detail: 'WANIPConnection:2' },
  ],
  externalAddress: ip('203.0.113.77'),
  isDefault: true,
  reachable: true,
  uptime: seconds(345_600),
  budget: { used: 3, perMinute: 60, until: after(NOON, inSeconds(20)) },
  canList: true,
  countsTraffic: true,
  fingerprint: 'avm',
};

const vpn: GatewayView = {
  ...fritzBox,
  id: asGatewayId('wg0/10.2.0.1'),
  name: '10.2.0.1',
  model: '',
  address: ip('10.2.0.1'),
  interfaceName: 'wg0',
  localAddress: ip('10.2.0.2'),
  controls: [{ kind: 'nat-pmp', foundBy: 'nat-pmp-probe', foundIn: millis(40), detail: 'NAT-PMP 0' }],
  externalAddress: ip('198.51.100.4'),
  isDefault: false,
};

/** @throws Error when it is none */
export function profile(id: string, name: string, on: boolean, forwards: readonly ForwardInput[]): Profile {
  const result = checked(ProfileSchema, { id, name, on, forwards });
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.value;
}

export function forward(first: number, more: Partial<ForwardInput> = {}): ForwardInput {
  return { transports: ['tcp'], external: { first, last: first }, internal: { first }, ...more };
}

export function lease(minutesLeft: number, externalPort: number, more: Partial<LeaseView> = {}): LeaseView {
  const expiresAt = after(NOON, inMinutes(minutesLeft));
  return {
    gateway: fritzBox.id,
    control: 'pcp',
    external: { address: ip('203.0.113.77'), port: port(externalPort) },
    grantedAt: before(expiresAt, inHours(2)),
    renewAt: before(expiresAt, inHours(1)),
    expiresAt,
    evidence: 'read-back',
    ...more,
  };
}

const before = (moment: EpochMs, duration: Millis): EpochMs => epochMs(moment - duration);

type StatusOf = (mapping: { readonly port: number }) => MappingStatus;

export const open =
  (minutesLeft = 97): StatusOf =>
  ({ port: external }) => ({ at: 'open', lease: lease(minutesLeft, external) });

/** The mappings of a profile. */
export function mappings(of: Profile, status: StatusOf = open()): readonly MappingView[] {
  return forwardsOfProfile(of).flatMap((each) =>
    each.families.flatMap((family) =>
      each.transports.flatMap((transport) =>
        Array.from({ length: each.external.last - each.external.first + 1 }, (_, at) => {
          const external = port(each.external.first + at);
          return {
            id: mappingIdOf(each.id, family, transport, external),
            forward: each.id,
            family,
            transport,
            external: { port: external },
            internal: { client: each.internal.client ?? fritzBox.localAddress, port: port(each.internal.first + at) },
            status: status({ port: external }),
          };
        }),
      ),
    ),
  );
}

/** The ports of a program beside the profiles: as the mappings of a profile, under ids of its own. */
function held(hold: string, given: ForwardInput, status?: StatusOf) {
  const one = profile('held', 'Held', false, [given]);
  const id = asForwardId(`${hold}:${given.external.first}`);
  return {
    forwards: one.forwards.map((each): Forward => ({ ...each, id })),
    mappings: mappings(one, status).map((each) => ({ ...each, forward: id })),
  };
}

type Change = Partial<Omit<AppSnapshot, 'engine' | 'settings'>> & {
  readonly engine?: Partial<AppSnapshot['engine']>;
  readonly settings?: Partial<AppSnapshot['settings']>;
};

export function snapshot({ engine = {}, settings = {}, ...rest }: Change = {}): AppSnapshot {
  return {
    revision: 1,
    profiles: [],
    held: [],
    holds: [],
    conditions: [],
    signIns: [],
    obeysSwitches: true,
    isNarrowed: false,
    address: { addresses: {}, name: null, command: null },
    problems: [],
    host: { kind: 'service', hasDemo: true, update: { at: 'unsupported' } },
    demo: false,
    tried: [],
    listing: null,
    probes: { running: [], latest: [] },
    diagnosis: null,
    activity: 0,
    ...rest,
    settings: { ...DEFAULT_SETTINGS, welcomed: true, firstOpenSeen: true, ...settings },
    engine: {
      revision: 1,
      at: NOON,
      search: { running: false, nextAt: after(NOON, inMinutes(10)) },
      network: { key: '192.168.178.1/24 00:11:22:33:44:55', approved: true },
      gateways: [fritzBox],
      forwards: [],
      mappings: [],
      problems: [],
      ...engine,
    },
  };
}

const minecraft = profile('minecraft', 'Minecraft', true, [
  forward(25_565, { label: 'Game' }),
  forward(24_454, { label: 'Simple Voice Chat', transports: ['udp'] }),
]);
const plex = profile('plex', 'Plex Media Server', true, [
  forward(32_400, { label: 'Streaming', internal: { first: 32_400, client: '192.168.178.31' } }),
]);
const valheim = profile('valheim', 'Valheim', true, [
  forward(2456, { transports: ['tcp', 'udp'], external: { first: 2456, last: 2458 } }),
]);
const web = profile('home-server', 'Home server', false, [
  forward(8080, { label: 'Web', internal: { first: 80 }, families: ['ipv4', 'ipv6'] }),
  forward(51_820, { label: 'WireGuard', transports: ['udp'] }),
]);

const usual = [minecraft, plex, valheim, web];

/** A refusal as the engine reports it: for the forward that it is about. */
export function refusal(of: Profile, code: ProblemCode, at = 0): Problem {
  const { id } = forwardsOfProfile(of)[at] ?? {};
  return { ...problem(code), gateway: fritzBox.id, ...(id === undefined ? {} : { forward: id }) };
}

const ABOUT_FORWARDS: ReadonlySet<ProblemCode> = new Set([
  'conflict',
  'conflict-in-router',
  'port-not-allowed',
  'only-for-itself',
  'no-permanent-lease',
  'same-port-only',
  'one-per-internal-port',
  'lease-too-short',
  'table-full',
  'pinholes-off',
  'wrong-family',
  'router-refused',
  'router-failed',
  'router-garbled',
  'listed-but-dead',
]);

function refusedEach(): AppSnapshot {
  const all = codes.filter((code) => ABOUT_FORWARDS.has(code));
  const profiles = all.map((code, at) => profile(code, `Program ${at + 1}`, true, [forward(25_565 + at)]));
  return snapshot({
    profiles,
    engine: {
      forwards: profiles.flatMap(forwardsOfProfile),
      mappings: profiles.flatMap((each, at) => {
        const code = all[at] ?? 'conflict';
        return mappings(each, () => ({ at: 'refused', problem: refusal(each, code) }));
      }),
    },
  });
}

function many(count: number, forwardsEach: number): AppSnapshot {
  const profiles = Array.from({ length: count }, (_, at) =>
    profile(
      `p-${at}`,
      `Server ${at + 1}`,
      at % 3 !== 0,
      Array.from({ length: forwardsEach }, (_, n) =>
        forward(20_000 + at * forwardsEach + n, { label: `Port ${n + 1}` }),
      ),
    ),
  );
  const on = profiles.filter((each) => each.on);
  return snapshot({
    profiles,
    engine: {
      forwards: on.flatMap(forwardsOfProfile),
      mappings: on.flatMap((each, at) => mappings(each, open(30 + at))),
    },
  });
}

const since = before(NOON, inMinutes(4));

/** Whole windows, each at {@link NOON}. */
const factorio = held('terminal-1', forward(34_197, { transports: ['udp'] }));
const listed = held('file-1', forward(8080), () => ({ at: 'waiting', for: 'gateway' }));

export const exampleSnapshots = {
  empty: snapshot(),
  searching: snapshot({ engine: { gateways: [], search: { running: true, since: NOON } } }),
  noRouter: snapshot({
    profiles: [{ ...minecraft, on: true }],
    engine: {
      gateways: [],
      problems: [problem('no-gateway')],
      mappings: mappings(minecraft, () => ({ at: 'waiting', for: 'gateway' })),
    },
  }),
  usual: snapshot({
    profiles: usual,
    engine: {
      forwards: [minecraft, plex, valheim].flatMap(forwardsOfProfile),
      mappings: [
        ...mappings(minecraft, ({ port: external }) =>
          external === 25_565
            ? { at: 'open', lease: lease(97, external) }
            : { at: 'renewing', lease: lease(14, external, { renewAt: NOON }) },
        ),
        ...mappings(plex, ({ port: external }) => ({
          at: 'open',
          lease: lease(0, external, { control: 'igd', expiresAt: 'never' }),
        })),
        ...mappings(valheim, ({ port: external }) =>
          external === 2456 ? { at: 'open', lease: lease(120, external) } : { at: 'opening', since: NOON },
        ),
      ],
    },
  }),
  terminal: snapshot({
    profiles: [minecraft],
    holds: [
      {
        name: 'terminal-1',
        from: 'terminal',
        label: 'Factorio',
        forwards: [asForwardId('terminal-1:34197')],
        since: NOON,
      },
      { name: 'file-1', from: 'file', label: '/etc/ports.csv', forwards: [asForwardId('file-1:8080')], since: NOON },
    ],
    engine: {
      forwards: [...forwardsOfProfile(minecraft), ...factorio.forwards, ...listed.forwards],
      mappings: [...mappings(minecraft), ...factorio.mappings, ...listed.mappings],
    },
  }),
  conflict: snapshot({
    profiles: [minecraft, plex],
    engine: {
      forwards: [minecraft, plex].flatMap(forwardsOfProfile),
      mappings: [
        ...mappings(minecraft, ({ port: external }) =>
          external === 25_565
            ? { at: 'refused', problem: refusal(minecraft, 'conflict') }
            : { at: 'open', lease: lease(97, external) },
        ),
        ...mappings(plex),
      ],
    },
  }),
  away: snapshot({
    profiles: [minecraft, web],
    held: [web.id],
    engine: {
      gateways: [{ ...fritzBox, reachable: false }, vpn],
      problems: [{ ...problem('gateway-away'), gateway: fritzBox.id, severity: 'warning' }],
      mappings: [
        ...mappings(minecraft, () => ({ at: 'waiting', for: 'gateway', mayBeOpenUntil: after(NOON, inMinutes(61)) })),
        ...mappings(web, () => ({ at: 'waiting', for: 'retry', until: after(NOON, inSeconds(42)) })),
      ],
    },
  }),
  paused: snapshot({ profiles: usual, settings: { paused: true } }),
  closing: snapshot({
    profiles: usual.map((each) => ({ ...each, on: false })),
    engine: { mappings: mappings(minecraft, ({ port: external }) => ({ at: 'closing', lease: lease(60, external) })) },
  }),
  demo: snapshot({
    profiles: [minecraft],
    demo: true,
    engine: { gateways: [{ ...fritzBox, name: 'Simulated router', model: '' }], mappings: mappings(minecraft) },
  }),
  refusedEach: refusedEach(),
  troubles: snapshot({
    problems: codes
      .filter((code) => !ABOUT_FORWARDS.has(code))
      .map((code) => ({ ...problem(code), severity: code === 'set-aside' ? 'info' : 'warning', since })),
    engine: { gateways: [{ ...fritzBox, externalAddress: 'none' }] },
  }),
  many: many(50, 10),
} as const satisfies Readonly<Record<string, AppSnapshot>>;

export type ExampleName = keyof typeof exampleSnapshots;
