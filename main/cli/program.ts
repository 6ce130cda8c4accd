/** The commands as commander knows them, and what it finds wrong in our words. */
import { Command, type CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS, MAIN_HELP } from './commands/commands.ts';
import { COMMON_OPTIONS, globalOptions, type CommandEntry, type GivenOptions } from './options/global-options.ts';
import { painted, type Console } from './output/console.ts';
import { EXIT, InputFault } from './output/fault.ts';

/** Commander takes colours out again where there are none. */
const title = (text: string): string => painted('bold', text, { validateStream: false });

/**
 * @param ended gets the exit code; `with` passes that of its command on
 * @param args what was typed: commands that are not named in it are known by name, and no more; all are whole when absent
 */
export function commandTree(console: Console, ended: (code: number) => void, args?: readonly string[]): Command {
  const portkeeper = new Command('portkeeper')
    .description('Opens ports on your home router, keeps them open, and closes them again.')
    .usage('COMMAND [options]')
    .version(manifest.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .commandsGroup('More:')
    .helpCommand('help [COMMAND]', 'show the help of a command')
    .configureHelp({
      styleTitle: title,
      subcommandTerm: (each) => each.name(),
    })
    // Mistakes are said by usageFault.
    .configureOutput({ outputError: () => undefined })
    .addHelpText('after', withTitles(MAIN_HELP))
    .exitOverride();
  const add = (parent: Command, entry: CommandEntry): void => {
    const { name, usage = '[options]', summary, group, help, takes = [], options = [], commands } = entry;
    const command = parent.command(name).usage(usage).summary(summary);
    if (group !== undefined) command.helpGroup(group);
    if (args?.includes(name) === false) return;
    command
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .helpOption('-h, --help', 'show this help')
      .addHelpText('after', withTitles(help))
      .exitOverride();
    for (const [form, what] of takes) command.argument(form, what);
    for (const option of options) command.addOption(option);
    if (entry.isApart !== true) addCommon(command);
    if (commands === undefined) {
      command.action(async (...given) => {
        // The last is the command itself.
        const own = given.slice(0, -1);
        ended((await entry.run?.(await globalOptions(command.opts<GivenOptions>()), console, ...own)) ?? EXIT.ok);
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

const withTitles = (help: string): string => help.replaceAll(/^\w[^\n]*:$/gm, title);

/** No defaults here: one that stands after the command would replace what was said before it. */
function addCommon(command: Command): void {
  command.optionsGroup('For every command:');
  for (const option of COMMON_OPTIONS) command.addOption(option);
}

/** Options before a command count for it, unless it says otherwise. */
function inherit(command: Command): void {
  const own = new Set(command.options.map((option) => option.attributeName()));
  for (let { parent } = command; parent !== null; parent = parent.parent) {
    for (const [name, value] of Object.entries(parent.opts())) {
      const isSaid = command.getOptionValueSource(name) === 'cli';
      if (own.has(name) && !isSaid) command.setOptionValueWithSource(name, value, 'cli');
    }
  }
}

const HELP = 'Run with --help for usage.';

/** The mistake that commander found; `undefined` when it has printed its help and there is nothing to add. */
export function usageFault({ code, message }: CommanderError): InputFault | undefined {
  const [, name = ''] = /'([^']*)'/.exec(message) ?? [];
  const near = /\(Did you mean (?:one of )?(.*)\?\)/s.exec(message)?.[1]?.replaceAll(/, (?=[^,]*$)/g, ' or ');
  const meant = near === undefined ? '' : ` Did you mean ${near}?`;
  const fault = (what: string, word?: string): InputFault =>
    new InputFault(`${what}\n${HELP}`, word === undefined ? {} : { at: { word } });
  switch (code) {
    case 'commander.unknownCommand':
      return fault(`There is no command “${name}”.${meant}`, name);
    case 'commander.unknownOption':
      return fault(`There is no option “${name}”.${meant}`, name);
    case 'commander.missingArgument':
      return fault(`${name.toUpperCase()} is missing.`);
    case 'commander.optionMissingArgument':
      return fault(`A value is missing: ${name}`, /--[\w-]+/.exec(name)?.[0]);
    case 'commander.missingMandatoryOptionValue':
      return fault(`An option is missing: ${name}`);
    case 'commander.excessArguments': {
      const [, expected = '0', list = ''] = /Expected (\d+) arguments? but got \d+: (.*)\.$/s.exec(message) ?? [];
      const word = list.split(', ')[Number(expected)] ?? list;
      return fault(
        `“${word}” is too much: ${name} takes ${expected === '0' ? 'no' : `only ${expected}`} ${expected === '1' ? 'argument' : 'arguments'}.`,
        word,
      );
    }
    case 'commander.help':
    case 'commander.helpDisplayed':
      return undefined;
    default:
      return fault(message.replace(/^error: /, ''));
  }
}
