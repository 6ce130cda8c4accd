/**
 * How long it takes to open forwards on a real gateway, against the least that any program could do and against upnpc,
 * all in the same home within the same minutes.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { number, object, parse } from 'valibot';
import { startHome, type Home } from '../peers/lab/home.ts';
import { NODE, run } from '../peers/lab/process.ts';
import type { SampleRequest } from './sample.ts';
import { median, msText, ratioText, table } from './statistics.ts';
import type { Protocol } from './subject.ts';

type Who = SampleRequest['who'];
type Scenario = 'cold' | 'remembered' | 'many';

export interface GatewayOptions {
  readonly runs: number;
  readonly manyRuns: number;
  readonly forwards: number;
  readonly protocol: readonly Protocol[];
}

interface Row {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  /** What is measured, in words. */
  readonly what: string;
  readonly samplesMs: readonly number[];
  readonly medianMs: number;
}

/** One line of the table: somebody who does one thing, and how. */
interface Case {
  readonly who: Who;
  readonly what: string;
  readonly memory: SampleRequest['memory'];
}

const FIRST_PORT = 20_000;
/** Where the engine keeps what it remembers of routers. */
const MEMORY_FILE = 'router-memory.json';
const ENGINE = 'engine';
const RAW = 'raw sockets';
const UPNPC = 'upnpc, whole program';
const CLI = 'portkeeper open, whole program';

const CASES: Readonly<Record<Scenario, (protocol: Protocol) => readonly Case[]>> = {
  cold: (protocol) => [
    { who: 'raw', what: RAW, memory: 'none' },
    { who: 'engine', what: ENGINE, memory: 'none' },
    { who: 'upnpc', what: UPNPC, memory: 'none' },
    { who: 'cli', what: CLI, memory: 'none' },
    ...(protocol === 'upnp' ? [{ who: 'raw', what: 'raw sockets, GET and POST', memory: 'location' } as const] : []),
  ],
  remembered: () => [
    { who: 'raw', what: RAW, memory: 'control' },
    { who: 'engine', what: ENGINE, memory: 'control' },
    { who: 'upnpc', what: UPNPC, memory: 'none' },
    { who: 'cli', what: CLI, memory: 'control' },
  ],
  many: () => [
    { who: 'raw', what: RAW, memory: 'none' },
    { who: 'engine', what: ENGINE, memory: 'none' },
    { who: 'upnpc', what: UPNPC, memory: 'none' },
  ],
};

class Bench {
  readonly #home: Home;
  readonly #options: GatewayOptions;
  #nextPort = FIRST_PORT;
  #folders = 0;
  readonly #learnt = new Map<Protocol, string>();

  constructor(home: Home, options: GatewayOptions) {
    this.#home = home;
    this.#options = options;
  }

  /** Samples of the cases of one scenario in turns, so that a slow minute is slow for all of them. */
  async scenario(scenario: Scenario, protocol: Protocol): Promise<readonly Row[]> {
    const cases = CASES[scenario](protocol);
    const samples = cases.map((): number[] => []);
    const runs = scenario === 'many' ? this.#options.manyRuns : this.#options.runs;
    for (let turn = 0; turn < runs; turn++) {
      for (const [index, one] of cases.entries()) samples[index]?.push(await this.#sample(scenario, protocol, one));
    }
    return cases.map(({ what }, index) => {
      const samplesMs = samples[index] ?? [];
      return { scenario, protocol, what, samplesMs, medianMs: median(samplesMs) };
    });
  }

  async #sample(scenario: Scenario, protocol: Protocol, { who, memory }: Case): Promise<number> {
    const { gateway } = this.#home;
    // An empty table for each: the gateway slows down as it fills, and ports are free again.
    await gateway.restart({ emptyTable: true, abrupt: true });
    const folder = await this.#folder();
    if (memory === 'control' && (who === 'engine' || who === 'cli')) await this.#remind(protocol, folder);
    const ports = this.#ports(scenario === 'many' ? this.#options.forwards : 1);
    const ms = await this.#run({ who, protocol, memory, ports, folder });
    const made = (await gateway.nftRules()).length;
    if (made !== ports.length) throw new Error(`${who} over ${protocol}: ${made} of ${ports.length} rules were made`);
    return ms;
  }

