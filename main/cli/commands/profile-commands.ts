/** The commands about profiles and about the Portkeeper that runs, as in `commands.ts`. */
import { Option } from 'commander';
import type { CommandEntry } from '../options/global-options.ts';
import { FORWARD_OPTIONS, YES } from '../options/port-spec.ts';
import * as profiles from './command-profile.ts';
import { serve } from './command-serve.ts';
import { installService, removeService, serviceStatus } from './command-service.ts';
import { activity, approve, retry, status, watch } from './command-status.ts';
import { withProfile } from './command-with.ts';

/** The argument that most of them take. */
const PROFILE = ['<profile>', 'its id or name'] as const;

/** Whose service it is. */
const LEVEL = [
  new Option('--system', 'for the whole computer, started before anyone logs in (needs root)'),
  new Option('--as <USER>', 'with --system: the user it runs as; you when absent'),
];

export const SERVICE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    summary: 'hold the profiles that are switched on, until Ctrl-C',
    options: [
      new Option('--demo', 'with a simulated router in the place of the real ones'),
      new Option('--no-window', 'without the window for a browser'),
      new Option('--throw-away', 'the data folder goes at the end').hideHelp(),
      new Option('--window-port <PORT>', 'of the window; 8788 or the next free one when absent'),
      new Option('--window-dir <FOLDER>', 'where the window was built').hideHelp(),
    ],
    run: serve,
    help: `
Holds the profiles that are switched on, and answers the other commands, until
Ctrl-C. What is open then is closed (or kept, as the settings say). One runs for
each data folder; --gateway, --protocol and --interface go before the settings.
With --demo a simulated router on this computer takes the place of the real
ones: nothing is open to the internet, and no real router is asked. Your own
profiles stay as they are; see: portkeeper profile keep --help

The same window as the application's is shown to a browser on this computer, at
the address that is printed (and by "portkeeper status"). It changes with each
start, and is the key: whoever has it can open ports. Nobody else can reach it.

Examples:
  portkeeper profile add Minecraft 25565/tcp --on
  portkeeper serve
  portkeeper serve --window-port 9000

With --json: the events of "open", and
  serving     {"profiles","on","demo","window"}: its address, or null
  profile     {"id","state"}: on, off, held or removed
  hold        {"name","from","label","state"}: ports of a terminal or a file,
              held or released
  paused, resumed
  tried       {"profiles"}: made with the simulated router, not yet decided`,
  },
  {
    name: 'status',
    summary: 'show what is held open, and by which router',
    run: status,
    help: `
With --json, one value: {"running","paused","open","refused","waiting",
  "gateways","profiles","holds","problems","window"}, each as of discover and
  profile list; holds are ports opened from a terminal or a file: {"name",
  "from","label","since","mappings"}; window is its address for a browser on
  this computer, or null.`,
  },
  {
    name: 'watch',
    summary: 'show what changes, until Ctrl-C',
    run: watch,
    help: `
Until Ctrl-C, or until the Portkeeper that is running ends.

With --json: the events of "serve", after watching {"profiles"}.`,
  },
  {
    name: 'retry',
    summary: 'ask again for what was refused or waits',
    run: retry,
    help: `
Portkeeper asks again by itself, but with patience; this asks now.

With --json: {"event":"retrying"}.`,
  },
  {
    name: 'activity',
    summary: 'show what has happened, the latest last',
    options: [
      new Option('--last <COUNT>', 'how many entries at most').default('40'),
      new Option('--clear', 'forget it instead'),
    ],
    run: activity,
    help: `
Opened, renewed, lost, refused, the router restarted, its address changed: as
noted while "portkeeper serve" or the application runs, for a week and more.

Examples:
  portkeeper activity
  portkeeper activity --last 500 --json
  portkeeper activity --clear

With --json, a value for each entry: {"event","at","text"}, and what else there
is to say, such as "gateway", "name", "external", "problem", "from", "to".`,
  },
  {
    name: 'approve',
    summary: 'let ports be opened on the network that this is',
    run: approve,
    help: `
Needed only where the settings say that ports are opened on approved networks
alone, as for a laptop that travels.

With --json: {"event":"approved","networks"}.`,
  },
  {
    name: 'with',
    usage: '[options] PROFILE -- COMMAND...',
    summary: 'hold a profile’s ports while a command runs',
    takes: [PROFILE, ['[command...]', 'what to run']],
    options: [YES],
    run: withProfile,
    help: `
Opens the profile's ports, runs the command, and closes them when it has ended,
however it ends. Its exit code and signals are passed on. A port that cannot be
opened is told, and does not keep the command from running.

Examples:
  portkeeper with minecraft -- java -jar server.jar
  portkeeper with minecraft -- %command%        as start option in a launcher

Standard output is the command's. With --json, what Portkeeper says goes to
standard error: {"event":"held","profile"}.`,
  },
  {
    name: 'service',
    usage: 'COMMAND [options]',
    summary: 'run Portkeeper in the background, without a desktop',
    commands: [
      {
        name: 'install',
        summary: 'have the system start "portkeeper serve" and keep it running',
        options: [
          ...LEVEL,
          new Option('--yes', 'do not ask'),
          new Option('--no-window', 'without the window for a browser'),
          new Option('--window-port <PORT>', 'port of the window'),
        ],
        run: installService,
        help: `
What it writes and runs is shown before anything changes. Options that "serve"
has, such as --data-dir or --no-window, are passed on to it. Install again to
change them, or after Portkeeper has moved.

Without --system it runs as you. On Linux it starts with the computer and stays
when you log out (loginctl enable-linger).

Examples:
  portkeeper service install
  portkeeper service install --window-port 9000 --yes
  sudo portkeeper service install --system --as minecraft`,
      },
      {
        name: 'status',
        summary: 'show whether it is installed and running',
        options: LEVEL,
        run: serviceStatus,
        help: '',
      },
      { name: 'remove', summary: 'stop it and remove it', options: LEVEL, run: removeService, help: '' },
    ],
    help: `
For machines without a desktop: the system starts "portkeeper serve", and starts
it again if it fails. systemd on Linux, launchd on macOS, Task Scheduler on
Windows.

Examples:
  portkeeper service install
  sudo portkeeper service install --system
  portkeeper service status
  portkeeper service remove

With --json, one value: {"event":"service","state","manager","file"}; the state
is running, stopped, failed or "not installed". The exit code of status is 0
only while it is running.`,
  },
];

