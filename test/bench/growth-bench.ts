/** The cost of a forward among many, on the simulated router: processor time of engine, router and network together. */
import { inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { ratioText, table } from './statistics.ts';

export const GROWTH_ROUTERS = ['pcp-only', 'upnp-only'] as const;
export type GrowthRouter = (typeof GROWTH_ROUTERS)[number];

const DEEDS = ['opened', 'recovered', 'renewed', 'closed'] as const;

interface Row {
  readonly router: GrowthRouter;
  readonly count: number;
  /** Microseconds of the processor for each forward. */
  readonly micros: Readonly<Record<(typeof DEEDS)[number], number>>;
}

/** @param counts the first is what the others are compared to */
export async function measureGrowth(
  routers: readonly GrowthRouter[],
  counts: readonly number[],
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const router of routers) {
    // V8 optimises what is run often: before anything is measured, as well as it will be.
    await oneHome(router, counts[0] ?? 1000);
    for (const count of counts) {
      process.stderr.write(`${router}: ${count} ...\n`);
      rows.push({ router, count, micros: await oneHome(router, count) });
    }
  }
  return rows;
}

async function oneHome(router: GrowthRouter, count: number): Promise<Row['micros']> {
  const world = { splitStreams: false, entriesPerHour: 1e9 };
  const at = await EngineHome.start({ router: personality(router), world });
  const { signal } = new AbortController();
  const settle = (): Promise<unknown> => at.world.finish(at.engine.settled(signal), inHours(4));
  const costOf = async (deed: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage();
    await deed();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  const opened = await costOf(async () => {
    at.engine.want(Array.from({ length: count }, (_, n) => forward(`f${n}`, 10_000 + n)));
    await settle();
  });
  await at.world.run(inSeconds(30));
  const recovered = await costOf(async () => {
    at.home.router.reboot();
    await at.world.until(() => at.home.router.table().length === 0, inMinutes(3));
    // Looking at all of them after each entry would be most of the cost.
    let added = 0;
    const end = at.home.router.onMapping((change) => (added += change === 'added' ? 1 : 0));
    await at.world.until(() => added >= count, inHours(3));
    end();
    await settle();
  });
  const renewed = await costOf(async () => {
    const seen = new Set<number>();
    const end = at.home.router.onMapping((change, { externalPort }) => change === 'renewed' && seen.add(externalPort));
    await at.world.until(() => seen.size >= count, inHours(4));
    end();
  });
  const closed = await costOf(async () => {
    at.engine.want([]);
    await settle();
  });
  await at.stop();
  return { opened, recovered, renewed, closed };
}

export function growthReport(rows: readonly Row[]): string {
  const lines = rows.map(({ router, count, micros }) => {
    const least = rows.find((row) => row.router === router) ?? { micros };
    return [
      router,
      String(count),
      ...DEEDS.map((deed) => `${micros[deed].toFixed(0)} (${ratioText(micros[deed], least.micros[deed])})`),
    ];
  });
  const note = 'Microseconds of the processor for each forward, and their ratio to the fewest.';
  return `${table([['router', 'forwards', ...DEEDS], ...lines], 1)}\n\n${note}`;
}
