import type { FoundMapping } from '../contract/mapping.ts';
import { looksOurs } from '../core/expand.ts';
import { isFailure } from '../gateways/failure.ts';
import type { Console } from './console.ts';
import { table } from './console.ts';
import { EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { findGateways } from './find-gateway.ts';
import type { GlobalOptions } from './global-options.ts';
import { gatewayLine } from './report.ts';
import { startSession, withProgress } from './session.ts';

export async function list(options: GlobalOptions, console: Console): Promise<ExitCode> {
  const session = await startSession({ options, console, purpose: 'look' });
  const { engine } = session;
  try {
    const gateways = await findGateways(session, options, console, ({ id }) => engine.canList(id));
    if (gateways.length === 0) return EXIT.noGateway;
    const { interfaces } = await session.system.routes.read(session.interrupted);
    const own = new Set(interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
    let failed = false;
    for (const gateway of gateways) {
      if (!engine.canList(gateway.id)) {
        console.note(
          `${gateway.name} speaks ${gateway.controls.map(({ kind }) => kind).join(' and ')}, which cannot list what is open. UPnP could: switch it on in the router to see the list.`,
        );
        console.record({ gateway: gateway.address, mappings: null });
        failed = true;
        continue;
      }
      const found: FoundMapping[] = [];
      try {
        await withProgress(session, console, `Reading the list of ${gateway.name}`, async (signal) => {
          for await (const { mapping } of engine.list(signal, gateway.id)) found.push(mapping);
        });
      } catch (error) {
        if (!isFailure(error)) throw error;
        failed = true;
        console.note(
          `The list broke off after ${found.length}: ${error.message}. Try again; some routers need a moment.`,
        );
      }
      const isOurs = ({ internal, description }: FoundMapping): boolean =>
        internal.client !== undefined && own.has(internal.client) && looksOurs(description);
      found.sort((a, b) => a.external.port - b.external.port || a.transport.localeCompare(b.transport));
      console.record({ gateway: gateway.address, mappings: found.map((mapping) => record(mapping, isOurs(mapping))) });
      console.line(gatewayLine(gateway));
      if (found.length === 0) console.line('    nothing is open');
      const rows = found.map((mapping) => [
        isOurs(mapping) ? '  *' : '   ',
        `${mapping.external.port}/${mapping.transport}`,
        `-> ${mapping.internal.client ?? '?'}:${mapping.internal.port}`,
        leaseText(mapping),
        mapping.enabled ? '' : 'disabled',
        mapping.internal.client !== undefined && own.has(mapping.internal.client) ? 'this computer' : '',
        mapping.description,
      ]);
      for (const line of table(rows)) console.line(line);
      if (found.some(isOurs)) console.line('  * opened by Portkeeper');
    }
    return failed ? EXIT.failed : EXIT.ok;
  } finally {
    await session.stop();
  }
}

/** Routers report what was granted, what remains, or nothing (L15). */
const leaseText = ({ lease }: FoundMapping): string => (lease === 0 ? 'no end told' : `${lease} s`);

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
