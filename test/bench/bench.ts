/**
 * `npm run bench`: how long it takes to open forwards on a real gateway, and what many of them cost the window; as
 * ratios to what else was measured in the same run. `npm run bench -- --window`: the window alone.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { conditions, conditionsText } from './conditions.ts';
import type { GatewayOptions } from './gateway-bench.ts';
import { GROWTH_ROUTERS, growthReport, measureGrowth, type GrowthRouter } from './growth-bench.ts';
import buildCli from '../support/built-cli.ts';
import type { HeldOptions } from './quiet-bench.ts';
import { CLI_VARIABLE } from '../peers/lab/process.ts';
import type { RecoveryFlavour } from './recovery-bench.ts';
import type { Protocol } from './subject.ts';
import { measureWindow, windowReport } from './window-bench.ts';

interface Options extends Omit<GatewayOptions, 'wire' | 'packages'> {
  readonly window: boolean;
  /** Milliseconds one way, for each of which the gateway is measured. */
  readonly delay: readonly number[];
  readonly loss: boolean;
  readonly peers: boolean;
  readonly json?: string;
}

const PROTOCOLS: readonly Protocol[] = ['pcp', 'natpmp', 'upnp'];

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

const countsOr =
  (preset: readonly number[]) =>
  (text: string, before: readonly number[]): readonly number[] =>
    before === preset ? [count(text)] : [...before, count(text)];

function protocols(text: string, before: readonly Protocol[]): readonly Protocol[] {
  const one = PROTOCOLS.find((protocol) => protocol === text);
  if (one === undefined) throw new InvalidArgumentError(`one of ${PROTOCOLS.join(', ')}`);
  return before === PROTOCOLS ? [one] : [...before, one];
}

/** The command line that is measured. What uses it is to be loaded later, for it looks then where it is. */
async function asShipped(): Promise<() => Promise<void>> {
  const remove = await buildCli();
  // It keeps compiled code itself.
  delete process.env['NODE_COMPILE_CACHE'];
  const { PORTKEEPER } = await import('../peers/lab/portkeeper.ts');
  if (PORTKEEPER.at(-1) !== process.env[CLI_VARIABLE]) throw new Error('the command line was looked for too early');
  return remove;
}

async function gatewayPart({ delay, loss, peers, ...options }: Options) {
  const folder = await mkdtemp(join(tmpdir(), 'portkeeper-bench-'));
  const removeCli = await asShipped();
  const { installPackages } = await import('./programs.ts');
  const { gatewayConditions, gatewayReport, gatewayRows } = await import('./gateway-bench.ts');
  const { measureQuiet, quietReport } = await import('./quiet-bench.ts');
  const parts = [];
  try {
    if (peers) await installPackages(folder);
    const wires = [
      ...delay.map((delayMs) => ({ delayMs, lossPercent: 0 })),
      ...(loss
        ? [
            { delayMs: 0, lossPercent: 0, isFirstLost: true },
            { delayMs: 0, lossPercent: 10 },
          ]
        : []),
    ];
    for (const wire of wires) {
      const chosen = { ...options, wire, packages: peers ? folder : undefined };
      const told = await gatewayConditions(chosen);
      const rows = await gatewayRows(chosen);
      console.log(`${gatewayReport(rows, told)}\n`);
      parts.push({ conditions: told, rows });
    }
    const quiet = await measureQuiet();
    console.log(`${quietReport(quiet)}\n`);
    return { parts, quiet };
  } finally {
    await removeCli();
    await rm(folder, { recursive: true, force: true });
  }
}

async function windowPart() {
  process.stderr.write('window ...\n');
  const measured = await measureWindow();
  console.log(`${windowReport(measured)}\n`);
  return measured;
}

