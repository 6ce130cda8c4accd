/** The cost of a forward among many, on the simulated router: processor time of engine, router and network together, and
 * requests to the router. */
import { inHours, inMinutes, inSeconds } from '../../main/contract/units.ts';
import { personality } from '../../main/simulator/personalities/personalities.ts';
import { EngineHome, forward } from '../support/engine-home.ts';
import { ratioText, table } from './statistics.ts';

export const GROWTH_ROUTERS = ['pcp-only', 'upnp-only'] as const;
export type GrowthRouter = (typeof GROWTH_ROUTERS)[number];

const DEEDS = ['opened', 'recovered', 'renewed', 'closed'] as const;

/** For each forward: microseconds of the processor, and requests, that is connections and datagrams to the router. */
interface Cost {
  readonly micros: number;
  readonly requests: number;
}

type Costs = Readonly<Record<(typeof DEEDS)[number], Cost>>;

interface Row {
  readonly router: GrowthRouter;
  readonly count: number;
  readonly costs: Costs;
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
      rows.push({ router, count, costs: await oneHome(router, count) });
    }
  }
  return rows;
}

async function oneHome(router: GrowthRouter, count: number): Promise<Costs> {
  const world = { splitStreams: false, entriesPerHour: 1e9 };
  const at = await EngineHome.start({ router: personality(router), world });
  const { signal } = new AbortController();
  const settle = (): Promise<unknown> => at.world.finish(at.engine.settled(signal), inHours(4));
  let requests = 0;
  at.world.network.onPacket = (from, { content }) => {
    if (from === at.home.client && (content.kind === 'syn' || content.kind === 'datagram')) requests += 1;
  };
  const costOf = async (deed: () => Promise<unknown>): Promise<Cost> => {
    const before = { time: process.cpuUsage(), requests };
    await deed();
    const { user, system } = process.cpuUsage(before.time);
    return { micros: (user + system) / count, requests: (requests - before.requests) / count };
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
  const lines = rows.map(({ router, count, costs }) => {
    const least = rows.find((row) => row.router === router)?.costs ?? costs;
    const cells = DEEDS.map((deed) => {
      const { micros, requests } = costs[deed];
      return `${micros.toFixed(0)} (${ratioText(micros, least[deed].micros)}), ${requests.toFixed(2)}`;
    });
    return [router, String(count), ...cells];
  });
  const note =
    'For each forward: microseconds of the processor, their ratio to the fewest forwards, and requests to the router.';
  return `${table([['router', 'forwards', ...DEEDS], ...lines], 1)}\n\n${note}`;
}