  async #folder(): Promise<string> {
    const folder = join(this.#home.folder, 'bench', String(++this.#folders));
    await mkdir(folder, { recursive: true });
    return folder;
  }

  /** Puts into `folder` what a former run of the engine remembers of the router, and nothing else of that run. */
  async #remind(protocol: Protocol, folder: string): Promise<void> {
    let learnt = this.#learnt.get(protocol);
    if (learnt === undefined) {
      learnt = await this.#folder();
      await this.#run({ who: 'learn', protocol, memory: 'none', ports: [], folder: learnt });
      this.#learnt.set(protocol, learnt);
    }
    await copyFile(join(learnt, MEMORY_FILE), join(folder, MEMORY_FILE));
  }

  #ports(count: number): readonly number[] {
    if (this.#nextPort + count > 60_000) this.#nextPort = FIRST_PORT;
    const first = this.#nextPort;
    this.#nextPort += count;
    return Array.from({ length: count }, (_, index) => first + index);
  }

  async #run(asked: Pick<SampleRequest, 'who' | 'protocol' | 'memory' | 'folder'> & { ports: readonly number[] }) {
    const { client, gateway } = this.#home;
    const request = JSON.stringify({ ...asked, gateway: gateway.address, client: client.address });
    const sample = resolve(import.meta.dirname, 'sample.ts');
    const { code, stdout, stderr } = await client.exec([NODE, sample, request], { timeoutMs: 360_000 });
    if (code !== 0) throw new Error(`${asked.who} over ${asked.protocol} failed: ${stderr}`);
    return parse(object({ ms: number() }), JSON.parse(stdout)).ms;
  }
}

/** Needs root. */
export async function gatewayRows(options: GatewayOptions): Promise<readonly Row[]> {
  const home = await startHome('igd2');
  const rows: Row[] = [];
  try {
    const bench = new Bench(home, options);
    for (const scenario of ['cold', 'remembered', 'many'] as const) {
      for (const protocol of options.protocol) {
        process.stderr.write(`${scenario} ${protocol} ...\n`);
        rows.push(...(await bench.scenario(scenario, protocol)));
      }
    }
  } finally {
    await home.stop();
  }
  return rows;
}

/** What was spoken to. */
export async function gatewayConditions({ runs, manyRuns, forwards }: GatewayOptions) {
  const version = async (name: string): Promise<string> =>
    (await run(['dpkg-query', '-W', '-f', '${Version}', name])).stdout.trim() || 'unknown';
  return {
    gateway: `miniupnpd ${await version('miniupnpd-nftables')} in a network namespace, no delay, no loss`,
    upnpc: await version('miniupnpc'),
    runs,
    manyRuns,
    forwards,
  };
}

export function gatewayReport(rows: readonly Row[], told: Awaited<ReturnType<typeof gatewayConditions>>): string {
  const lines: (readonly string[])[] = [['', '', '', 'median ms', 'range ms', 'to raw', 'to upnpc']];
  for (const row of rows) {
    const same = (what: string) =>
      rows.find((one) => one.scenario === row.scenario && one.protocol === row.protocol && one.what === what);
    const ratio = (to: Row | undefined) => (to === undefined || to === row ? '' : ratioText(row.medianMs, to.medianMs));
    lines.push([
      row.scenario === 'many' ? `${told.forwards} forwards` : row.scenario,
      row.protocol,
      row.what,
      msText(row.medianMs),
      `${msText(Math.min(...row.samplesMs))} ... ${msText(Math.max(...row.samplesMs))}`,
      row.what === UPNPC || row.what === CLI ? '' : ratio(same(RAW)),
      ratio(same(UPNPC)),
    ]);
  }
  return [
    table(lines, 3),
    '',
    `Medians of ${told.runs} runs (${told.manyRuns} of ${told.forwards} forwards), each in a new process, on an empty table.`,
    '"raw sockets": the same exchange by hand, one request after the other, nothing else; cold UPnP with M-SEARCH and GET,',
    'remembered UPnP with the POST alone. "engine": from its construction to granted, journal and memory on disk.',
    'Whole programs include their start. upnpc speaks UPnP only; its figure stands beside each protocol, and for many',
    'forwards it opens all of them in one call (-r).',
    `${told.gateway}; upnpc ${told.upnpc}.`,
  ].join('\n');
}
