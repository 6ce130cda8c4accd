import type { IpAddress } from '../../contract/address.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayView, Transport } from '../../contract/model.ts';
import { inSeconds } from '../../contract/units.ts';
import type { Port } from '../../contract/units.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import { ownerOf } from '../../core/whose.ts';
import { isFailure } from '../../gateways/failure.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { findGateways } from '../find-gateway.ts';
import type { Foreign } from '../foreign-entries.ts';
import { foreignText, removeForeign } from '../foreign-entries.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { parsePortSpec } from '../options/port-spec.ts';
import { notClosedRecord, notClosedText } from '../output/report.ts';
import type { Session } from '../session.ts';
import { startSession, whileClosing, withProgress } from '../session.ts';

/** An outside port to close; `description` proves that a list of the person's own made it. */
export interface Target {
  readonly transport: Transport;
  readonly port: Port;
  readonly client: IpAddress | undefined;
  readonly description?: string;
}

const CLOSING = inSeconds(60);

export interface CloseOptions {
  /** Everything that Portkeeper opened. */
  readonly all?: boolean;
  /** What others opened, too. */
  readonly anyway?: boolean;
}

export async function close(
  ports: readonly string[],
  { all = false, anyway = false }: CloseOptions,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  if (ports.length === 0 && !all) {
    throw new InputFault(
      'Which ports? Name them, such as: portkeeper close 25565/tcp. Or close all of ours with --all.',
    );
  }
  if (all && anyway) throw new InputFault('--anyway is for ports that you name: with --all only ours are closed.');
  const targets = ports.flatMap(targetsOf);
  const session = await startSession({ options, console, purpose: 'hold' });
  try {
    return await closeTargets(session, all ? 'all' : targets, options, console, anyway);
  } finally {
    await session.stop();
  }
}

function targetsOf(text: string): readonly Target[] {
  const { transports, external, internal } = parsePortSpec(text);
  const targets: Target[] = [];
  for (let number: number = external.first; number <= external.last; number++) {
    for (const transport of transports) {
      // Within the range by construction.
      targets.push({ transport, port: number as Port, client: internal.client });
    }
  }
  return targets;
}

/**
 * Closes what is provably ours: in the journal, or in the router's table with our mark and leading to this computer; with
 * `anyway` what others opened, too. Failed when something that was named stays open; what was not open in the first place is told only.
 */
export async function closeTargets(
  session: Session,
  targets: readonly Target[] | 'all',
  options: GlobalOptions,
  console: Console,
  anyway = false,
): Promise<ExitCode> {
  const { engine } = session;
  const isWanted = (leftover: Leftover): boolean =>
    targets === 'all' || targets.some((target) => isTarget(target, leftover.lease));
  // What a killed process held is closed as soon as there is a router, while another one is still looked for.
  const recorded = new Map<LeftoverKey, Leftover>();
  const unwatch = engine.watch(() => {
    for (const leftover of engine.leftovers) if (isWanted(leftover)) recorded.set(leftover.key, leftover);
  });
  const isRecorded = (target: Target): boolean => [...recorded.values()].some(({ lease }) => isTarget(target, lease));
  // What no journal knows takes a router that can list.
  const does = ({ id }: GatewayView): boolean => engine.canList(id) || (targets !== 'all' && targets.every(isRecorded));
  const gateways = await findGateways(session, options, console, does).finally(unwatch);
  const known = [...recorded.values()];
  engine.release(known.map(({ key }) => key));
  if (gateways.length === 0) {
    tellLeft(engine.leftovers.filter(isWanted), console);
    return EXIT.noGateway;
  }
  const missing = targets === 'all' ? 'all' : targets.filter((one) => !known.some(({ lease }) => isTarget(one, lease)));
  const listed = await adoptListed(session, missing, known, gateways, console);
  const { adopted } = listed;
  const removed = anyway ? await removeForeign(session, listed.foreign, console) : 0;
  if (!anyway) for (const one of listed.foreign) console.note(foreignText(one));
  const foreign = listed.foreign.length - removed;
  const waited = new Set<LeftoverKey>([...known.map(({ key }) => key), ...adopted]);
  const isUnderWay = ({ key, tries }: Leftover): boolean => waited.has(key) && tries === 0;
  await withProgress(
    session,
    console,
    'Closing',
    (interrupted) =>
      whileClosing(session, CLOSING, (late) =>
        engine.until(() => !engine.leftovers.some(isUnderWay), AbortSignal.any([interrupted, late])),
      ),
    () => engine.leftovers.filter(isUnderWay).length,
  );
  const left = engine.leftovers.filter(({ key }) => waited.has(key));
  tellLeft(left, console);
  const closed = waited.size - left.length + removed;
  console.record({ event: 'done', closed, left: left.length, foreign });
  console.line(
    closed === 0 ? 'No port was closed.' : closed === 1 ? 'One port was closed.' : `${closed} ports were closed.`,
  );
  return left.length > 0 || foreign > 0 ? EXIT.failed : EXIT.ok;
}

