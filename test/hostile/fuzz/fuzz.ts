/**
 * `npm run fuzz -- TARGET`: as many cases as are wanted, or for as long. `npm run fuzz` names the targets. What fails is
 * shown as small as it can be, with the seed that makes it again.
 */
import { Command, InvalidArgumentError } from 'commander';
import * as fc from 'fast-check';
import { targets } from './targets.ts';

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

async function run(name: string, { cases, seconds, seed }: Options): Promise<void> {
  const target = targets.get(name);
  if (target === undefined) throw new InvalidArgumentError(`one of ${[...targets.keys()].join(', ')}`);
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
  } else console.log(`${name}: ${outcome.numRuns} cases in ${took} s, seed ${outcome.seed}: nothing found`);
}

const program = new Command('npm run fuzz --')
  .description(
    `Feeds mutated messages to one target, and looks that nothing breaks.\nTargets: ${[...targets.keys()].join(', ')}`,
  )
  .argument('<target>')
  .option('--cases <N>', 'so many', count, 10_000)
  .option('--seconds <N>', 'in the place of a number: as many as fit', count)
  .option('--seed <N>', 'of an earlier run', Number)
  .action(run);

await program.parseAsync();
