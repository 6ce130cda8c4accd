/** The cost of work, independent of the machine: always beside other work in the same run. */

/** In milliseconds: several ticks of a coarse clock. Shorter work is repeated for so long. */
const ENOUGH = 50;

/** Processor time of this thread in milliseconds: others that want the processor do not count. */
function spent(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function costOf(work: () => unknown): number {
  // The first run of anything is slow.
  work();
  const before = spent();
  for (let runs = 1; ; runs += 1) {
    work();
    const cost = spent() - before;
    if (cost >= ENOUGH) return cost / runs;
  }
}

const known = new WeakMap<() => unknown, number>();

/** How many times as much as `usual` does `odd` cost? Input of the same size is meant for both. What is usual for several
 * is measured once. */
export function timesAsCostly(odd: () => unknown, usual: () => unknown): number {
  const least = known.get(usual) ?? costOf(usual);
  known.set(usual, least);
  return costOf(odd) / least;
}
