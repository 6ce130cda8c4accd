import type { IpAddress } from '../contract/address.ts';
import type { FoundMapping } from '../contract/mapping.ts';
import { inSeconds } from '../contract/units.ts';
import type { Port } from '../contract/units.ts';
import type { Transport } from '../contract/model.ts';
import { looksOurs } from '../core/expand.ts';
import type { Leftover } from '../core/state.ts';
import { isFailure } from '../gateways/failure.ts';
import type { Console } from './console.ts';
import { EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { findGateways } from './find-gateway.ts';
import type { GlobalOptions } from './global-options.ts';
import { parsePortSpec } from './port-spec.ts';
import type { Session } from './session.ts';
import { startSession, waitFor, withProgress } from './session.ts';

/** An outside port to close; `description` proves that a list of the person's own made it. */
export interface Target {
  readonly transport: Transport;
  readonly port: Port;
  readonly client: IpAddress | undefined;
  readonly description?: string;
}

const CLOSING = inSeconds(60);

export async function close(
  ports: readonly string[],
  all: boolean,
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const targets = ports.flatMap(targetsOf);
  const session = await startSession({ options, console, purpose: 'hold' });
  try {
    return await closeTargets(session, all ? 'all' : targets, options, console);
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

/** Closes what is provably ours: in the journal, or in the router's table with our mark and leading to this computer. */
export async function closeTargets(
  session: Session,
  targets: readonly Target[] | 'all',
  options: GlobalOptions,
  console: Console,
): Promise<ExitCode> {
  const { engine } = session;
  const gateways = await findGateways(session, options, console, () => true);
  if (gateways.length === 0) return EXIT.noGateway;
  const isWanted = (leftover: Leftover): boolean =>
    targets === 'all' || targets.some((target) => isTarget(target, leftover.lease));
  const known = engine.leftovers.filter((leftover) => isWanted(leftover));
  engine.release(known.map(({ key }) => key));
  const missing =
    targets === 'all' ? [] : targets.filter((target) => !known.some(({ lease }) => isTarget(target, lease)));
  const adopted =
    targets === 'all' || missing.length > 0 ? await adoptListed(session, missing, targets === 'all', console) : [];
  const waited = [...known.map(({ key }) => key), ...adopted];
  await withProgress(session, console, 'Closing', () =>
    waitFor(session, () => !engine.leftovers.some(({ key, tries }) => waited.includes(key) && tries === 0), CLOSING),
  );
  const left = engine.leftovers.filter(({ key }) => waited.includes(key));
  for (const { lease } of left) {
    console.note(
      `${lease.external.port}/${lease.transport} could not be closed: the router did not confirm it. The next start of Portkeeper tries again.`,
    );
  }
  const closed = waited.length - left.length;
  console.record({ closed, left: left.length });
  console.line(closed === 1 ? 'One port was closed.' : `${closed} ports were closed.`);
  const nothing =
    targets !== 'all' && closed < new Set(targets.map(({ transport, port }) => `${port}/${transport}`)).size;
  return left.length > 0 || (nothing && closed === 0) ? EXIT.failed : EXIT.ok;
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

/** What no journal knows is looked for in the routers' tables; what is not provably ours stays, and is told. */
async function adoptListed(
  session: Session,
  targets: readonly Target[],
  all: boolean,
  console: Console,
): Promise<readonly string[]> {
  const { engine, system } = session;
  const { interfaces } = await system.routes.read(session.interrupted);
  const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  const adopted: string[] = [];
  const found = new Set<Target>();
  const judge = (mapping: FoundMapping): boolean => {
    const { client } = mapping.internal;
    if (client === undefined) return false;
    const target = targets.find(
      ({ transport, port }) => transport === mapping.transport && port === mapping.external.port,
    );
    if (target !== undefined) found.add(target);
    if (target === undefined && !all) return false;
    const byOurMark = looksOurs(mapping.description) && own.has(client);
    const byOwnList =
      target?.description !== undefined &&
      mapping.description === target.description &&
      (target.client === undefined ? own.has(client) : target.client === client);
    if (byOurMark || byOwnList) return true;
    if (target !== undefined) {
      console.note(
        `${target.port}/${target.transport} belongs to ${client} ("${mapping.description}") and was not opened by Portkeeper: it stays open.`,
      );
    }
    return false;
  };
  try {
    await withProgress(session, console, 'Reading the router’s list', async (signal) => {
      for await (const { gateway, mapping } of engine.list(signal)) {
        if (judge(mapping)) adopted.push(...engine.adopt(gateway, mapping));
      }
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    console.note(`The router’s list could not be read: ${error.message}.`);
  }
  for (const target of targets) {
    if (!found.has(target)) console.note(`${target.port}/${target.transport} is not open.`);
  }
  return adopted;
}
