/** Evidence beyond the router's word: does somebody outside get through? (L11, L12, L20) */
import { isPublic, type IpAddress } from '../../contract/address.ts';
import type { MappingId, Transport } from '../../contract/model.ts';
import type { LeaseView, MappingView, Snapshot } from '../../contract/snapshot.ts';
import { inSeconds, type Millis, type Port } from '../../contract/units.ts';
import type { Clock, Log } from '../../system/system.ts';

export interface Reachability {
  /** How long an answer counts. */
  readonly every: Millis;
  /** `undefined`: it cannot tell, or only something else is wrong. Never throws but for the signal's reason. */
  ask(
    target: { readonly transport: Transport; readonly address: IpAddress; readonly port: Port },
    signal: AbortSignal,
  ): Promise<'open' | 'closed' | undefined>;
}

/** Between two questions, so that whoever is asked is not flooded. */
const GAP = inSeconds(1);
/** After a grant: routers need a moment (E10). */
const SETTLE = inSeconds(2);

/** One negative answer may be the network's fault: only two in a row count. */
const NEGATIVES = 2;

export async function* watchReachability(
  { reachability, clock, log }: { readonly reachability: Reachability; readonly clock: Clock; readonly log: Log },
  snapshot: () => Snapshot,
  signal: AbortSignal,
): AsyncGenerator<{ readonly mapping: MappingId; readonly passes: boolean }> {
  const asked = new Map<MappingId, { readonly at: number; readonly negatives: number }>();
  // Snapshots are made when something happens; how old a grant is has to be told without them.
  const grants = new Map<MappingId, { readonly grantedAt: number; readonly seenAt: number }>();
  const isFresh = (id: MappingId, { grantedAt }: LeaseView, now: number): boolean => {
    const known = grants.get(id);
    const seenAt = known?.grantedAt === grantedAt ? known.seenAt : now;
    grants.set(id, { grantedAt, seenAt });
    return now - seenAt < SETTLE;
  };
  for (;;) {
    const now = clock.monotonic();
    const { mappings, gateways } = snapshot();
    const due = mappings.find((mapping) => {
      if (mapping.status.at !== 'open' || isFresh(mapping.id, mapping.status.lease, now)) return false;
      const last = asked.get(mapping.id);
      return last === undefined || last.negatives > 0 || now - last.at >= reachability.every;
    });
    const address = due === undefined ? undefined : outsideOf(due, gateways);
    if (due?.status.at === 'open' && address !== undefined) {
      const target = { transport: due.transport, address, port: due.status.lease.external.port };
      const answer = await reachability.ask(target, signal);
      log.write('debug', 'checked whether traffic arrives', { ...target, answer });
      const before = asked.get(due.id)?.negatives ?? 0;
      const negatives = answer === 'closed' ? before + 1 : 0;
      const counts = negatives >= NEGATIVES;
      asked.set(due.id, { at: now, negatives: counts ? 0 : negatives });
      if (answer === 'open' || counts) yield { mapping: due.id, passes: answer === 'open' };
    } else if (due !== undefined) {
      asked.set(due.id, { at: now, negatives: 0 });
    }
    await clock.sleep(GAP, signal);
  }
}

function outsideOf(mapping: MappingView, gateways: Snapshot['gateways']): IpAddress | undefined {
  if (mapping.status.at !== 'open') return undefined;
  const { lease } = mapping.status;
  if (mapping.family === 'ipv6') return mapping.internal.client;
  const known = lease.external.address ?? gateways.find(({ id }) => id === lease.gateway)?.externalAddress;
  return known === undefined || known === 'none' || known === 'unknown' || !isPublic(known) ? undefined : known;
}
