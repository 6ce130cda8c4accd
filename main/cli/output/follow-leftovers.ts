/** Tells when what an earlier run could not close (a crash, a router that was away) has been closed. */
import type { Snapshot } from '../../contract/snapshot.ts';
import type { Leftover, LeftoverKey } from '../../core/state.ts';
import type { Console } from './console.ts';

interface Source {
  readonly leftovers: readonly Leftover[];
  watch(listener: (snapshot: Snapshot) => void): () => void;
}

/** Returns what ends it. */
export function followLeftovers(source: Source, console: Console): () => void {
  let last = new Map<LeftoverKey, Leftover>();
  return source.watch(({ at, mappings }) => {
    // Those that were open in this run are told as mappings.
    const old = source.leftovers.filter(({ kept, mapping }) => !kept && mapping === undefined);
    const current = new Map(old.map((leftover) => [leftover.key, leftover]));
    for (const [key, { lease }] of last) {
      if (current.has(key)) continue;
      const { transport, external, expiresAt } = lease;
      const isWanted = mappings.some((one) => one.transport === transport && one.external.port === external.port);
      const isOver = expiresAt !== 'never' && expiresAt <= at;
      if (isWanted || isOver) continue;
      console.line(`closed   ${external.port}/${transport}  left open by an earlier run`);
      console.record({ event: 'closed', transport, wantedPort: external.port, leftover: true });
    }
    last = current;
  });
}
