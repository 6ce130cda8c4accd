#!/usr/bin/env node
/** The `portkeeper` command: reads the command line, runs one command, ends with its exit code. */
import { Command, CommanderError, Option } from 'commander';
import { StorageError } from '../system/system.ts';
import { isInBackground, tellParent } from './background.ts';
import { close } from './command-close.ts';
import type { DemoOptions } from './command-demo-router.ts';
import { demoRouter } from './command-demo-router.ts';
import { discover } from './command-discover.ts';
import { externalAddress } from './command-external-address.ts';
import { list } from './command-list.ts';
import type { OpenOptions } from './command-open.ts';
import { open } from './command-open.ts';
import type { RunOptions } from './command-run.ts';
import { run } from './command-run.ts';
import { createConsole } from './console.ts';
import type { Console } from './console.ts';
import { EXIT, InputFault } from './fault.ts';
import type { ExitCode } from './fault.ts';
import { globalOptions } from './global-options.ts';
import type { GivenOptions, GlobalOptions } from './global-options.ts';
import { VERSION } from './version.ts';

const EXIT_CODES = `Exit codes:
  0  done
  1  refused, or it could not be done
  2  a mistake in the command line or a file; nothing was changed
  3  no network, no router, or none that opens ports
  4  another Portkeeper is using the same data folder or pid file
  5  a file could not be read or written
  6  a part is open, a part is not
130  ended by Ctrl-C before it was done`;

const OPEN_EXAMPLES = `
Ports are written OUTSIDE[-LAST][:INSIDE][/tcp|/udp][@HOST]; without a protocol both are opened.

Examples:
  portkeeper open 25565/tcp                  Minecraft, until Ctrl-C
  portkeeper open 34197/udp 8080:80/tcp      outside 8080 leads to 80 inside
  portkeeper open 27015-27020/udp            a range
  portkeeper open 443/tcp@192.168.1.20       to another computer in your home
  portkeeper open 25565 --any-port           take the next free one if it is taken
  portkeeper open 25565/tcp --once           open, leave it so, and end`;

const RUN_EXAMPLES = `
The file is a CSV with the header address;port;protocol;duration;comment or, with --format json, an array of objects
with these keys, as of the Rust upnp-daemon. It is read again when it changes.

Examples:
  portkeeper run --file ports.csv                        in the background
  portkeeper run --foreground --file ports.csv           for service managers
  portkeeper run --foreground --oneshot --file ports.csv
  generate | portkeeper run --foreground --file -`;

type Act = (options: GlobalOptions, console: Console) => Promise<ExitCode>;

function isInJson(args: readonly string[]): boolean {
  return args.includes('--json');
}

const console_ = createConsole(isInJson(process.argv), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});

