/** The commands about profiles, as the command line knows them. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { ActivityOptions } from './command-status.ts';
import { activity, approve, retry, status, useOtherPort, watch } from './command-status.ts';
import type { AddOptions, ExportOptions, ImportOptions } from './command-profile.ts';
import { addProfile, exportProfiles, importProfiles, keepTried, listProfiles, removeProfile, showProfile, switchProfile } from './command-profile.ts';
import type { ServeOptions } from './command-serve.ts';
import { serve } from './command-serve.ts';
import { withProfile } from './command-with.ts';
import type { Console } from '../output/console.ts';
import { InputFault } from '../output/fault.ts';
import type { GivenOptions, GlobalOptions } from '../options/global-options.ts';
import {
  ACTIVITY_HELP,
  APPROVE_HELP,
  PROFILE_ADD_HELP,
  PROFILE_EXPORT_HELP,
  PROFILE_HELP,
  PROFILE_IMPORT_HELP,
  PROFILE_KEEP_HELP,
  PROFILE_LIST_HELP,
  PROFILE_REMOVE_HELP,
  PROFILE_SHOW_HELP,
  PROFILE_SWITCH_HELP,
  PROFILE_USE_PORT_HELP,
  RETRY_HELP,
  SERVE_HELP,
  STATUS_HELP,
  WATCH_HELP,
  WITH_HELP,
} from '../options/help-profiles.ts';

type Work = (options: GlobalOptions, console: Console) => Promise<number>;

/** How `index.ts` makes commands. */
export interface Commands {
  readonly act: (work: Work, given: GivenOptions) => Promise<void>;
  readonly plain: (name: string, usage: string, description: string, help: string, parent?: Command) => Command;
  /** Gives it the options that every command has. */
  readonly common: (command: Command) => Command;
}

