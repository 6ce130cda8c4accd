/** Snapshots as lines and records. */
import { endpointText, isPublic } from '../../contract/address.ts';
import type { NameView } from '../../contract/dynamic-dns.ts';
import type { ControlKind, FoundBy, GatewayId } from '../../contract/model.ts';
import {
  withFronts,
  type GatewayView,
  type MappingView,
  type Snapshot,
  type UpstreamView,
} from '../../contract/snapshot.ts';
import { actionsFor, commandLineOf, type ProblemAction } from '../../contract/problem-actions.ts';
import type { Problem } from '../../contract/problems.ts';
import { placeOfForward } from '../../contract/profiles/forward-names.ts';
import type { EpochMs, Seconds } from '../../contract/units.ts';
import { nameText } from '../../contract/words/name.ts';
import { explain } from '../../contract/words/problems.ts';
import { problemRecord, sentenceLines, type Console } from './console.ts';
import { hint } from './typed.ts';

const PROTOCOL: Readonly<Record<ControlKind, string>> = {
  pcp: 'PCP',
  'nat-pmp': 'NAT-PMP',
  igd: 'UPnP',
  pinhole: 'UPnP pinhole',
};

const timeOf = (moment: EpochMs): string =>
  new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(moment);

const isoOf = (moment: EpochMs | 'never'): string => (moment === 'never' ? 'never' : new Date(moment).toISOString());

