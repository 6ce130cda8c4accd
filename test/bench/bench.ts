/**
 * `npm run bench`: how long it takes to open forwards on a real gateway, and what many of them cost the window; as
 * ratios to what else was measured in the same run. `npm run bench -- --window`: the window alone.
 */
import { writeFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import { conditions, conditionsText } from './conditions.ts';
import { gatewayConditions, gatewayReport, gatewayRows, type GatewayOptions } from './gateway-bench.ts';
import type { Protocol } from './subject.ts';
import { measureWindow, windowReport } from './window-bench.ts';

interface Options extends GatewayOptions {
  readonly window: boolean;
  readonly json?: string;
}

const PROTOCOLS: readonly Protocol[] = ['pcp', 'natpmp', 'upnp'];

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number, 1 or more');
  return value;
}

function protocols(text: string, before: readonly Protocol[]): readonly Protocol[] {
  const one = PROTOCOLS.find((protocol) => protocol === text);
  if (one === undefined) throw new InvalidArgumentError(`one of ${PROTOCOLS.join(', ')}`);
  return before === PROTOCOLS ? [one] : [...before, one];
}

async function gatewayPart(options: GatewayOptions) {
  const told = await gatewayConditions(options);
  const rows = await gatewayRows(options);
  console.log(`${gatewayReport(rows, told)}\n`);
  return { conditions: told, rows };
}

async function windowPart() {
  process.stderr.write('window ...\n');
  const measured = await measureWindow();
  console.log(`${windowReport(measured)}\n`);
  return measured;
}

const program = new Command('npm run bench --')
  .description(
    'Time to open forwards on a real gateway, as ratios to raw sockets and to upnpc (needs root); time that the window ' +
      'takes for many forwards, as ratios to a frame.',
  )
  .option('--window', 'only the window, in less than a minute', false)
  .option('--runs <count>', 'samples of opening one forward', count, 7)
  .option('--many-runs <count>', 'samples of opening many', count, 3)
  .option('--forwards <count>', 'how many "many" are', count, 1000)
  .option('--protocol <name>', 'only this one; may be repeated', protocols, PROTOCOLS)
  .option('--json <file>', 'also write every sample and the conditions there')
  .action(async (options: Options) => {
    const told = await conditions();
    const gateway = options.window ? {} : { gateway: await gatewayPart(options) };
    const window = await windowPart();
    console.log(conditionsText(told));
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify({ conditions: told, ...gateway, window }, undefined, 2)}\n`);
    }
  });

await program.parseAsync();
