/** The commands that only look at routers: `discover`, `list` and `external-address`. */
import type { TableEntryView } from '../../contract/gateway-table.ts';
import type { Problem } from '../../contract/problems.ts';
import { withFronts, type GatewayView, type Snapshot } from '../../contract/snapshot.ts';
import { inSeconds } from '../../contract/units.ts';
import { commandFault } from '../../contract/words/faults.ts';
import { matchesGateway } from '../../core/choose.ts';
import { labelOf } from '../../core/expand.ts';
import { answering, doesFor } from '../../engine/routers/find-gateways.ts';
import { cannotList } from '../../engine/routers/gateway-fault.ts';
import { valueOf } from '../app-session.ts';
import { problemRecord, type Console } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import { blockingProblems, notOurGateway } from '../output/outcome.ts';
import { discoveryLines, durationText, gatewayLine, gatewayRecord, isReachable } from '../output/report.ts';
import { gatewayFor, looking, notStopped, snapshotOf, waitAtMost, withProgress, type LookSession } from '../session.ts';

export const list = looking(async (session) => {
  const { console } = session;
  const gateways = await findGateways(session, 'listing');
  if (gateways.length === 0) return EXIT.noGateway;
  const { engine } = await snapshotOf(session.client, session.interrupted);
  const hosts = new Map<string, string>(gateways.map(({ localAddress }) => [localAddress, 'this computer']));
  let isWhole = true;
  for (const gateway of gateways) {
    const upstream = engine.gateways.find((one) => one.upstream?.gateway?.id === gateway.id)?.upstream;
    if (upstream?.client !== undefined) hosts.set(upstream.client, 'your router');
    const listed = { gateway, isFront: upstream !== undefined, hosts };
    if (gateway.canList) isWhole = (await listGateway(session, listed)) && isWhole;
    else {
      // Both ports of a forward are in the home router's list.
      isWhole &&= upstream !== undefined;
      console.note(commandFault('gateway-failed', '', cannotList(gateway)).message);
      console.record({ gateway: gateway.address, mappings: null });
    }
  }
  return isWhole ? EXIT.ok : EXIT.failed;
}, true);

interface ListedGateway {
  readonly gateway: GatewayView;
  readonly isFront: boolean;
  /** Addresses that people know by another name. */
  readonly hosts: ReadonlyMap<string, string>;
}

/** Was the list whole? */
async function listGateway(
  { client, system, interrupted, console }: LookSession,
  { gateway, isFront, hosts }: ListedGateway,
): Promise<boolean> {
  const answer = await withProgress(
    { clock: system.clock, console },
    `Reading the list from ${gateway.name}`,
    async () => notStopped(await client.ask('gateway.list', { gateway: gateway.id }, interrupted)),
  );
  const { entries, whole } = answer.ok ? answer.value : { entries: [], whole: false };
  console.record({ gateway: gateway.address, whole, mappings: entries.map(record) });
  console.line(gatewayLine(gateway, isFront));
  if (entries.length > 0) {
    const rows = entries.map((entry) => rowOf(entry, hosts));
    console.table(rows, HEADINGS);
  } else if (whole) console.line('    No ports are open.');
  if (entries.some(isOurs)) console.line('  * opened by Portkeeper');
  if (!answer.ok) console.note(answer.fault.message);
  else if (!whole) {
    console.note(
      `The list is incomplete: it ended after ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'}. Try again; some routers need a moment.`,
    );
  }
  return whole;
}

const isOurs = ({ owner }: TableEntryView): boolean => owner.is === 'ours';

const HEADINGS = ['   ', 'PORT', 'FORWARDS TO', 'EXPIRES IN', 'LABEL'];

function rowOf(entry: TableEntryView, hosts: ReadonlyMap<string, string>): readonly string[] {
  const { family, external, transport, internal, lease, enabled, description, remoteHost, owner } = entry;
  const { client, name } = internal;
  const isSix = family === 'ipv6';
  const known = owner.is === 'this-computer' ? 'this computer' : hosts.get(client ?? '');
  const host = known ?? (isSix ? `[${client ?? '?'}]` : (name ?? client ?? '?'));
  const limits = `${enabled ? '' : '(switched off) '}${remoteHost === undefined ? '' : `(for ${remoteHost} only) `}`;
  return [
    isOurs(entry) ? '  *' : '   ',
    `${external.port}/${transport}${isSix ? ' IPv6' : ''}`,
    `${host}:${internal.port}`,
    // Routers report what was granted, what remains, or nothing (L15).
    lease === 0 ? 'unknown' : durationText(lease),
    `${limits}${isOurs(entry) ? labelOf(description) : description}`,
  ];
}

