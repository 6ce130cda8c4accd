/**
 * How long it takes to open forwards on a real gateway, against the least that any program could do and against other
 * programs, all in the same home within the same minutes.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { number, object, parse } from 'valibot';
import { startHome, type Home } from '../peers/lab/home.ts';
import { NODE, run } from '../peers/lab/process.ts';
import { programs, type Program } from './programs.ts';
import { buildBundle } from '../support/built-cli.ts';
import type { SampleRequest } from './sample-work.ts';
import { slowDown } from './slow-wire.ts';
import { median, msText, ratioText, table } from './statistics.ts';
import type { Protocol } from './subject.ts';

type Who = SampleRequest['who'];
type Scenario = 'cold' | 'remembered' | 'many' | 'whole';

/** The network between the client and its router. */
export interface Wire {
  /** One way. */
  readonly delayMs: number;
  readonly lossPercent: number;
  /** The first packet of each sample to each service is lost. */
  readonly isFirstLost?: boolean;
}

const isLossy = ({ lossPercent, isFirstLost = false }: Wire): boolean => lossPercent > 0 || isFirstLost;

export interface GatewayOptions {
  readonly runs: number;
  readonly manyRuns: number;
  readonly forwards: number;
  readonly protocol: readonly Protocol[];
  readonly wire: Wire;
  /** Where the packages of npm are installed; none of them when absent. */
  readonly packages?: string | undefined;
}

interface Row {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  /** Description of the measurement. */
  readonly what: string;
  /** Of those that opened it: where packets are lost, others may give up. */
  readonly samplesMs: readonly number[];
  readonly failed: number;
}

/** One line of the table: somebody who does one thing, and how. */
interface Case {
  readonly who: Who;
  readonly what: string;
  readonly memory: SampleRequest['memory'];
  readonly program?: Program;
}

const FIRST_PORT = 20_000;
/** Where the engine keeps what it remembers of routers. */
const MEMORY_FILE = 'router-memory.json';
const ENGINE = 'engine';
const RAW = 'raw sockets';

const RAW_CASE: Case = { who: 'raw', what: RAW, memory: 'none' };
const BARE = 'Node, and nothing';

function casesOf(scenario: Scenario, protocol: Protocol, packages: string | undefined): readonly Case[] {
  switch (scenario) {
    case 'cold':
      return [RAW_CASE, { who: 'engine', what: ENGINE, memory: 'none' }];
    case 'remembered':
      return [
        { ...RAW_CASE, memory: 'control' },
        { who: 'engine', what: ENGINE, memory: 'control' },
      ];
    case 'many':
      return [
        RAW_CASE,
        { who: 'engine', what: ENGINE, memory: 'none' },
        ...(protocol === 'upnp' ? [{ who: 'upnpc', what: 'upnpc -r', memory: 'none' } as const] : []),
      ];
    case 'whole':
      return programs(protocol, packages).map((program) => ({
        who: 'program',
        what: program.what,
        memory: program.remembers === true ? 'control' : 'none',
        program,
      }));
  }
}

class Bench {
  readonly #home: Home;
  readonly #built: string;
  readonly #options: GatewayOptions;
  #nextPort = FIRST_PORT;
  #folders = 0;
  readonly #learnt = new Map<Protocol, string>();

  /** @param built sample.ts, as it is run */
  constructor(home: Home, built: string, options: GatewayOptions) {
    this.#home = home;
    this.#built = built;
    this.#options = options;
  }

