/** What an earlier run opened, while the profiles that may want it cannot be read: it is kept open, nothing is closed. */
import type { Forward } from '../../contract/model.ts';
import { asForwardId } from '../../contract/model.ts';
import { clashOf } from '../../contract/claims.ts';
import type { RecoveredLease } from '../../core/events.ts';
import type { EpochMs } from '../../contract/units.ts';
import type { Log, RecordLog } from '../../system/system.ts';
import { StorageError } from '../../system/system.ts';
import { Journal } from './journal.ts';

/** One for each lease on record; none where the journal cannot be read either. What was kept on purpose stays open anyway. */
export async function inheritedForwards(records: RecordLog, log: Log, now: EpochMs): Promise<readonly Forward[]> {
  try {
    const leases = await new Journal(records, log).load(now);
    return leases.filter(({ kept }) => !kept).map(forwardOf);
  } catch (error) {
    if (error instanceof StorageError) return [];
    throw error;
  }
}

/** What neither a known profile claims, be it on or off, nor a program. */
export function unclaimed(forwards: readonly Forward[], claims: readonly Forward[]): readonly Forward[] {
  return forwards.filter((forward) => clashOf([forward], claims) === undefined);
}

function forwardOf({ lease, label }: RecoveredLease, at: number): Forward {
  const { transport, family, external, internal, expiresAt } = lease;
  return {
    id: asForwardId(`/${at}`),
    label,
    transports: [transport],
    families: [family],
    external: { first: external.port, last: external.port },
    internal: { first: internal.port, client: internal.client },
    ...(expiresAt === 'never' ? { lease: 'permanent' } : {}),
    ifTaken: 'fail',
  };
}
