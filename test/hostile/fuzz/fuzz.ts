/**
 * `npm run fuzz -- TARGET`: as many cases as are wanted, or for as long. `npm run fuzz` names the targets. What fails is
 * shown as small as it can be. What reaches new code is added to the target's corpus.
 */
import { Command, InvalidArgumentError } from 'commander';
import * as fc from 'fast-check';
import { addToCorpus, fuzz, type ByteTarget } from './guided.ts';
import { targets, type ClientTarget } from './targets.ts';

interface Options {
  readonly cases: number;
  readonly seconds?: number;
  readonly seed?: number;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

async function run(names: readonly string[], options: Options): Promise<void> {
  for (const name of names) {
    const target = targets.get(name);
    if (target === undefined) throw new InvalidArgumentError(`one of ${[...targets.keys()].join(', ')}`);
    if ('run' in target) runDecoder(target, options);
    else await runClient(target, options);
  }
}

function runDecoder(target: ByteTarget, { cases: most, seconds, seed = Math.floor(Math.random() * 2 ** 31) }: Options) {
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1000;
  const isOver = (cases: number): boolean => (seconds === undefined ? cases >= most : elapsed() >= seconds);
  const { cases, kept, reached, fault } = fuzz(target, { seed, isGuided: true, isOver });
  addToCorpus(target.name, kept);
  const told = `${target.name}: ${cases} cases in ${elapsed().toFixed(1)} s, seed ${seed}`;
  if (fault === undefined) {
    console.log(`${told}: nothing found; ${reached} characters of code reached, ${kept.length} inputs added`);
    return;
  }
  process.stderr.write(`${told}: fails with ${JSON.stringify(Buffer.from(fault.input).toString('latin1'))}\n`);
  console.error(fault.error);
  process.exitCode = 1;
}

async function runClient(target: ClientTarget, { cases, seconds, seed }: Options): Promise<void> {
  const began = performance.now();
  const outcome = await fc.check(target.property(), {
    numRuns: seconds === undefined ? cases : Number.MAX_SAFE_INTEGER,
    ...(seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1000 }),
    ...(seed === undefined ? {} : { seed }),
  });
  const took = ((performance.now() - began) / 1000).toFixed(1);
  if (outcome.failed) {
    process.stderr.write(`${fc.defaultReportMessage(outcome)}\n`);
    process.exitCode = 1;
  } else console.log(`${target.name}: ${outcome.numRuns} cases in ${took} s, seed ${outcome.seed}: nothing found`);
}

const program = new Command('npm run fuzz --')
  .description(
    `Feeds mutated messages to targets, one after the other, and looks that nothing breaks.\nTargets: ${[...targets.keys()].join(', ')}`,
  )
  .argument('<target...>')
  .option('--cases <N>', 'so many', count, 10_000)
  .option('--seconds <N>', 'in the place of a number: as many as fit', count)
  .option('--seed <N>', 'of an earlier run', Number)
  .action(run);

await program.parseAsync();