export function addProfileCommands({ act, plain, common }: Commands): void {
  common(
    plain('serve', '[options]', 'hold the profiles that are switched on, until Ctrl-C', SERVE_HELP)
      .option('--demo', 'with a simulated router in the place of the real ones')
      .option('--no-window', 'without the window for a browser')
      .addOption(new Option('--throw-away', 'the data folder goes at the end').hideHelp())
      .option('--window-port <PORT>', 'of the window; 8788 or the next free one when absent')
      .addOption(new Option('--window-dir <FOLDER>', 'where the window was built').hideHelp()),
  ).action((given: GivenOptions & ServeOptions) => act((options, output) => serve(given, options, output), given));
  common(plain('status', '[options]', 'show what is held open, and by which router', STATUS_HELP)).action(
    (given: GivenOptions) => act(status, given),
  );
  common(plain('watch', '[options]', 'show what changes, until Ctrl-C', WATCH_HELP)).action((given: GivenOptions) =>
    act(watch, given),
  );
  common(plain('retry', '[options]', 'ask again for what was refused or waits', RETRY_HELP)).action(
    (given: GivenOptions) => act(retry, given),
  );
  common(
    plain('activity', '[options]', 'show what has happened, the latest last', ACTIVITY_HELP)
      .option('--last <COUNT>', 'how many entries at most', '40')
      .option('--clear', 'forget it instead'),
  ).action((given: GivenOptions & ActivityOptions) =>
    act((options, output) => activity(given, options, output), given),
  );
  common(plain('approve', '[options]', 'let ports be opened on the network that this is', APPROVE_HELP)).action(
    (given: GivenOptions) => act(approve, given),
  );
  common(
    plain('with', '[options] PROFILE -- COMMAND...', 'hold a profile’s ports while a command runs', WITH_HELP)
      .argument('<profile>', 'its id or name')
      .argument('[command...]', 'what to run'),
  ).action((name: string, command: readonly string[], given: GivenOptions) =>
    act((options) => {
      if (command.length === 0) {
        throw new InputFault(
          'Which command? Put it after two hyphens: portkeeper with minecraft -- java -jar server.jar',
        );
      }
      return withProfile(name, command, options);
    }, given),
  );

  const profile = common(
    plain('profile', 'COMMAND [options]', 'look at and change profiles', PROFILE_HELP).helpCommand(false),
  ).enablePositionalOptions();
  const own = (name: string, usage: string, description: string, help: string): Command =>
    plain(name, usage, description, help, profile);
  const sub = (...about: Parameters<typeof own>): Command => common(own(...about));
  sub('list', '[options]', 'list the profiles, and what is open', PROFILE_LIST_HELP).action((given: GivenOptions) =>
    act(listProfiles, given),
  );
  sub('show', '[options] PROFILE', 'show one profile with its ports', PROFILE_SHOW_HELP)
    .argument('<profile>', 'its id or name')
    .action((name: string, given: GivenOptions) => act((options, output) => showProfile(name, options, output), given));
  for (const [name, on] of [
    ['on', true],
    ['off', false],
  ] as const) {
    sub(name, '[options] PROFILE', `switch a profile ${name}`, PROFILE_SWITCH_HELP)
      .argument('<profile>', 'its id or name')
      .action((which: string, given: GivenOptions) =>
        act((options, output) => switchProfile(which, on, options, output), given),
      );
  }
  common(
    own('add', '[options] NAME PORTS...', 'add a profile', PROFILE_ADD_HELP)
      .argument('<name>', 'such as Minecraft')
      .argument('<ports...>', 'such as 25565/tcp')
      .option('--on', 'switch it on')
      .option('--any-port', 'take the next free outside port when one is taken')
      .option('--lease <TIME>', 'what the router is asked for between renewals: 3600, 30m, 2h, 7d or forever')
      .option('--label <TEXT>', 'a name, shown in the router’s list')
      .option('--yes', 'do not ask about large ranges of ports'),
  ).action((name: string, ports: readonly string[], given: GivenOptions & AddOptions) =>
    act((options, output) => addProfile(name, ports, given, options, output), given),
  );
  sub('use-port', '[options] PROFILE[/N] PORT', 'ask for another outside port', PROFILE_USE_PORT_HELP)
    .argument('<profile>', 'its id or name, and which of its ports, such as minecraft/2')
    .argument('<port>', 'the outside port, such as 25566; of a range the first')
    .action((which: string, port: string, given: GivenOptions) =>
      act((options, output) => useOtherPort(which, port, options, output), given),
    );
  sub('remove', '[options] PROFILE', 'remove a profile', PROFILE_REMOVE_HELP)
    .argument('<profile>', 'its id or name')
    .action((name: string, given: GivenOptions) =>
      act((options, output) => removeProfile(name, options, output), given),
    );
  common(
    own('keep', '[options] [PROFILE...]', 'keep what was tried with the simulated router', PROFILE_KEEP_HELP)
      .argument('[profile...]', 'its id or name; all when absent')
      .option('--none', 'discard all of it'),
  ).action((names: readonly string[], given: GivenOptions & { readonly none?: boolean }) =>
    act((options, output) => keepTried(names, given, options, output), given),
  );
  common(
    own('import', '[options] FILE', 'add the profiles of a file', PROFILE_IMPORT_HELP)
      .argument('<file>', 'or - for standard input')
      .option('--replace', 'in the place of all profiles and settings there are')
      .option('--yes', 'do not ask about large ranges of ports'),
  ).action((file: string, given: GivenOptions & ImportOptions) =>
    act((options, output) => importProfiles(file, given, options, output), given),
  );
  common(
    own('export', '[options] [FILE]', 'write all profiles and settings', PROFILE_EXPORT_HELP)
      .argument('[file]', 'standard output when absent')
      .option('--format <FORMAT>', 'portkeeper, or csv or json of upnp-daemon', 'portkeeper'),
  ).action((file: string | undefined, given: GivenOptions & ExportOptions) =>
    act((options, output) => exportProfiles(file, given, options, output), given),
  );
}