function record(entry: TableEntryView): Record<string, unknown> {
  const { family, transport, external, internal, description, enabled, lease, remoteHost } = entry;
  return {
    family,
    transport,
    externalPort: external.port,
    internalClient: internal.client ?? null,
    ...(internal.name === undefined ? {} : { internalName: internal.name }),
    internalPort: internal.port,
    description,
    enabled,
    leaseSeconds: lease,
    remoteHost: remoteHost ?? null,
    ours: isOurs(entry),
  };
}

const isTold = ({ code }: Problem, what: 'listing' | 'address'): boolean =>
  code === 'router-url' || (code === 'upstream-closed' && what === 'listing');

/** Those that were asked for; says why when there is none. */
async function findGateways(session: LookSession, what: 'listing' | 'address'): Promise<readonly GatewayView[]> {
  const { client, system, interrupted, options, console } = session;
  const gateway = gatewayFor(session, options);
  const input = { ...(gateway === undefined ? {} : { gateway }), for: what };
  const { gateways } = await withProgress({ clock: system.clock, console }, 'Looking for your router', async () =>
    valueOf(notStopped(await client.ask('gateways.find', input, interrupted))),
  );
  const { engine } = await snapshotOf(client, interrupted);
  const found = gateways.flatMap((id) => withFronts(engine.gateways).find((gateway) => gateway.id === id) ?? []);
  if (found.length === 0) tellNoGateway(gateway, engine, console);
  else for (const problem of engine.problems) if (isTold(problem, what)) console.problem(problem);
  for (const { isDefault, name, address } of found.filter((each) => engine.gateways.includes(each))) {
    // Any host of the LAN can answer, and say anything.
    if (isDefault || gateway !== undefined || options.search.manual !== undefined) continue;
    console.note(`${name === address ? address : `${name} (${address})`} is not your default router.`);
  }
  return found;
}

export function tellNoGateway(wanted: string | undefined, snapshot: Snapshot, console: Console): void {
  const problem = notOurGateway(wanted, snapshot);
  for (const each of problem === undefined ? blockingProblems(snapshot) : [problem]) console.problem(each);
}

export const externalAddress = looking(async (session) => {
  const { console } = session;
  const gateways = await findGateways(session, 'address');
  const told = answering(gateways).find(doesFor.address);
  if (told !== undefined) {
    console.line(told.externalAddress);
    console.record({ externalAddress: told.externalAddress, gateway: gatewayRecord(told) });
    // To people at a terminal the address alone would be misleading.
    const { engine } = await snapshotOf(session.client, session.interrupted);
    for (const problem of engine.problems) {
      if (problem.code === 'behind-another-nat' && !console.json) console.problem(problem);
    }
    return EXIT.ok;
  }
  const [gateway] = gateways;
  if (gateway === undefined) return EXIT.noGateway;
  console.problem({
    code: gateway.externalAddress === 'none' ? 'no-external-address' : 'external-address-unknown',
    parameters: { gateway: gateway.name },
    severity: 'error',
    since: session.system.clock.now(),
    gateway: gateway.id,
  });
  return EXIT.failed;
});

/** After the first gateway has answered, others and its other protocols are given this long. */
const MORE = inSeconds(2);
const WHOLE_SEARCH = inSeconds(20);

export const discover = looking(async (session) => {
  const { client, interrupted, system, options, console } = session;
  const began = system.clock.monotonic();
  const snapshot = await withProgress({ clock: system.clock, console }, 'Looking for your router', async () => {
    let searched = false;
    const unwatch = client.watch(({ engine }) => {
      searched ||= engine.search.running;
    });
    const ended = ({ search, problems }: Snapshot): boolean =>
      (searched && !search.running) || problems.some(({ code }) => code === 'no-network');
    try {
      valueOf(notStopped(await client.ask('gateways.search', {}, interrupted)));
      await waitAtMost(session, (now) => now.gateways.length > 0 || ended(now), WHOLE_SEARCH);
      return await waitAtMost(session, ended, MORE);
    } finally {
      unwatch();
    }
  });
  const ms = Math.round(system.clock.monotonic() - began);
  const gatewayName = gatewayFor(session, options);
  const found = snapshot.gateways
    .filter((gateway) => gatewayName === undefined || matchesGateway(gatewayName, gateway))
    .toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault));
  const other = notOurGateway(gatewayName, snapshot);
  const problems = other !== undefined ? [other] : found.length === 0 ? blockingProblems(snapshot) : snapshot.problems;
  console.record({ gateways: found.map(gatewayRecord), problems: problems.map(problemRecord), ms });
  for (const gateway of found) for (const line of discoveryLines(gateway)) console.line(line);
  if (!console.json) for (const problem of problems) console.problem(problem);
  // Over IPv6, no address of the router counts.
  return found.some((gateway) => !options.families.includes('ipv4') || isReachable(gateway)) ? EXIT.ok : EXIT.noGateway;
});
