#!/usr/bin/env node
/** The `portkeeper` command: reads the command line, runs one command, ends with its exit code. */
import { Command, CommanderError, Option } from 'commander';
import { tellParent } from './daemon.ts';
import type { CloseOptions } from './commands/command-close.ts';
import { close } from './commands/command-close.ts';
import type { DemoOptions } from './commands/command-demo-router.ts';
import { demoRouter } from './commands/command-demo-router.ts';
import { discover, externalAddress, list } from './commands/command-look.ts';
import type { OpenOptions } from './commands/command-open.ts';
import { open } from './commands/command-open.ts';
import { presets } from './commands/command-presets.ts';
import type { RunOptions } from './commands/command-run.ts';
import { run } from './commands/command-run.ts';
import { createConsole } from './output/console.ts';
import type { Console } from './output/console.ts';
import type { Ending, ExitCode } from './output/fault.ts';
import { EXIT, InputFault, endingOf } from './output/fault.ts';
import { globalOptions } from './options/global-options.ts';
import type { GivenOptions, GlobalOptions } from './options/global-options.ts';
import {
  ADDRESS_HELP,
  CLOSE_HELP,
  DEFAULT_PID_FILE,
  DEMO_HELP,
  DISCOVER_HELP,
  LIST_HELP,
  MAIN_HELP,
  OPEN_HELP,
  PRESETS_HELP,
  RUN_HELP,
} from './options/help.ts';
import { interruptQuietly } from './interruptions.ts';
import { addProfileCommands } from './commands/profile-commands.ts';
import { VERSION } from './version.ts';

/** Of an option that may be repeated. */
const listed = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `with` passes the exit code of its command on. */
type Act = (options: GlobalOptions, console: Console) => Promise<number>;

/** Before the command line is read, so that its own faults are told in the right form. */
const console_ = createConsole(isJsonAsked(process.argv), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
});