const program = new Command('npm run bench --')
  .description(
    'Time to open forwards on a real gateway, as ratios to raw sockets and to Node alone, what a held forward costs while ' +
      'nothing happens, and when a missing router is reported (needs root).',
  )
  .option('--window', 'only the window: what many forwards cost it, as ratios to a frame', false)
  .option('--runs <count>', 'samples of opening one forward', count, 7)
  .option('--many-runs <count>', 'samples of opening many', count, 3)
  .option('--forwards <count>', 'how many "many" are', count, 100)
  .option(
    '--delay <ms...>',
    'of the wire, one way; one part for each',
    (text: string) => text.split(',').map(Number),
    [0, 5],
  )
  .option('--loss', 'also with the first packet lost, and with one of ten', false)
  .option('--peers', 'also what npm has for it, installed for the run', false)
  .option('--protocol <name>', 'only this one; may be repeated', protocols, PROTOCOLS)
  .option('--json <file>', 'also write every sample and the conditions there')
  .action(async (options: Options) => {
    const told = await conditions();
    const gateway = options.window ? {} : { gateway: await gatewayPart(options) };
    const window = options.window ? await windowPart() : undefined;
    console.log(conditionsText(told));
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify({ conditions: told, ...gateway, window }, undefined, 2)}\n`);
    }
  });

const HELD: readonly number[] = [1, 100, 1000];

program
  .command('held')
  .description('what forwards cost on a real gateway: opened, listed, held while nothing happens, closed (needs root)')
  .option('--many <count...>', 'how many; one part for each', countsOr(HELD), HELD)
  .option('--idle <minutes>', 'how long they are held', count, 2)
  .option('--lease <seconds>', 'that they are opened for: a short one shows what renewals cost', count)
  .action(async (options: HeldOptions) => {
    const told = await conditions();
    const removeCli = await asShipped();
    try {
      const { heldReport, measureHeld } = await import('./quiet-bench.ts');
      console.log(`${heldReport(await measureHeld(options), options)}\n\n${conditionsText(told)}`);
    } finally {
      await removeCli();
    }
  });

interface RecoveryChoice {
  readonly flavour: readonly RecoveryFlavour[];
  readonly many: readonly number[];
  readonly onlyMany: boolean;
}

const MANY: readonly number[] = [1000, 3000];
const FLAVOURS: readonly RecoveryFlavour[] = ['igd2', 'upnp-only', 'pxp-only'];

program
  .command('recovery')
  .description('how long ports stay shut when something happens to a real gateway (needs root, takes most of an hour)')
  .addOption(new Option('--flavour <name...>', 'only these gateways').choices(FLAVOURS).default(FLAVOURS))
  .option('--many <count...>', 'how many are opened, recovered and closed at once', countsOr(MANY), MANY)
  .option('--only-many', 'nothing but those', false)
  .action(async ({ flavour, many, onlyMany }: RecoveryChoice) => {
    const told = await conditions();
    const removeCli = await asShipped();
    try {
      const { measureRecovery, recoveryReport } = await import('./recovery-bench.ts');
      const rows = await measureRecovery({ flavours: flavour, many, onlyMany }, ({ what, flavour: on, text }) =>
        process.stderr.write(`${on}: ${what}: ${text}\n`),
      );
      console.log(`${recoveryReport(rows)}\n\n${conditionsText(told)}`);
    } finally {
      await removeCli();
    }
  });

program
  .command('start')
  .description(
    'how long the packaged app that PORTKEEPER_APP names takes to start (needs Linux and what its tests need)',
  )
  .option('--runs <count>', 'starts that are measured, after one that is not', count, 7)
  .action(async ({ runs }: { readonly runs: number }) => {
    const told = await conditions();
    const { measureStart, startReport } = await import('./start-bench.ts');
    console.log(`${startReport(await measureStart(runs))}\n\n${conditionsText(told)}`);
  });

const GROWTH: readonly number[] = [1000, 10_000];

program
  .command('growth')
  .description('what a forward costs among many, on the simulated router')
  .addOption(new Option('--router <name...>', 'only these').choices(GROWTH_ROUTERS).default(['pcp-only']))
  .option('--many <count...>', 'how many; the first is what the others are compared to', countsOr(GROWTH), GROWTH)
  .action(async ({ router, many }: { readonly router: readonly GrowthRouter[]; readonly many: readonly number[] }) => {
    const told = await conditions();
    console.log(`${growthReport(await measureGrowth(router, many))}\n\n${conditionsText(told)}`);
  });

await program.parseAsync();