/** `45 s`, `12 min`, `1 h 30 min`, `7 d`. */
export function durationText(duration: Seconds): string {
  if (duration < 60) return `${duration} s`;
  const minutes = Math.round(duration / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.round(minutes / 1440)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** A line for each router, those in front of the home's included. */
export const gatewayLines = (gateways: readonly GatewayView[]): readonly string[] =>
  withFronts(gateways).map((gateway) => gatewayLine(gateway, !gateways.includes(gateway)));

/** @param isFront is it in front of the home's? */
export function gatewayLine(gateway: GatewayView, isFront = false): string {
  const { externalAddress, controls, reachable } = gateway;
  const publicIp =
    externalAddress === 'none'
      ? 'no public IP'
      : externalAddress === 'unknown'
        ? 'public IP unknown'
        : `public IP ${externalAddress}`;
  const rest = isFront && !reachable ? 'no answer' : `${publicIp}, supports ${protocolsOf(controls)}`;
  return `${isFront ? 'Router in front of yours' : 'Router'}: ${whereOf(gateway)}, ${rest}`;
}

const protocolsOf = (controls: GatewayView['controls']): string =>
  controls.map(({ kind }) => PROTOCOL[kind]).join(', ');

function upstreamText({ address, gateway }: UpstreamView): string {
  if (gateway?.reachable !== true) return `${gateway === undefined ? address : whereOf(gateway)}, no answer`;
  return `${whereOf(gateway)}, supports ${protocolsOf(gateway.controls)}`;
}

const whereOf = ({ name, address }: Pick<GatewayView, 'name' | 'address'>): string =>
  name === '' || name === address ? address : `${name} (${address})`;

/** As far as is known: many routers don't report their address. */
export function isReachable({ externalAddress }: Pick<GatewayView, 'externalAddress'>): boolean {
  return externalAddress !== 'none' && (externalAddress === 'unknown' || isPublic(externalAddress));
}

export function gatewayRecord(gateway: GatewayView): Record<string, unknown> {
  const { id, name, model, address, interfaceName, localAddress, externalAddress, isDefault, reachable, uptime } =
    gateway;
  const { upstream } = gateway;
  return {
    id,
    name,
    model,
    address,
    interface: interfaceName,
    localAddress,
    externalAddress,
    isDefault,
    reachable,
    ...(uptime === undefined ? {} : { uptimeSeconds: uptime }),
    ...(upstream === undefined ? {} : { upstream: upstreamRecord(upstream) }),
    ...protocolsIn(gateway),
  };
}

function upstreamRecord({ address, client, gateway }: UpstreamView): Record<string, unknown> {
  const { name = '', reachable = false, controls = [] } = gateway ?? {};
  return { address, name, reachable, client, ...protocolsIn({ controls }) };
}

function protocolsIn({ controls }: Pick<GatewayView, 'controls'>): Record<string, unknown> {
  const protocols = controls.map(({ kind, foundBy, foundIn, detail }) => {
    return { protocol: kind, foundBy, foundInMs: Math.round(foundIn), detail };
  });
  return { protocols };
}

export function nameRecord({ updatedAt, nextAt, ...view }: NameView): Record<string, unknown> {
  const iso = (moment: EpochMs | undefined): string | null => (moment === undefined ? null : isoOf(moment));
  return { ...view, updatedAt: iso(updatedAt), nextAt: iso(nextAt) };
}

export function nameLine(view: NameView, now: EpochMs): string {
  return `Name: ${view.name === '' ? '(none)' : view.name}. ${nameText(view, now, 'en')}`;
}

const FOUND_BY: Readonly<Record<FoundBy, string>> = {
  'ssdp-multicast': 'by searching the network',
  'ssdp-unicast': 'by asking the router',
  'ssdp-ipv6': 'by searching over IPv6',
  'ssdp-notify': 'by an announcement',
  minissdpd: 'by minissdpd',
  remembered: 'from memory',
  manual: 'at the address you gave',
  'pcp-probe': 'by asking the router',
  'nat-pmp-probe': 'by asking the router',
  announcement: 'by an announcement',
};

export function discoveryLines(gateway: GatewayView): readonly string[] {
  const { name, model, address, externalAddress, interfaceName, localAddress, isDefault, upstream } = gateway;
  const publicIp =
    externalAddress === 'none'
      ? 'none that is reachable from the internet'
      : externalAddress === 'unknown' || isReachable(gateway)
        ? externalAddress
        : `${externalAddress}, not reachable from the internet`;
  const width = Math.max(...gateway.controls.map(({ kind }) => PROTOCOL[kind].length), 'this computer'.length);
  const row = (title: string, text: string): string => `    ${title.padEnd(width)}  ${text}`;
  return [
    `${name === address ? `Router ${address}` : `${name} (${address})`}${isDefault ? ', your default router' : ''}`,
    row('public IP', publicIp),
    row('this computer', `${localAddress} on ${interfaceName}`),
    ...(upstream === undefined ? [] : [row('in front', upstreamText(upstream))]),
    ...(model === '' || model === name ? [] : [row('model', model)]),
    ...gateway.controls.flatMap(({ kind, foundBy, foundIn, detail }) => [
      row(PROTOCOL[kind], `found ${FOUND_BY[foundBy]} in ${Math.round(foundIn)} ms`),
      // Service types and URLs are long; each has a line of its own.
      ...detail.split(' at ').map((part) => row('', part)),
    ]),
  ];
}

/** Many ports may wait for one reason: its explanation is said once. */
export class Explained {
  readonly #said = new Set<string>();

  once([what = '', ...explanation]: readonly string[]): readonly string[] {
    const text = explanation.join('\n');
    if (this.#said.has(text)) return [what];
    this.#said.add(text);
    return [what, ...explanation];
  }
}

/** As {@link mappingLines} for each; ports that are open beside each other are one line, and what is alike is explained once. */
export function statusLines(
  mappings: readonly MappingView[],
  snapshot: Snapshot,
  explained = new Explained(),
): readonly string[] {
  const runs: MappingView[][] = [];
  for (const mapping of mappings) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && isNext(before, mapping)) run.push(mapping);
    else runs.push([mapping]);
  }
  const told = runs.flatMap(([first, ...more]) =>
    first === undefined ? [] : (toldOf(first, snapshot, more.length) ?? []),
  );
  const width = Math.max(...told.map(({ port }) => port.length));
  return told.flatMap((each) => explained.once(linesOf({ ...each, port: each.port.padEnd(width) })));
}

/** Does `next` continue the range of `one`, open through the same control to the same device? */
function isNext(one: MappingView, next: MappingView): boolean {
  if (one.status.at !== 'open' || next.status.at !== 'open') return false;
  const [lease, other] = [one.status.lease, next.status.lease];
  return (
    one.forward === next.forward &&
    one.family === next.family &&
    one.transport === next.transport &&
    one.internal.client === next.internal.client &&
    hopLines(one).join('') === hopLines(next).join('') &&
    lease.gateway === other.gateway &&
    lease.control === other.control &&
    lease.external.address === other.external.address &&
    one.external.port + 1 === next.external.port &&
    one.internal.port + 1 === next.internal.port &&
    lease.external.port + 1 === other.external.port
  );
}

/** Lines about a mapping; none while something is under way. */
export function mappingLines(mapping: MappingView, snapshot: Snapshot): readonly string[] {
  const told = toldOf(mapping, snapshot, 0);
  return told === undefined ? [] : linesOf(told);
}

interface Told {
  readonly state: 'open' | 'waiting' | 'refused';
  readonly port: string;
  readonly text: string;
  readonly rest: readonly string[];
}

const linesOf = ({ state, port, text, rest }: Told): readonly string[] => [
  `${state.padEnd(7)}  ${port}  ${text}`,
  ...rest,
];

/** @param more ports after it that are alike */
function toldOf(mapping: MappingView, snapshot: Snapshot, more: number): Told | undefined {
  const { status } = mapping;
  const port = `${mapping.external.port}${upTo(mapping.external.port, more)}/${mapping.transport}`;
  switch (status.at) {
    case 'off':
    case 'opening':
    case 'renewing':
    case 'closing':
      return undefined;
    case 'open': {
      const { lease } = status;
      const inside = endpointText({
        address: mapping.internal.client ?? lease.external.address ?? inner(snapshot),
        port: mapping.internal.port,
      });
      const { port: granted } = lease.external;
      const address =
        lease.external.address ?? snapshot.gateways.find(({ id }) => id === lease.gateway)?.externalAddress;
      const outside =
        address === undefined || address === 'none' || address === 'unknown'
          ? `external port ${granted}`
          : endpointText({ address, port: granted });
      const other = granted === mapping.external.port ? '' : ` (instead of ${mapping.external.port})`;
      return {
        state: 'open',
        port,
        text: `${outside}${upTo(granted, more)}${other} -> ${inside}${upTo(mapping.internal.port, more)}  ${PROTOCOL[lease.control]}${standInText(lease.gateway, snapshot)}`,
        rest: hopLines(mapping),
      };
    }
    case 'waiting': {
      const open = status.mayBeOpenUntil;
      const may =
        open === undefined
          ? ''
          : open === 'never'
            ? ' It may still be open.'
            : ` It may be open until ${timeOf(open)}.`;
      const waits = {
        gateway: 'waiting for the router.',
        network: 'waiting for the network.',
        approval: 'waiting for you to approve this network: portkeeper approve',
        retry: 'no answer yet. Portkeeper will try again.',
      };
      const { problem } = status;
      if (problem === undefined)
        return { state: 'waiting', port, text: `${waits[status.for]}${may}`, rest: hopLines(mapping) };
      const [what = '', ...rest] = sentenceLines(explain(problem));
      return { state: 'waiting', port, text: `${what}${may}`, rest: [...hopLines(mapping), ...rest] };
    }
    case 'refused': {
      const [what = '', ...rest] = sentenceLines(explain(status.problem));
      return {
        state: 'refused',
        port,
        text: what,
        rest: [...hopLines(mapping), ...rest, ...remedyLines(status.problem, snapshot)],
      };
    }
  }
}

/** Its state on each of two routers. */
function hopLines({ hops }: MappingView): readonly string[] {
  if (hops === undefined) return [];
  const texts = hops.map(({ router, at }) => `${router ?? 'router'} ${at === 'off' ? 'not asked yet' : at}`);
  return [`    ${texts.join(' -> ')}`];
}

const upTo = (first: number, more: number): string => (more === 0 ? '' : `-${first + more}`);

/** Why no port is open, whatever is switched on. */
export const paused = (): string =>
  `Portkeeper is paused, so no ports are open. Resume with: ${hint('portkeeper settings set paused off')}`;

function standInText(id: GatewayId, { problems }: Snapshot): string {
  for (const { code, parameters, gateway } of problems) {
    if (code === 'not-default-router' && gateway === id) return `  on ${parameters.address}, not your default router`;
  }
  return '';
}

/** A command that helps. Ports of no profile need none: their own command is run again with other options. */
function remedyLines(problem: Problem, { gateways, forwards }: Snapshot): readonly string[] {
  if (problem.forward === undefined || placeOfForward(problem.forward) === undefined) return [];
  const [best] = actionsFor(problem, { gateways, forwards, isDesktop: false });
  const line = best === undefined ? undefined : commandLineOf(best);
  return line === undefined ? [] : [`    ${hint(line)}`];
}

/** The command that takes a router's trouble away, where it is a setting. */
export function settingLines(actions: readonly ProblemAction[]): readonly string[] {
  const action = actions.find((each) => each.do === 'command' && each.command === 'settings.change');
  const line = action === undefined ? undefined : commandLineOf(action);
  return line === undefined ? [] : [`    ${hint(line)}`];
}

/** A port that the router did not confirm to be closed. */
export function tellNotClosed(
  { transport, external }: Pick<MappingView, 'transport' | 'external'>,
  expiresAt: EpochMs | 'never',
  console: Console,
): void {
  const until = expiresAt === 'never' ? 'until the router restarts' : `until ${timeOf(expiresAt)}`;
  console.note(
    `Couldn’t close ${external.port}/${transport}: the router didn’t confirm it. It may stay open ${until}. Portkeeper will try again at its next start.`,
  );
  console.record({ event: 'not-closed', transport, wantedPort: external.port, mayBeOpenUntil: isoOf(expiresAt) });
}

/** A port that nobody keeps open any more. */
export function abandonedText(
  { transport, external }: Pick<MappingView, 'transport' | 'external'>,
  expiresAt: EpochMs | 'never',
): string {
  const until = expiresAt === 'never' ? 'when it restarts' : `at ${timeOf(expiresAt)}`;
  return `${external.port}/${transport} is no longer kept open. The router closes it ${until}.`;
}

const inner = (snapshot: Snapshot): GatewayView['localAddress'] => {
  const [gateway] = snapshot.gateways;
  if (gateway === undefined) throw new RangeError('a mapping is open without a router');
  return gateway.localAddress;
};

export function mappingRecord(mapping: MappingView, snapshot: Snapshot): Record<string, unknown> {
  const { forward, family, transport, external, internal, status, hops } = mapping;
  const lease = 'lease' in status ? status.lease : undefined;
  const gateway = lease === undefined ? undefined : snapshot.gateways.find(({ id }) => id === lease.gateway);
  const problem = status.at === 'refused' || status.at === 'waiting' ? status.problem : undefined;
  return {
    event: 'mapping',
    forward,
    family,
    transport,
    wantedPort: external.port,
    internalPort: internal.port,
    ...(internal.client === undefined ? {} : { internalClient: internal.client }),
    status: status.at,
    ...(hops === undefined
      ? {}
      : { hops: hops.map(({ router, at, external }) => ({ router, status: at, externalPort: external?.port })) }),
    ...(lease === undefined
      ? {}
      : {
          externalPort: lease.external.port,
          externalAddress: lease.external.address ?? gateway?.externalAddress,
          gateway: gateway?.address,
          protocol: lease.control,
          evidence: lease.evidence,
          grantedAt: isoOf(lease.grantedAt),
          expiresAt: isoOf(lease.expiresAt),
        }),
    ...(status.at === 'waiting' ? { waitsFor: status.for } : {}),
    ...(problem === undefined ? {} : { problem: problemRecord(problem) }),
  };
}
