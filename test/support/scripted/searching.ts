/** Runs searches on a scripted LAN. */
import type { ControlKind } from '../../../main/contract/model.ts';
import { discover } from '../../../main/gateways/discovery/discover.ts';
import type { Finding, SearchOptions, SearchSummary } from '../../../main/gateways/gateway.ts';
import type { ScriptedLan } from './scripted-lan.ts';
import { noTraits } from './scripted-router.ts';

interface Searching extends Partial<SearchOptions> {
  readonly signal?: AbortSignal;
  /** How long the consumer dawdles over each finding. */
  readonly pauseMs?: number;
}

function start(lan: ScriptedLan, options: Searching): AsyncGenerator<Finding, SearchSummary> {
  const { signal = new AbortController().signal, pauseMs: _, ...chosen } = options;
  return discover(lan.system, { protocol: 'auto', remembered: [], ...chosen }, noTraits, signal);
}

/** Searches until nothing more comes. */
export async function searchAll(
  lan: ScriptedLan,
  options: Searching = {},
): Promise<{ readonly findings: readonly Finding[]; readonly summary: SearchSummary }> {
  const search = start(lan, options);
  const findings: Finding[] = [];
  const consume = async (): Promise<SearchSummary> => {
    for (;;) {
      const step = await search.next();
      if (step.done === true) return step.value;
      findings.push(step.value);
      if (options.pauseMs !== undefined) await lan.clock.sleep(lan.ms(options.pauseMs), new AbortController().signal);
    }
  };
  const summary = await lan.run(consume());
  return { findings, summary };
}

/** Searches until something is usable; `close` leaves the search. */
export async function firstOf(
  lan: ScriptedLan,
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
