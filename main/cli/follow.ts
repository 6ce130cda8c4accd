/** Prints what changes, once. */
import type { MappingView, Snapshot } from '../contract/model.ts';
import type { Console } from './console.ts';
import { gatewayLine, mappingLine, mappingRecord } from './report.ts';

/** More than this many lines of one kind at once are summed up. */
const MANY = 60;

/** Returns what ends it. */
export function follow(watch: (listener: (snapshot: Snapshot) => void) => () => void, console: Console): () => void {
  const lines = new Map<string, string>();
  const told = new Map<string, string>();
  const gateways = new Set<string>();
  const problems = new Set<string>();
  let last: readonly MappingView[] = [];
  return watch((snapshot) => {
    for (const gateway of snapshot.gateways) {
      if (gateways.has(gateway.id) || gateway.externalAddress === 'unknown') continue;
      gateways.add(gateway.id);
      console.note(gatewayLine(gateway));
    }
    const current = new Set(snapshot.problems.map(({ code, gateway, since }) => `${code} ${gateway ?? ''} ${since}`));
    for (const problem of snapshot.problems) {
      const key = `${problem.code} ${problem.gateway ?? ''}`;
      if (problems.has(key)) continue;
      problems.add(key);
      console.problem(problem);
    }
    for (const key of problems) if (![...current].some((now) => now.startsWith(`${key} `))) problems.delete(key);
    for (const mapping of snapshot.mappings) {
      // Before the first word from a router there is nothing to say but that it is looked for.
      const { status } = mapping;
      const isBeginning = status.at === 'waiting' && status.problem === undefined && !lines.has(mapping.id);
      const line = isBeginning ? undefined : mappingLine(mapping, snapshot);
      if (line !== undefined && lines.get(mapping.id) !== line) {
        lines.set(mapping.id, line);
        if (snapshot.mappings.length <= MANY || mapping.status.at !== 'open') console.line(line);
      }
      const record = JSON.stringify(brief(mapping, snapshot));
      if (console.json && told.get(mapping.id) !== record) {
        told.set(mapping.id, record);
        console.record(mappingRecord(mapping, snapshot));
      }
    }
    const present = new Set(snapshot.mappings.map(({ id }) => id));
    for (const gone of last) {
      if (present.has(gone.id)) continue;
      lines.delete(gone.id);
      told.delete(gone.id);
      if (last.length <= MANY) console.line(`closed   ${gone.external.port}/${gone.transport}`);
      console.record({
        event: 'closed',
        forward: gone.forward,
        transport: gone.transport,
        wantedPort: gone.external.port,
      });
    }
    last = snapshot.mappings;
  });
}

/** A renewal changes moments only; that is not news. */
function brief(mapping: MappingView, snapshot: Snapshot): Record<string, unknown> {
  const record = mappingRecord(mapping, snapshot);
  const { expiresAt: _expiresAt, grantedAt: _grantedAt, evidence: _evidence, ...news } = record;
  return { ...news, status: record['status'] === 'renewing' ? 'open' : record['status'] };
}