const PROFILE_SWITCH_HELP = `
PROFILE is an id or a name.

With --json: {"event":"switched","running","profile"}, as of profile show.`;

export const PROFILE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'list the profiles, and what is open',
    run: profiles.list,
    help: `
With --json, one value: {"running","profiles":[{"id","name","on","held",
  "forwards","mappings"}]}; mappings are as of "open".`,
  },
  {
    name: 'show',
    usage: '[options] PROFILE',
    summary: 'show one profile with its ports',
    takes: [PROFILE],
    run: profiles.show,
    help: `
PROFILE is an id or a name.

With --json, one value: {"id","name","on","held","forwards","mappings"}.`,
  },
  {
    name: 'on',
    usage: '[options] PROFILE',
    summary: 'switch a profile on',
    takes: [PROFILE],
    options: [YES],
    run: profiles.switchOn,
    help: PROFILE_SWITCH_HELP,
  },
  {
    name: 'off',
    usage: '[options] PROFILE',
    summary: 'switch a profile off',
    takes: [PROFILE],
    run: profiles.switchOff,
    help: PROFILE_SWITCH_HELP,
  },
  {
    name: 'add',
    usage: '[options] NAME PORTS...',
    summary: 'add a profile',
    takes: [
      ['<name>', 'such as Minecraft'],
      ['<ports...>', 'such as 25565/tcp'],
    ],
    options: [new Option('--on', 'switch it on'), ...FORWARD_OPTIONS, YES],
    run: profiles.add,
    help: `
Ports are written as for "open"; see: portkeeper open --help
What "open" asks about is asked here, or added with --yes.

Examples:
  portkeeper profile add Minecraft 25565/tcp
  portkeeper profile add "Web server" 8080:80/tcp@192.168.1.20 --on

With --json: {"event":"added","id"}, with --on also the event of profile on.`,
  },
  {
    name: 'use-port',
    usage: '[options] PROFILE[/N] PORT',
    summary: 'ask for another outside port',
    takes: [
      ['<profile>', 'its id or name, and which of its ports, such as minecraft/2'],
      ['<port>', 'the outside port, such as 25566; of a range the first'],
    ],
    options: [YES],
    run: profiles.usePort,
    help: `
The inside port stays as it is; a range keeps its length. N counts the lines of
"profile show"; it may be left out where there is one only.

Examples:
  portkeeper profile use-port minecraft 25566
  portkeeper profile use-port minecraft/2 19133

With --json: {"event":"changed","forward","external"}, then as of profile on.`,
  },
  {
    name: 'remove',
    usage: '[options] PROFILE',
    summary: 'remove a profile',
    takes: [PROFILE],
    run: profiles.remove,
    help: `
PROFILE is an id or a name. What it held open is closed.

With --json: {"event":"removed","id"}.`,
  },
  {
    name: 'keep',
    usage: '[options] [PROFILE...]',
    summary: 'keep what was tried with the simulated router',
    takes: [['[profile...]', 'its id or name; all when absent']],
    options: [new Option('--none', 'discard all of it')],
    run: profiles.keepTried,
    help: `
What you add or change while the simulated router is in use is kept apart from
your profiles and never opens on a real router. This adds it to them, switched
off. What you don't keep is there again with the next --demo.

Examples:
  portkeeper profile keep
  portkeeper profile keep minecraft
  portkeeper profile keep --none

With --json: {"event":"kept","profiles"}, or {"event":"discarded","profiles"}.`,
  },
  {
    name: 'import',
    usage: '[options] FILE',
    summary: 'add the profiles of a file',
    takes: [['<file>', 'or - for standard input']],
    options: [new Option('--replace', 'in the place of all profiles and settings there are'), YES],
    run: profiles.importFile,
    help: `
FILE is what "profile export" wrote, or a list of ports of upnp-daemon (CSV or
JSON; what it is, is told by its content), or - for standard input. It is taken
whole, or refused with the place of the mistake. A list becomes one profile that
is called after the file. What is added is switched off. What "open" asks about
is asked here, or imported with --yes.

With --json: {"event":"imported","mode","profiles"}, with "left" when something
of a list cannot be said by a profile.`,
  },
  {
    name: 'export',
    usage: '[options] [FILE]',
    summary: 'write all profiles and settings',
    takes: [['[file]', 'standard output when absent']],
    options: [new Option('--format <FORMAT>', 'portkeeper, or csv or json of upnp-daemon').default('portkeeper')],
    run: profiles.exportFile,
    help: `
All profiles and settings as JSON, to FILE or to standard output. With --format
csv or json the ports as a list of upnp-daemon; what such a list cannot say, is
told on standard error.

With --json: the document on one line, {"text","left"} for a list, or
{"event":"exported","file"}.`,
  },
];
