/** The search for gateways: every way of finding one is tried at once, and the first usable answer counts. */
import { inSeconds } from '../../contract/units.ts';
import type { System } from '../../system/system.ts';
import { Arrivals } from './arrivals.ts';
import { IgdJudge } from './discover-igd.ts';
import { FindingMaker } from './finding-maker.ts';
import type { Finding, SearchOptions, SearchSummary } from '../gateway.ts';
import type { RouterMemory } from '../router-memory.ts';
import { runLegs } from './search-legs.ts';
import { SearchLedger } from './search-ledger.ts';
import { planOf } from './search-plan.ts';

/** D4, D25: some answer after ten seconds. */
const WINDOW = inSeconds(15);
const MOST_WAITING = 64;

/**
 * Yields each usable control as soon as it is there, in order of arrival, and ends when the window is over or nothing more
 * can come. To stop sooner, leave the loop or abort the signal: when the generator has ended all its sockets are closed.
 * @throws RangeError when `manual` is neither an address nor an `http://` URL with a literal address; NetworkError when the
 * interfaces cannot be read; the signal's reason
 */
export async function* discover(
  system: System,
  options: SearchOptions,
  memory: Pick<RouterMemory, 'traitsFor'>,
  signal: AbortSignal,
): AsyncGenerator<Finding, SearchSummary> {
  signal.throwIfAborted();
  const ledger = new SearchLedger(system);
  const plan = planOf(await system.routes.read(signal), options);
  const found = new Arrivals<Finding>(MOST_WAITING);
  const stop = new AbortController();
  const scope = AbortSignal.any([signal, stop.signal]);
  const make = new FindingMaker({ system, ledger, deliver: (finding) => found.push(finding) });
  const judge = new IgdJudge({ make, memory }, scope);
  const race = runLegs(plan, { make, judge }, scope).then(() => found.end());
  system.clock.sleep(options.window ?? WINDOW, scope).then(
    () => stop.abort(),
    () => undefined,
  );
  try {
    for (;;) {
      const finding = await found.next(signal);
      if (finding === undefined) break;
      yield finding;
    }
  } finally {
    stop.abort();
    await race;
  }
  return await ledger.summary(plan);
}