function tellLeft(left: readonly Leftover[], console: Console): void {
  for (const { lease } of left) {
    console.note(notClosedText(lease, lease.expiresAt));
    console.record(notClosedRecord(lease, lease.expiresAt));
  }
}

function isTarget(
  target: Target,
  held: {
    readonly transport: Transport;
    readonly external: { readonly port: number };
    readonly internal: { readonly client: IpAddress };
  },
): boolean {
  return (
    target.transport === held.transport &&
    target.port === held.external.port &&
    (target.client === undefined || target.client === held.internal.client)
  );
}

interface Listed {
  readonly adopted: readonly LeftoverKey[];
  /** Targets that belong to somebody else. */
  readonly foreign: readonly Foreign[];
}

/** What no journal knows is looked for in the routers' tables. */
async function adoptListed(
  session: Session,
  targets: readonly Target[] | 'all',
  known: readonly Leftover[],
  gateways: readonly GatewayView[],
  console: Console,
): Promise<Listed> {
  const { engine, system } = session;
  const listing = gateways.filter(({ id }) => engine.canList(id));
  if (targets !== 'all' && targets.length === 0) return { adopted: [], foreign: [] };
  const { interfaces } = await system.routes.read(session.interrupted);
  const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const facts = { isOwnAddress: (address: IpAddress) => own.has(address), isRecorded: () => false };
  const adopted: LeftoverKey[] = [];
  const found = new Set<Target>();
  const foreign: Foreign[] = [];
  const judge = (gateway: GatewayView, mapping: FoundMapping): boolean => {
    const { transport, external, internal, description } = mapping;
    const { client } = internal;
    if (client === undefined) return false;
    // It is being closed already; the list may still have it.
    const isSame = ({ lease }: Leftover): boolean =>
      lease.transport === transport && lease.external.port === external.port && lease.internal.client === client;
    if (known.some(isSame)) return false;
    const target =
      targets === 'all' ? undefined : targets.find((one) => one.transport === transport && one.port === external.port);
    if (target !== undefined) found.add(target);
    if (target === undefined && targets !== 'all') return false;
    const byOurMark = ownerOf(mapping, facts).is === 'ours';
    const byOwnList =
      target?.description !== undefined &&
      description === target.description &&
      (target.client === undefined ? own.has(client) : target.client === client);
    if (byOurMark || byOwnList) return true;
    if (target !== undefined) foreign.push({ gateway, mapping });
    return false;
  };
  try {
    await withProgress(session, console, 'Reading the router’s list', async (signal) => {
      for (const gateway of listing) {
        const told = (mapping: FoundMapping): void => {
          if (judge(gateway, mapping)) adopted.push(...engine.adopt(gateway.id, mapping));
        };
        await engine.readTable(gateway.id, told, signal);
      }
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    console.note(`The router’s list could not be read: ${error.message}. Try again; some routers need a moment.`);
    return { adopted, foreign };
  }
  for (const target of targets === 'all' ? [] : targets) {
    if (found.has(target)) continue;
    const name = `${target.port}/${target.transport}`;
    console.note(
      listing.length > 0
        ? `${name} is not open.`
        : `${name} is not among what Portkeeper opened here. This router cannot list what is open; if something else opened it, it stays.`,
    );
  }
  return { adopted, foreign };
}
