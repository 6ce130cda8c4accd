#!/usr/bin/env node
/** The `portkeeper` command: reads the command line, runs one command, ends with its exit code. */
import { Command, CommanderError, Option } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS, MAIN_HELP } from './commands/commands.ts';
import { tellParent } from './daemon.ts';
import { interruptQuietly } from './interruptions.ts';
import { globalOptions, type CommandEntry, type GivenOptions } from './options/global-options.ts';
import { createConsole } from './output/console.ts';
import { endingOf, EXIT, type Ending, type ExitCode } from './output/fault.ts';

/** Before the command line is read, so that its own faults are told in the right form. */
const console_ = createConsole(isJsonAsked(process.argv), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  columns: process.stdout.isTTY ? process.stdout.columns : undefined,
});

/** @param ended gets the exit code; `with` passes that of its command on */
function program(ended: (code: number) => void): Command {
  const portkeeper = new Command('portkeeper')
    .description('Opens ports on your home router, keeps them open, and closes them again.')
    .usage('COMMAND [options]')
    .version(manifest.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .configureHelp({ subcommandTerm: (each) => `${each.name()} ${each.usage().replace(' [options]', '')}`.trim() })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
    .showHelpAfterError('Add --help to see what is possible.')
    .addHelpText('after', MAIN_HELP)
    .exitOverride();
  const add = (parent: Command, entry: CommandEntry): void => {
    const { name, usage = '[options]', summary, help, takes = [], options = [], commands } = entry;
    const command = parent
      .command(name)
      .usage(usage)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', help)
      .exitOverride();
    for (const [form, what] of takes) command.argument(form, what);
    for (const option of options) command.addOption(option);
    if (entry.isApart !== true) addCommon(command);
    if (commands === undefined) {
      command.action(async (...given) => {
        // The last is the command itself.
        const own = given.slice(0, -1);
        ended((await entry.run?.(await globalOptions(command.opts<GivenOptions>()), console_, ...own)) ?? EXIT.ok);
      });
      return;
    }
    command.helpCommand(false).enablePositionalOptions();
    for (const each of commands) add(command, each);
  };
  for (const entry of COMMANDS) add(portkeeper, entry);
  addCommon(portkeeper);
  return portkeeper.enablePositionalOptions().hook('preAction', (_program, command) => inherit(command));
}

/** No defaults here: one that stands after the command would replace what was said before it. */
function addCommon(command: Command): void {
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
    // Named, or commander takes the installed command, which Electron runs as Node, for a packaged app without a script.
    await program((ended) => (code = ended)).parseAsync(process.argv, { from: 'node' });
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
