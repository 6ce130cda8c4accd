import type { IpAddress } from '../../contract/address.ts';
import type { FoundMapping } from '../../contract/mapping.ts';
import type { GatewayView } from '../../contract/model.ts';
import { commandFault } from '../../contract/words/faults.ts';
import { ownerOf } from '../../core/whose.ts';
import { cannotList } from '../../engine/routers/gateway-fault.ts';
import { isFailure } from '../../gateways/failure.ts';
import type { Console } from '../output/console.ts';
import { table } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { findGateways } from '../find-gateway.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import type { Recorded } from '../recorded.ts';
import { recordedIn } from '../recorded.ts';
import { durationText, gatewayLine } from '../output/report.ts';
import type { Session } from '../session.ts';
import { startSession, withProgress } from '../session.ts';

export async function list(options: GlobalOptions, console: Console): Promise<ExitCode> {
  const session = await startSession({ options, console, purpose: 'look' });
  const { engine } = session;
  try {
    const gateways = await findGateways(session, options, console, ({ id }) => engine.canList(id));
    if (gateways.length === 0) return EXIT.noGateway;
    const { interfaces } = await session.system.routes.read(session.interrupted);
    const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
    const recorded = await recordedIn(options.dataFolder, session.system);
    let isWhole = true;
    for (const gateway of gateways) {
      if (engine.canList(gateway.id))
        isWhole = (await listGateway(session, gateway, { own, recorded }, console)) && isWhole;
      else {
        isWhole = false;
        console.note(commandFault('gateway-failed', '', cannotList(gateway)).message);
        console.record({ gateway: gateway.address, mappings: null });
      }
    }
    return isWhole ? EXIT.ok : EXIT.failed;
  } finally {
    await session.stop();
  }
}

/** Was the list whole? */
async function listGateway(
  session: Session,
  gateway: GatewayView,
  { own, recorded }: { readonly own: ReadonlySet<IpAddress>; readonly recorded: Recorded },
  console: Console,
): Promise<boolean> {
  const found: FoundMapping[] = [];
  let failure: Error | undefined;
  try {
    await withProgress(session, console, `Reading the list of ${gateway.name}`, async (signal) => {
      await session.engine.readTable(gateway.id, (mapping) => found.push(mapping), signal);
    });
  } catch (error) {
    if (!isFailure(error)) throw error;
    failure = error;
  }
  const facts = {
    isOwnAddress: (address: IpAddress) => own.has(address),
    isRecorded: (mapping: FoundMapping) => recorded.has(gateway.id, mapping),
  };
  const isOurs = (mapping: FoundMapping): boolean => ownerOf(mapping, facts).is === 'ours';
  found.sort((a, b) => a.external.port - b.external.port || a.transport.localeCompare(b.transport));
  console.record({
    gateway: gateway.address,
    whole: failure === undefined,
    mappings: found.map((mapping) => record(mapping, isOurs(mapping))),
  });
  console.line(gatewayLine(gateway));
  if (found.length > 0) {
    const rows = found.map((mapping) => rowOf(mapping, isOurs(mapping), own));
    for (const line of table([HEADINGS, ...rows], console.columns)) console.line(line);
  } else if (failure === undefined) console.line('    nothing is open');
  if (found.some(isOurs)) console.line('  * opened by Portkeeper');
  if (failure !== undefined) {
    console.note(
      `The list broke off after ${found.length}: ${failure.message}. Try again; some routers need a moment.`,
    );
  }
  return failure === undefined;
}

const HEADINGS = ['   ', 'PORT', 'LEADS TO', 'ENDS IN', 'LABEL'];

function rowOf(
  { external, transport, internal, lease, enabled, description, remoteHost }: FoundMapping,
  ours: boolean,
  own: ReadonlySet<IpAddress>,
): readonly string[] {
  const { client } = internal;
  const host = client === undefined ? '?' : own.has(client) ? 'this computer' : client;
  const limits = [enabled ? '' : '(switched off) ', remoteHost === undefined ? '' : `(for ${remoteHost} only) `].join(
    '',
  );
  return [
    ours ? '  *' : '   ',
    `${external.port}/${transport}`,
    `${host}:${internal.port}`,
    // Routers report what was granted, what remains, or nothing (L15).
    lease === 0 ? 'not told' : durationText(lease),
    `${limits}${description}`,
  ];
}

function record(mapping: FoundMapping, ours: boolean): Record<string, unknown> {
  const { transport, external, internal, description, enabled, lease, remoteHost } = mapping;
  return {
    transport,
    externalPort: external.port,
    internalClient: internal.client ?? null,
    internalPort: internal.port,
    description,
    enabled,
    leaseSeconds: lease,
    remoteHost: remoteHost ?? null,
    ours,
  };
}