function program(act: (work: Act, given: GivenOptions) => Promise<void>): Command {
  const portkeeper = new Command('portkeeper')
    .description('Opens ports on your home router, keeps them open, and closes them again.')
    .usage('COMMAND [options]')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .configureHelp({ subcommandTerm: (each) => `${each.name()} ${each.usage().replace(' [options]', '')}`.trim() })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
    .showHelpAfterError('Add --help to see what is possible.')
    .addHelpText('after', MAIN_HELP)
    .exitOverride();

  const plain = (name: string, usage: string, description: string, help: string, parent = portkeeper): Command =>
    parent
      .command(name)
      .usage(usage)
      .summary(description)
      .description(`${description.charAt(0).toUpperCase()}${description.slice(1)}.`)
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', help)
      .exitOverride();
  // No defaults here: one that stands after the command would replace what was said before it.
  const common = (command: Command): Command =>
    command
      .optionsGroup('For every command:')
      .option('--json', 'results for programs: one JSON value a line')
      .option('--gateway <ROUTER>', 'this router only: its address, the URL of its description, or a part of its name')
      .option('--interface <NAME>', 'only on this network interface, such as eth0')
      .option('--protocol <WHICH>', 'auto (the default), upnp, pcp or natpmp')
      .option('--family <WHICH>', 'ipv4 (the default), ipv6 or both')
      .option('--data-dir <FOLDER>', 'where the record of open ports is kept')
      .option('--log-level <LEVEL>', 'error, warn (the default), info, debug or trace; to standard error')
      .addOption(new Option('--pxp-port <PORT>', 'PCP and NAT-PMP port of a simulated router').hideHelp());

  common(
    plain(
      'discover',
      '[options]',
      'show your routers, what they speak, and your address on the internet',
      DISCOVER_HELP,
    ),
  ).action((given: GivenOptions) => act(discover, given));
  common(
    plain('open', '[options] [PORTS...]', 'open ports and keep them open until Ctrl-C', OPEN_HELP)
      .argument('[ports...]', 'such as 25565/tcp')
      .option('--preset <NAME>', 'what a known program needs, such as minecraft; may be repeated', listed)
      .option('--any-port', 'take the next free outside port when one is taken')
      .option('--lease <TIME>', 'what the router is asked for between renewals: 3600, 30m, 2h, 7d or forever')
      .option('--label <TEXT>', 'a name, shown in the router’s list')
      .option('--keep', 'leave the ports open at the end')
      .option('--once', 'open, leave the ports open, and end at once')
      .option('--wait', 'wait for a router that is not there yet')
      .option('--yes', 'do not ask about large ranges of ports')
      .option(
        '--check-url <URL>',
        'ask this port checker on the web whether traffic arrives; {port}, {transport} and {address} are filled in',
      )
      .option('--check-every <SECONDS>', 'how long its answer counts', '600'),
  ).action((ports: readonly string[], given: GivenOptions & OpenOptions) =>
    act((options, output) => {
      if (ports.length === 0 && given.preset === undefined) {
        throw new InputFault(
          'Which ports? Name them, such as: portkeeper open 25565/tcp. Or name a program: portkeeper open --preset minecraft.',
        );
      }
      return open(ports, given, options, output);
    }, given),
  );
  plain('presets', '[options] [QUERY...]', 'find the ports that well-known programs need', PRESETS_HELP)
    .argument('[query...]', 'a part of a name, or a port')
    .option('--json', 'results for programs: one JSON value a line')
    .action((query: readonly string[], given: GivenOptions) =>
      act((_options, output) => Promise.resolve(presets(query.join(' '), output)), given),
    );
  common(
    plain('close', '[options] [PORTS...]', 'close ports that Portkeeper left open', CLOSE_HELP)
      .argument('[ports...]', 'such as 25565/tcp')
      .option('--all', 'everything that Portkeeper opened')
      .option('--anyway', 'also what other programs or devices opened'),
  ).action((ports: readonly string[], given: GivenOptions & CloseOptions) =>
    act((options, output) => close(ports, given, options, output), given),
  );
  common(plain('list', '[options]', 'list everything that is open on the router, and whose it is', LIST_HELP)).action(
    (given: GivenOptions) => act(list, given),
  );
  common(
    plain('external-address', '[options]', 'print your address on the internet, as the router tells it', ADDRESS_HELP),
  ).action((given: GivenOptions) => act(externalAddress, given));
  common(
    plain('run', '[options] --file FILE', 'hold the ports that a file lists (in the place of upnp-daemon)', RUN_HELP)
      .requiredOption('-f, --file <FILE>', 'the list of ports, or - for standard input')
      .option('--format <FORMAT>', 'csv or json', 'csv')
      .option('-d, --csv-delimiter <CHARACTER>', 'what separates the fields of a CSV file', ';')
      .option('-F, --foreground', 'do not go to the background')
      .option('-1, --oneshot', 'open once and end')
      .option('-n, --interval <SECONDS>', 'look at file and interfaces at least this often', '60')
      .option('--close-ports-on-exit', 'close the ports at the end')
      .option('--only-close-ports', 'close the ports that the file lists, and end')
      .option('--pid-file <FILE>', 'absolute path; one instance for each', DEFAULT_PID_FILE),
  ).action((given: GivenOptions & RunOptions) => act((options, output) => run(given, options, output), given));
  addProfileCommands({ act, plain, common });
  common(portkeeper)
    .enablePositionalOptions()
    .hook('preAction', (_program, command) => inherit(command));
  plain('demo-router', '[options]', 'run a simulated router on this computer, to try things out', DEMO_HELP)
    .option('--like <HABITS>', 'what it is like, such as openwrt-secure or chunked,bare-lf', 'miniupnpd')
    .option('--http-port <PORT>', 'of its UPnP description; any free one when absent')
    .option('--pxp-port <PORT>', 'of PCP and NAT-PMP; any free one when absent')
    .option('--json', 'where it is reached, as JSON')
    .option('--log-level <LEVEL>', 'error, warn (the default), info, debug or trace; to standard error')
    .action((given: GivenOptions & DemoOptions) => act((options, output) => demoRouter(given, options, output), given));
  return portkeeper;
}

/** What stands before a command counts for it, unless it says otherwise. */
function inherit(command: Command): void {
  const own = new Set(command.options.map((option) => option.attributeName()));
  for (let { parent } = command; parent !== null; parent = parent.parent) {
    for (const [name, value] of Object.entries(parent.opts())) {
      const isSaid = command.getOptionValueSource(name) === 'cli';
      if (own.has(name) && !isSaid) command.setOptionValueWithSource(name, value, 'cli');
    }
  }
}

/** What follows two hyphens is another command's. */
function isJsonAsked(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

async function main(): Promise<void> {
  let code: number = EXIT.ok;
  try {
    await program(async (work, given) => {
      code = await work(await globalOptions(given), console_);
      // Named, or commander takes the installed command, which Electron runs as Node, for a packaged app without a script.
    }).parseAsync(process.argv, { from: 'node' });
  } catch (error) {
    // Commander has printed its own words.
    if (error instanceof CommanderError) {
      code = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      if (code !== EXIT.ok)
        console_.record({ event: 'error', message: error.message.replace(/^error: /, ''), exitCode: code });
    } else code = failed(endingOf(error));
  }
  process.exitCode = isUnheard && code === EXIT.interrupted ? EXIT.ok : code;
}

function failed({ text, code }: Ending): ExitCode {
  if (text !== '') {
    for (const line of text.split('\n')) console_.note(line);
    console_.record({ event: 'error', message: text, exitCode: code });
  }
  tellParent({ portkeeper: 'failed', text, code });
  return code;
}

// A reader that went away (`portkeeper list | head`) is no error; what holds ports ends as after Ctrl-C: nobody watches.
let isUnheard = false;
process.stdout.on('error', () => {
  isUnheard = true;
  interruptQuietly();
});
process.stderr.on('error', () => undefined);
await main();
