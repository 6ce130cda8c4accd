import type { TableEntryView } from '../../contract/gateway-table.ts';
import type { GatewayView } from '../../contract/snapshot.ts';
import { commandFault } from '../../contract/words/faults.ts';
import { cannotList } from '../../engine/routers/gateway-fault.ts';
import type { Console } from '../output/console.ts';
import { table } from '../output/console.ts';
import { EXIT } from '../output/fault.ts';
import type { ExitCode } from '../output/fault.ts';
import { findGateways } from '../find-gateway.ts';
import type { GlobalOptions } from '../options/global-options.ts';
import { durationText, gatewayLine } from '../output/report.ts';
import type { LookSession } from '../session.ts';
import { looking, notStopped, withProgress } from '../session.ts';

export function list(options: GlobalOptions, console: Console): Promise<ExitCode> {
  return looking(options, console, async (session) => {
    const gateways = await findGateways(session, options, console, 'listing');
    if (gateways.length === 0) return EXIT.noGateway;
    const own = new Set<string>(gateways.map(({ localAddress }) => localAddress));
    let isWhole = true;
    for (const gateway of gateways) {
      if (gateway.canList) isWhole = (await listGateway(session, gateway, own, console)) && isWhole;
      else {
        isWhole = false;
        console.note(commandFault('gateway-failed', '', cannotList(gateway)).message);
        console.record({ gateway: gateway.address, mappings: null });
      }
    }
    return isWhole ? EXIT.ok : EXIT.failed;
  });
}

/** Was the list whole? */
async function listGateway(
  { client, system, interrupted }: LookSession,
  gateway: GatewayView,
  own: ReadonlySet<string>,
  console: Console,
): Promise<boolean> {
  const answer = await withProgress({ clock: system.clock, console }, `Reading the list of ${gateway.name}`, async () =>
    notStopped(await client.ask('gateway.list', { gateway: gateway.id }, interrupted)),
  );
  const { entries, whole } = answer.ok ? answer.value : { entries: [], whole: false };
  console.record({ gateway: gateway.address, whole, mappings: entries.map(record) });
  console.line(gatewayLine(gateway));
  if (entries.length > 0) {
    const rows = entries.map((entry) => rowOf(entry, own));
    for (const line of table([HEADINGS, ...rows], console.columns)) console.line(line);
  } else if (whole) console.line('    nothing is open');
  if (entries.some(isOurs)) console.line('  * opened by Portkeeper');
  if (!answer.ok) console.note(answer.fault.message);
  else if (!whole) {
    console.note(`The list broke off after ${entries.length}. Try again; some routers need a moment.`);
  }
  return whole;
}

const isOurs = ({ owner }: TableEntryView): boolean => owner.is === 'ours';

const HEADINGS = ['   ', 'PORT', 'LEADS TO', 'ENDS IN', 'LABEL'];

function rowOf(entry: TableEntryView, own: ReadonlySet<string>): readonly string[] {
  const { external, transport, internal, lease, enabled, description, remoteHost, owner } = entry;
  const { client } = internal;
  const isHere = client !== undefined && (owner.is === 'this-computer' || own.has(client));
  const host = isHere ? 'this computer' : (client ?? '?');
  const limits = [enabled ? '' : '(switched off) ', remoteHost === undefined ? '' : `(for ${remoteHost} only) `].join(
    '',
  );
  return [
    isOurs(entry) ? '  *' : '   ',
    `${external.port}/${transport}`,
    `${host}:${internal.port}`,
    // Routers report what was granted, what remains, or nothing (L15).
    lease === 0 ? 'not told' : durationText(lease),
    `${limits}${description}`,
  ];
}

function record(entry: TableEntryView): Record<string, unknown> {
  const { transport, external, internal, description, enabled, lease, remoteHost } = entry;
  return {
    transport,
    externalPort: external.port,
    internalClient: internal.client ?? null,
    internalPort: internal.port,
    description,
    enabled,
    leaseSeconds: lease,
    remoteHost: remoteHost ?? null,
    ours: isOurs(entry),
  };
}