  /** Samples of the cases of one scenario in turns, so that a slow minute is slow for all of them. */
  async scenario(scenario: Scenario, protocol: Protocol): Promise<readonly Row[]> {
    const { wire, packages } = this.#options;
    // What is sent by hand is sent once.
    const cases = casesOf(scenario, protocol, packages).filter(({ who }) => !isLossy(wire) || who !== 'raw');
    const samples = cases.map((): number[] => []);
    const failed = cases.map(() => 0);
    const runs = scenario === 'many' ? this.#options.manyRuns : this.#options.runs;
    for (let turn = 0; turn < runs; turn++) {
      for (const [index, one] of cases.entries()) {
        try {
          samples[index]?.push(await this.#sample(scenario, protocol, one));
        } catch (error) {
          if (!isLossy(wire)) throw error;
          failed[index] = (failed[index] ?? 0) + 1;
        }
      }
    }
    return cases.map(({ what }, index) => {
      return { scenario, protocol, what, samplesMs: samples[index] ?? [], failed: failed[index] ?? 0 };
    });
  }

  async #sample(scenario: Scenario, protocol: Protocol, { who, memory, program }: Case): Promise<number> {
    const { gateway, client } = this.#home;
    const folder = await this.#folder();
    const ports = this.#ports(scenario === 'many' ? this.#options.forwards : 1);
    const [port = 0] = ports;
    // An empty table for each: the gateway slows down as it fills, and ports are free again.
    await gateway.restart({ emptyTable: true, abrupt: true });
    if (memory === 'control' && (who === 'engine' || who === 'program')) await this.#remind(protocol, folder);
    if (this.#options.wire.isFirstLost === true) await gateway.loseFirstPackets();
    const wanted = { port, client: client.address, gateway: gateway.address, folder };
    const command = program === undefined ? [] : [...program.command(wanted)];
    const ms = await this.#run({ who, protocol, memory, ports, folder, command });
    const made = (await gateway.nftRules()).length;
    const due = program?.opens === false ? 0 : ports.length;
    if (made !== due) throw new Error(`${program?.what ?? who} over ${protocol}: ${made} of ${due} rules were made`);
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
      await this.#run({ who: 'learn', protocol, memory: 'none', ports: [], folder: learnt, command: [] });
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

  async #run(asked: Omit<SampleRequest, 'ports' | 'gateway' | 'client'> & { ports: readonly number[] }) {
    const { client, gateway } = this.#home;
    const request = JSON.stringify({ ...asked, gateway: gateway.address, client: client.address });
    // Compiled code is kept for what runs in the sample's process, raw sockets as well, as Portkeeper does for itself; no other
    // program does. Each protocol for itself, as in a home that has one.
    const compiled = join(this.#home.folder, `compiled-${asked.protocol}`);
    const env = { XDG_CACHE_HOME: compiled };
    const command = [NODE, this.#built, request, join(compiled, asked.who)];
    const { code, stdout, stderr } = await client.exec(command, { timeoutMs: 360_000, env });
    if (code !== 0) throw new Error(`${asked.who} over ${asked.protocol} failed: ${stderr}`);
    return parse(object({ ms: number() }), JSON.parse(stdout)).ms;
  }
}

/** Needs root. */
export async function gatewayRows(options: GatewayOptions): Promise<readonly Row[]> {
  const { delayMs, lossPercent } = options.wire;
  const home = await startHome('igd2', { lossPercent });
  const rows: Row[] = [];
  try {
    if (delayMs > 0) await slowDown(home, delayMs);
    const built = join(home.folder, 'sample');
    await buildBundle('test/bench/sample.ts', built);
    const bench = new Bench(home, join(built, 'portkeeper.mjs'), options);
    for (const scenario of ['cold', 'remembered', 'whole', 'many'] as const) {
      if (scenario === 'many' && (delayMs > 0 || isLossy(options.wire))) continue;
      for (const protocol of options.protocol) {
        process.stderr.write(`${scenario} ${protocol}, ${wireText(options.wire)} ...\n`);
        rows.push(...(await bench.scenario(scenario, protocol)));
      }
    }
  } finally {
    await home.stop();
  }
  return rows;
}

export const wireText = ({ delayMs, lossPercent, isFirstLost = false }: Wire): string =>
  `${delayMs} ms each way${lossPercent === 0 ? '' : `, ${lossPercent} % lost`}${isFirstLost ? ', the first packet lost' : ''}`;

/** The gateway used. */
export async function gatewayConditions({ runs, manyRuns, forwards, wire }: GatewayOptions) {
  const version = async (name: string): Promise<string> =>
    (await run(['dpkg-query', '-W', '-f', '${Version}', name])).stdout.trim() || 'unknown';
  return {
    gateway: `miniupnpd ${await version('miniupnpd-nftables')} in a network namespace, ${wireText(wire)}`,
    upnpc: await version('miniupnpc'),
    runs,
    manyRuns,
    forwards,
  };
}

export function gatewayReport(rows: readonly Row[], told: Awaited<ReturnType<typeof gatewayConditions>>): string {
  const lines: (readonly string[])[] = [['', '', '', 'median ms', 'range ms', 'ratio']];
  for (const row of rows) {
    const floor = row.scenario === 'whole' ? BARE : RAW;
    const to = rows.find(({ scenario, protocol, what }) => {
      return scenario === row.scenario && protocol === row.protocol && what === floor;
    });
    const took = row.samplesMs.length === 0 ? undefined : median(row.samplesMs);
    lines.push([
      row.scenario === 'many' ? `${told.forwards} forwards` : row.scenario,
      row.protocol,
      row.what,
      took === undefined ? 'never open' : msText(took),
      (took === undefined ? '' : `${msText(Math.min(...row.samplesMs))} ... ${msText(Math.max(...row.samplesMs))}`) +
        (row.failed === 0 ? '' : ` (${row.failed} failed)`),
      to === undefined || to === row || took === undefined ? '' : ratioText(took, median(to.samplesMs)),
    ]);
  }
  return [
    table(lines, 3),
    '',
    `Medians of ${told.runs} runs (${told.manyRuns} of ${told.forwards} forwards) in turns, each in a new process, on an empty table.`,
    '"raw sockets": the same exchange by hand, one request after the other, nothing else; cold UPnP with M-SEARCH and GET,',
    'remembered UPnP with the POST alone. "engine": from its construction to granted, journal and memory on disk. "whole":',
    'programs from their start to their end, to that of Node itself.',
    `${told.gateway}; upnpc ${told.upnpc}.`,
  ].join('\n');
}
