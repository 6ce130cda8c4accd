/** Prints what changes, once. */
import type { MappingView, Snapshot } from '../../contract/snapshot.ts';
import type { Problem } from '../../contract/problems.ts';
import type { Console } from './console.ts';
import { countsOf } from './outcome.ts';
import { Explained, gatewayLine, mappingLines, mappingRecord } from './report.ts';

/** Of more mappings than these only what is refused gets a line each; the rest is counted. */
const MANY = 60;

/** Returns what ends it. */
export function follow(watch: (listener: (snapshot: Snapshot) => void) => () => void, console: Console): () => void {
  const told = { lines: new Map<string, string>(), records: new Map<string, string>(), sum: '' };
  const explained = new Explained();
  const gateways = new Set<string>();
  const problems = new Set<string>();
  let last: readonly MappingView[] = [];
  return watch((snapshot) => {
    const { mappings } = snapshot;
    for (const gateway of snapshot.gateways) {
      // Its address is often the last thing that becomes known.
      const mayBeKnownSoon = gateway.externalAddress === 'unknown' && snapshot.search.running;
      if (gateways.has(gateway.id) || mayBeKnownSoon) continue;
      gateways.add(gateway.id);
      console.note(gatewayLine(gateway));
    }
    const current = new Set(snapshot.problems.map(keyOf));
    for (const gone of problems) if (!current.has(gone)) problems.delete(gone);
    for (const problem of snapshot.problems) {
      const key = keyOf(problem);
      if (problems.has(key)) continue;
      problems.add(key);
      console.problem(problem);
    }
    const isLong = mappings.length > MANY || last.length > MANY;
    const wanted = new Set(mappings.filter(({ status }) => status.at !== 'closing').map(({ id }) => id));
    for (const mapping of mappings) {
      // Closed on one router because another one has it.
      if (mapping.status.at === 'closing' && wanted.has(mapping.id)) continue;
      if (console.json) tellRecord(mapping, snapshot);
      else tellLines(mapping, snapshot, isLong);
    }
    const present = new Set(mappings.map(({ id }) => id));
    for (const gone of last) {
      if (present.has(gone.id)) continue;
      told.lines.delete(gone.id);
      told.records.delete(gone.id);
      const { forward, transport, external } = gone;
      // What was never open is not closed.
      if (!isHeld(gone)) continue;
      if (!isLong) console.line(`closed   ${external.port}/${transport}`);
      console.record({ event: 'closed', forward, transport, wantedPort: external.port });
    }
    if (isLong && !console.json) tellSum(snapshot);
    last = mappings;
  });

  function tellLines(mapping: MappingView, snapshot: Snapshot, isLong: boolean): void {
    const { id, status } = mapping;
    // Before the first word from a router there is nothing to say but that it is looked for.
    if (status.at === 'waiting' && status.problem === undefined && !told.lines.has(id)) return;
    const lines = mappingLines(mapping, snapshot);
    const text = lines.join('\n');
    if (lines.length === 0 || told.lines.get(id) === text) return;
    told.lines.set(id, text);
    if (isLong && status.at !== 'refused') return;
    for (const line of status.at === 'waiting' ? explained.once(lines) : lines) console.line(line);
  }

  function tellRecord(mapping: MappingView, snapshot: Snapshot): void {
    const news = JSON.stringify(brief(mapping, snapshot));
    if (told.records.get(mapping.id) === news) return;
    told.records.set(mapping.id, news);
    console.record(mappingRecord(mapping, snapshot));
  }

  /** Once nothing is under way. */
  function tellSum(snapshot: Snapshot): void {
    if (snapshot.mappings.some(({ status }) => status.at === 'opening' || status.at === 'closing')) return;
    const { open, refused, waiting } = countsOf(snapshot);
    const sum = `${open} ports are open, ${refused} refused, ${waiting} wait.`;
    if (sum === told.sum) return;
    told.sum = sum;
    console.line(sum);
  }
}

const keyOf = ({ code, gateway, forward }: Problem): string => `${code} ${gateway ?? ''} ${forward ?? ''}`;

const isHeld = ({ status }: MappingView): boolean => 'lease' in status;

/** A renewal changes moments only; that is not news. */
function brief(mapping: MappingView, snapshot: Snapshot): Record<string, unknown> {
  const record = mappingRecord(mapping, snapshot);
  const { expiresAt: _expiresAt, grantedAt: _grantedAt, evidence: _evidence, ...news } = record;
  return { ...news, status: record['status'] === 'renewing' ? 'open' : record['status'] };
}
