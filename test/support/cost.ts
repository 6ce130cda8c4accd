/** What work costs, told apart from the machine: always beside other work in the same run. */

/** A run that takes as long says enough by itself, in milliseconds. */
const LONG_RUN = 300;
const RUNS = 4;

/** The least of several runs: what else the machine does only adds. */
function costOf(work: () => unknown): number {
  let least = Infinity;
  for (let run = 0; run < RUNS; run += 1) {
    const before = performance.now();
    work();
    const cost = performance.now() - before;
    least = Math.min(least, cost);
    if (cost > LONG_RUN) break;
  }
  return least;
}

/** How many times as much as `usual` does `odd` cost? Input of the same size is meant for both. */
export function timesAsCostly(odd: () => unknown, usual: () => unknown): number {
  // The first runs of anything are slow.
  const basis = costOf(usual);
  return costOf(odd) / Math.min(basis, costOf(usual));
}
