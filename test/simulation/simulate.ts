/**
 * `npm run simulate`: days of holding ports while things go wrong, for many seeds, on a virtual clock; the promises are
 * checked all the while. What breaks one is shrunk and printed with its seed, which gives the same run again.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { main as simulatePairs } from './pairs.ts';
import {
  CONTROL_FAULTS,
  CONTROL_KINDS,
  EXPLANATIONS,
  FAULT_NAMES,
  INVARIANTS,
  ROUTER_KINDS,
  scriptOf,
  shrink,
  SimulatedHome,
  type Fault,
  type Invariant,
} from './simulated-home.ts';

const Options = v.object({
  packets: v.boolean(),
  seeds: v.number(),
  seed: v.number(),
  days: v.number(),
  perDay: v.number(),
  fault: v.array(v.picklist(FAULT_NAMES)),
  jobs: v.number(),
});
type Options = v.InferOutput<typeof Options>;

const Outcome = v.object({
  seed: v.number(),
  checks: v.record(v.picklist(INVARIANTS), v.number()),
  requests: v.number(),
  failed: v.optional(v.string()),
});
type Outcome = v.InferOutput<typeof Outcome>;

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

function optionsOf(argv: readonly string[]): Options {
  const faults = (text: string, before: readonly Fault[] | undefined): readonly Fault[] => {
    const fault = FAULT_NAMES.find((name) => name === text);
    if (fault === undefined) throw new InvalidArgumentError(`one of ${FAULT_NAMES.join(', ')}`);
    return [...(before ?? []), fault];
  };
  const command = new Command('simulate')
    .addOption(new Option('--seeds <N>', 'how many homes').argParser(count).default(20))
    .addOption(new Option('--seed <S>', 'the first seed').argParser(count).default(1))
    .addOption(new Option('--days <D>', 'virtual days of each; 30, or 1 with packets').argParser(count))
    .addOption(new Option('--packets', 'a simulated router and every packet, not port control alone').default(false))
    .addOption(new Option('--per-day <N>', 'faults of a day; 6, or 60 with packets').argParser(count))
    .addOption(new Option('--fault <NAME...>', 'only these faults; all when absent').argParser(faults))
    .addOption(new Option('--jobs <N>', 'processor cores').argParser(count).default(availableParallelism()))
    .addHelpText(
      'after',
      `\nFaults: ${FAULT_NAMES.join(', ')}\n\nsimulate pairs: every two habits that one router can have at once; see simulate pairs --help`,
    )
    .parse(argv);
  const given = command.opts();
  const usual =
    given['packets'] === true
      ? { days: 1, perDay: 60, fault: FAULT_NAMES }
      : { days: 30, perDay: 6, fault: CONTROL_FAULTS };
  return v.parse(Options, { ...usual, ...given });
}

/** Every `jobs`-th home, of each kind in turn. */
async function* share({ seeds, seed: first, days, perDay, fault, jobs, packets }: Options, job: number) {
  const kinds = packets ? ROUTER_KINDS : CONTROL_KINDS;
  for (let seed = first + job; seed < first + seeds; seed += jobs) {
    const kind = kinds[seed % kinds.length] ?? 'pcp';
    const script = scriptOf(seed, days, fault, perDay);
    const { checks, requests, violations } = await SimulatedHome.run({ seed, kind, days, script });
    const [violation] = violations;
    let failed: string | undefined;
    if (violation !== undefined) {
      const { invariant, at, what } = violation;
      const least = await shrink({ seed, kind, days, script }, invariant);
      const lines = least.map((one) => `    ${(one.at / 3_600_000).toFixed(4)} h ${one.what} ${one.draw.toFixed(6)}`);
      failed = [`seed ${seed} (${kind}), ${at}: ${invariant}: ${what}`, '  shrunk to:', ...lines].join('\n');
    }
    yield { seed, checks, requests, failed } satisfies Outcome;
  }
}

/** Resolves once it has ended. */
function inWorker(options: Options, job: number, tell: (outcome: Outcome) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // The memory of a virtual moment is garbage by the next: room for many of them is collected more cheaply.
  const resourceLimits = { maxYoungGenerationSizeMb: 96 };
  const worker = new Worker(new URL(import.meta.url), { workerData: { options, job }, argv: [], resourceLimits });
  worker
    .on('message', (message: unknown) => tell(v.parse(Outcome, message)))
    .once('error', reject)
    .once('exit', () => resolve());
  return promise;
}

class Summary {
  readonly #options: Options;
  readonly #started = performance.now();
  readonly #checks: Record<Invariant, number> = { open: 0, uncut: 0, closed: 0, journalled: 0, paced: 0, truthful: 0 };
  #homes = 0;
  #requests = 0;
  #failed = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Violations are printed at once. */
  add({ checks, requests, failed }: Outcome): void {
    this.#homes += 1;
    this.#requests += requests;
    for (const invariant of INVARIANTS) this.#checks[invariant] += checks[invariant] ?? 0;
    if (failed !== undefined) {
      this.#failed += 1;
      process.exitCode = 1;
      process.stdout.write(`${failed}\n`);
    } else if (process.stdout.isTTY) process.stdout.write(`\r${this.#homes} of ${this.#options.seeds} homes`);
  }

  print(): void {
    if (process.stdout.isTTY) process.stdout.write('\r');
    for (const invariant of INVARIANTS)
      process.stdout.write(
        `  ${String(this.#checks[invariant]).padStart(10)} × ${invariant}: ${EXPLANATIONS[invariant]}\n`,
      );
    const took = ((performance.now() - this.#started) / 1000).toFixed(0);
    const { user, system } = process.cpuUsage();
    const each = ((user + system) / 1e6 / Math.max(1, this.#homes * this.#options.days)).toFixed(2);
    const done = `${this.#homes} of ${this.#options.seeds} homes`;
    process.stdout.write(
      `${done}, ${this.#requests} requests, ${took} s, ${each} s of CPU a day, ${this.#failed} broke a promise\n`,
    );
  }
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv);
  const { seeds, seed, days, perDay, fault, packets } = options;
  const all = packets ? FAULT_NAMES : CONTROL_FAULTS;
  const which = fault.length === all.length ? 'all faults' : fault.join(', ');
  const level = packets ? 'with packets' : 'port control alone';
  process.stdout.write(`${seeds} homes from seed ${seed}, ${days} days each, ${perDay} a day of ${which}, ${level}\n`);
  const summary = new Summary(options);
  // Work done by then counts.
  process.once('SIGINT', () => {
    summary.print();
    process.exit();
  });
  const jobs = Math.min(options.jobs, seeds);
  const workers = Array.from({ length: jobs }, (_, job) =>
    inWorker({ ...options, jobs }, job, (outcome) => summary.add(outcome)),
  );
  await Promise.all(workers);
  summary.print();
}

if (isMainThread) await (process.argv[2] === 'pairs' ? simulatePairs(process.argv.slice(3)) : main());
else {
  const { options, job } = v.parse(v.object({ options: Options, job: v.number() }), workerData);
  for await (const outcome of share(options, job)) parentPort?.postMessage(outcome, []);
}
