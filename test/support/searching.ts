/** Runs searches on a simulated LAN. */
import type { ControlKind } from '../../main/contract/model.ts';
import { discover } from '../../main/gateways/discovery/discover.ts';
import type { Finding, SearchOptions, SearchSummary } from '../../main/gateways/gateway.ts';
import type { RouterTraits } from '../../main/contract/mapping.ts';
import type { TraitMemory } from '../../main/gateways/port-control.ts';
import type { Lan } from './lan.ts';

const noTraits = {
  traitsFor: (): TraitMemory => {
    let known: RouterTraits = {};
    return { get: () => known, learn: (traits) => void (known = { ...known, ...traits }) };
  },
};

interface Searching extends Partial<SearchOptions> {
  readonly signal?: AbortSignal;
  /** How long the consumer dawdles over each finding. */
  readonly pauseMs?: number;
}

function start(lan: Lan, options: Searching): AsyncGenerator<Finding, SearchSummary> {
  const { signal = new AbortController().signal, pauseMs: _, ...chosen } = options;
  return discover(lan.system, { protocol: 'auto', remembered: [], ...chosen }, noTraits, signal);
}

interface Found {
  readonly findings: readonly Finding[];
  readonly summary: SearchSummary;
}

/** All that a search finds. @param pause after each finding */
export async function allOf(
  search: AsyncGenerator<Finding, SearchSummary>,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Found> {
  const findings: Finding[] = [];
  for (;;) {
    const step = await search.next();
    if (step.done === true) return { findings, summary: step.value };
    findings.push(step.value);
    await pause();
  }
}

/** Searches until nothing more comes. */
export function searchAll(lan: Lan, options: Searching = {}): Promise<Found> {
  const { pauseMs } = options;
  const pause =
    pauseMs === undefined ? undefined : () => lan.clock.sleep(lan.ms(pauseMs), new AbortController().signal);
  return lan.run(allOf(start(lan, options), pause));
}

/** Searches until something is usable; `close` leaves the search. */
export async function firstOf(
  lan: Lan,
  options: Searching = {},
): Promise<{ readonly finding: Finding; readonly close: () => Promise<void> }> {
  const search = start(lan, options);
  const step = await lan.run(search.next());
  if (step.done === true) throw new Error('nothing was found');
  const close = async (): Promise<void> => {
    // As `for await` does when its loop is left.
    const leaving: AsyncIterator<Finding, SearchSummary | undefined, undefined> = search;
    const left = leaving.return?.(undefined);
    if (left !== undefined) await lan.run(left);
  };
  return { finding: step.value, close };
}

export const kindsOf = (findings: readonly Finding[]): readonly ControlKind[] =>
  findings.map(({ control }) => control.kind);
