/** When to test open ports from outside automatically: soon after each grant, and at intervals (L11, L12, L20). */
import type { MappingId } from '../../contract/model.ts';
import type { LeaseView, MappingView, Snapshot } from '../../contract/snapshot.ts';
import { inSeconds, type Millis } from '../../contract/units.ts';
import type { Clock } from '../../system/system.ts';

export type OpenMapping = MappingView & { readonly lease: LeaseView };

/** Between two tests, so that whoever is asked is not flooded. */
const GAP = inSeconds(1);
/** After a grant: routers need a moment (E10). */
const SETTLE = inSeconds(2);

/** One at a time: the next is chosen when the previous one has been tested. @throws the signal's reason */
export async function* dueTests(
  { every, clock }: { readonly every: Millis; readonly clock: Clock },
  snapshot: () => Pick<Snapshot, 'mappings'>,
  signal: AbortSignal,
): AsyncGenerator<OpenMapping> {
  const testedAt = new Map<MappingId, number>();
  // Snapshots change only when something happens, so a grant's age is measured here.
  const grants = new Map<MappingId, { readonly grantedAt: number; readonly seenAt: number }>();
  const isFresh = ({ id, lease: { grantedAt } }: OpenMapping, now: number): boolean => {
    const known = grants.get(id);
    const seenAt = known?.grantedAt === grantedAt ? known.seenAt : now;
    grants.set(id, { grantedAt, seenAt });
    return now - seenAt < SETTLE;
  };
  for (;;) {
    const now = clock.monotonic();
    const due = openMappings(snapshot()).find(
      (mapping) => !isFresh(mapping, now) && now - (testedAt.get(mapping.id) ?? -Infinity) >= every,
    );
    if (due !== undefined) {
      testedAt.set(due.id, now);
      yield due;
    }
    await clock.sleep(GAP, signal);
  }
}

export function openMappings({ mappings }: Pick<Snapshot, 'mappings'>): readonly OpenMapping[] {
  return mappings.flatMap((mapping) => {
    const { status } = mapping;
    return status.at === 'open' || status.at === 'renewing' ? [{ ...mapping, lease: status.lease }] : [];
  });
}