function program(act: (work: Act, given: GivenOptions) => Promise<void>): Command {
  const portkeeper = new Command('portkeeper')
    .description('Opens ports on your home router, keeps them open, and closes them again.')
    .version(VERSION, '-V, --version')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', `\nStart with:  portkeeper discover\n\n${EXIT_CODES}`)
    .exitOverride();

  const command = (name: string, description: string): Command =>
    portkeeper
      .command(name)
      .description(description)
      .helpOption('-h, --help', 'show this help')
      .option('--json', 'results for programs: JSON, one value a line')
      .option(
        '--gateway <ADDRESS|URL|NAME>',
        'this router only: its address, the URL of its description, or a part of its name',
      )
      .option('--interface <NAME>', 'only on this network interface, such as eth0')
      .option('--protocol <WHICH>', 'auto, upnp, pcp or natpmp', 'auto')
      .option('--family <WHICH>', 'ipv4, ipv6 or both', 'ipv4')
      .option('--data-dir <FOLDER>', 'where the journal and what is known of routers are kept')
      .option('--log-level <LEVEL>', 'error, warn, info, debug or trace; to standard error', 'warn')
      .addOption(new Option('--pxp-port <PORT>', 'PCP and NAT-PMP port of a simulated router').hideHelp())
      .exitOverride();

  command('discover', 'show the routers, what they speak, and your address on the internet').action(
    (given: GivenOptions) => act(discover, given),
  );
  command('open', 'open ports and keep them open until Ctrl-C')
    .argument('<ports...>', 'such as 25565/tcp')
    .option('--any-port', 'take the next free outside port when one is taken')
    .option(
      '--lease <TIME>',
      'how long the router is asked to keep it between renewals, such as 3600, 30m, 2h or forever',
    )
    .option('--label <TEXT>', 'a name, shown in the router’s list')
    .option('--keep', 'leave the ports open at the end')
    .option('--once', 'open, leave them open, and end')
    .option('--wait', 'wait for a router that is not there yet')
    .option(
      '--check-url <URL>',
      'ask this port checker whether traffic arrives; {port}, {transport} and {address} are filled in',
    )
    .option('--check-every <SECONDS>', 'how long its answer counts', '600')
    .addHelpText('after', OPEN_EXAMPLES)
    .action((ports: readonly string[], given: GivenOptions & OpenOptions) =>
      act((options, output) => open(ports, given, options, output), given),
    );
  command('close', 'close ports that Portkeeper left open')
    .argument('[ports...]', 'such as 25565/tcp')
    .option('--all', 'everything that Portkeeper opened')
    .action((ports: readonly string[], given: GivenOptions & { readonly all?: boolean }) =>
      act((options, output) => {
        if (ports.length === 0 && given.all !== true) {
          throw new InputFault(
            'Which ports? Name them, such as: portkeeper close 25565/tcp. Or close all of ours with --all.',
          );
        }
        return close(ports, given.all === true, options, output);
      }, given),
    );
  command('list', 'list everything that is open on the router, and whose it is').action((given: GivenOptions) =>
    act(list, given),
  );
  command('external-address', 'print your address on the internet, as the router tells it').action(
    (given: GivenOptions) => act(externalAddress, given),
  );
  command('run', 'hold the ports that a file lists (in the place of upnp-daemon)')
    .requiredOption('-f, --file <FILE>', 'the list of ports, or - for standard input')
    .option('--format <FORMAT>', 'csv or json', 'csv')
    .option('-d, --csv-delimiter <CHARACTER>', 'what separates the fields of a CSV file', ';')
    .option('-F, --foreground', 'do not go to the background')
    .option('-1, --oneshot', 'open once and end')
    .option('-n, --interval <SECONDS>', 'look at file and interfaces at least this often', '60')
    .option('--close-ports-on-exit', 'close the ports at the end')
    .option('--only-close-ports', 'close the ports that the file lists, and end')
    .option('--pid-file <FILE>', 'absolute path; one instance for each', '/tmp/portkeeper.pid')
    .addHelpText('after', RUN_EXAMPLES)
    .action((given: GivenOptions & RunOptions) => act((options, output) => run(given, options, output), given));
  command('demo-router', 'run a simulated router on this computer, to try everything without touching yours')
    .option('--http-port <PORT>', 'of its description; any free one if absent')
    .option('--like <HABITS>', 'which routers to be like, such as openwrt-secure,chunked', 'miniupnpd')
    .action((given: GivenOptions & DemoOptions) => act((options, output) => demoRouter(given, options, output), given));
  return portkeeper;
}

function ended(error: unknown): { readonly text: string; readonly code: ExitCode } {
  if (error instanceof InputFault) return { text: error.message, code: EXIT.usage };
  if (error instanceof StorageError && error.fault === 'locked') {
    return {
      text: `Another Portkeeper is at work: ${error.message}. End it, or choose another folder with --data-dir.`,
      code: EXIT.busy,
    };
  }
  if (error instanceof StorageError) {
    const what: Record<string, string> = {
      'no-space': 'The disk is full. Make room there, or choose another folder with --data-dir.',
      'no-permission': 'You may not write there. Choose another folder with --data-dir.',
      'not-a-folder': 'A file stands where a folder is needed. Choose another folder with --data-dir.',
    };
    return {
      text: `${error.path} cannot be used: ${error.message}. ${what[error.fault] ?? ''}`.trim(),
      code: EXIT.storage,
    };
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Portkeeper met an error of its own; please report it.\n${detail}`, code: EXIT.failed };
}

async function main(): Promise<void> {
  let code: ExitCode = EXIT.ok;
  try {
    await program(async (work, given) => {
      code = await work(globalOptions(given), console_);
    }).parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed its own words.
      code = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    } else {
      const { text, code: failed } = ended(error);
      code = failed;
      console_.note(text);
      console_.record({ event: 'error', message: text, exitCode: failed });
      if (isInBackground()) tellParent('failed', text, failed);
    }
  }
  process.exitCode = code;
}

// A reader that went away (`portkeeper list | head`) is no error.
process.stdout.on('error', () => process.exit(EXIT.ok));
await main();
