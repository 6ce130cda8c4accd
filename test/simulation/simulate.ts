/**
 * `npm run simulate`: days of holding ports while things go wrong, for many seeds, on a virtual clock; the promises are
 * checked all the while. What breaks one is shrunk and printed with its seed, which gives the same run again.
 */
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { main as simulatePairs } from './pairs.ts';
import type { ScriptedKind } from './scripted-gateway.ts';
import {
  EXPLANATIONS,
  FAULT_NAMES,
  INVARIANTS,
  scriptOf,
  shrink,
  SimulatedHome,
  type Invariant,
} from './simulated-home.ts';

const KINDS = ['pcp', 'igd'] as const satisfies readonly ScriptedKind[];

const Options = v.object({
  seeds: v.number(),
  seed: v.number(),
  days: v.number(),
  perDay: v.number(),
  fault: v.array(v.picklist(FAULT_NAMES)),
  jobs: v.number(),
});
type Options = v.InferOutput<typeof Options>;

interface Failed {
  readonly text: string;
}
interface Share {
  readonly runs: number;
  readonly checks: Readonly<Record<Invariant, number>>;
  readonly requests: number;
  readonly failed: readonly Failed[];
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

function optionsOf(argv: readonly string[]): Options {
  const faults = (text: string, before: readonly string[] | undefined): readonly string[] => {
    if (!FAULT_NAMES.some((name) => name === text)) throw new InvalidArgumentError(`one of ${FAULT_NAMES.join(', ')}`);
    return [...(before === undefined || before === FAULT_NAMES ? [] : before), text];
  };
  const command = new Command('simulate')
    .addOption(new Option('--seeds <N>', 'how many homes').argParser(count).default(20))
    .addOption(new Option('--seed <S>', 'the first seed').argParser(count).default(1))
    .addOption(new Option('--days <D>', 'virtual days of each').argParser(count).default(30))
    .addOption(new Option('--per-day <N>', 'faults of a day').argParser(count).default(6))
    .addOption(new Option('--fault <NAME...>', 'only these faults').argParser(faults).default(FAULT_NAMES, 'all'))
    .addOption(new Option('--jobs <N>', 'processor cores').argParser(count).default(availableParallelism()))
    .addHelpText(
      'after',
      `\nFaults: ${FAULT_NAMES.join(', ')}\n\nsimulate pairs: every two habits that one router can have at once; see simulate pairs --help`,
    )
    .parse(argv);
  return v.parse(Options, command.opts());
}

/** Every `jobs`-th home, each over both protocols in turn. */
async function share({ seeds, seed: first, days, perDay, fault, jobs }: Options, job: number): Promise<Share> {
  const checks: Record<Invariant, number> = { open: 0, uncut: 0, closed: 0, journalled: 0, paced: 0, truthful: 0 };
  const failed: Failed[] = [];
  let requests = 0;
  let runs = 0;
  for (let seed = first + job; seed < first + seeds; seed += jobs) {
    const kind = KINDS[seed % KINDS.length] ?? 'pcp';
    const script = scriptOf(seed, days, fault, perDay);
    const outcome = await SimulatedHome.run({ seed, kind, days, script });
    runs += 1;
    requests += outcome.requests;
    for (const invariant of INVARIANTS) checks[invariant] += outcome.checks[invariant];
    const [violation] = outcome.violations;
    if (violation === undefined) continue;
    const { invariant, at, what } = violation;
    const least = await shrink({ seed, kind, days, script }, invariant);
    const lines = least.map((one) => `    ${(one.at / 3_600_000).toFixed(4)} h ${one.what} ${one.draw.toFixed(6)}`);
    failed.push({
      text: [`seed ${seed} (${kind}), ${at}: ${invariant}: ${what}`, '  shrunk to:', ...lines].join('\n'),
    });
  }
  return { runs, checks, requests, failed };
}

function inWorker(options: Options, job: number): Promise<Share> {
  const { promise, resolve, reject } = Promise.withResolvers<Share>();
  const worker = new Worker(new URL(import.meta.url), { workerData: { options, job }, argv: [] });
  worker.once('message', resolve).once('error', reject);
  return promise;
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv);
  const { seeds, seed, days, perDay, fault } = options;
  const which = fault.length === FAULT_NAMES.length ? 'all faults' : fault.join(', ');
  process.stdout.write(`${seeds} homes from seed ${seed}, ${days} days each, ${perDay} a day of ${which}\n`);
  const started = performance.now();
  const jobs = Math.min(options.jobs, seeds);
  const shares = await Promise.all(Array.from({ length: jobs }, (_, job) => inWorker({ ...options, jobs }, job)));
  const failed = shares.flatMap((one) => one.failed);
  for (const invariant of INVARIANTS) {
    const looked = shares.reduce((sum, { checks }) => sum + checks[invariant], 0);
    process.stdout.write(`  ${String(looked).padStart(10)} × ${invariant}: ${EXPLANATIONS[invariant]}\n`);
  }
  const requests = shares.reduce((sum, one) => sum + one.requests, 0);
  const took = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(`${requests} requests, ${took} s, ${failed.length} of ${seeds} broke a promise\n`);
  for (const { text } of failed) process.stdout.write(`${text}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

if (isMainThread) await (process.argv[2] === 'pairs' ? simulatePairs(process.argv.slice(3)) : main());
else {
  const { options, job } = v.parse(v.object({ options: Options, job: v.number() }), workerData);
  parentPort?.postMessage(await share(options, job), []);
}
