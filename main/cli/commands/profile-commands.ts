/** The commands about profiles, settings and the Portkeeper that runs, as in `commands.ts`. */
import { Option } from 'commander';
import { FORWARD_OPTIONS, lazily, PRESET, YES, type CommandEntry } from '../options/global-options.ts';

/** The argument that most of them take. */
const PROFILE = ['<profile>', 'id or name of a profile, or of a preset it was made from'] as const;

const SETTING = ['<setting>', 'name of a setting, such as onQuit'] as const;

/** For whom the service runs. */
const LEVEL = [
  new Option('--system', 'for the whole computer, before anyone logs in (needs root)'),
  new Option('--as <USER>', 'with --system: the user it runs as; you by default'),
];

export const SERVICE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'serve',
    group: 'Profiles and settings:',
    summary: 'keep the ports of switched-on profiles open until Ctrl-C',
    options: [
      new Option('--demo', 'use a simulated router instead of the real ones'),
      new Option('--open', 'open the window in the browser'),
      new Option('--no-window', 'don’t serve the window'),
      new Option('--throw-away', 'delete the data folder on exit').hideHelp(),
      new Option('--window-port <PORT>', 'port of the window; by default 8788 or the next free one'),
      new Option('--window-dir <FOLDER>', 'where the window was built').hideHelp(),
    ],
    run: lazily(async () => (await import('./command-serve.ts')).serve),
    help: `
Keeps the ports of switched-on profiles open and answers other commands until
Ctrl-C, then closes the ports (unless the settings say otherwise). Each data
folder has one instance. --router, --protocol and --interface take precedence
over the settings.
With --demo, a simulated router on this computer replaces the real ones: nothing
is open to the internet, and no real router is contacted. Your own profiles stay
as they are; see: portkeeper profile keep --help

The app’s window is served to a browser on this computer: press o in the
terminal, use --open, or open the address (printed here and by “portkeeper
status”). The address changes with each start. Anyone with this address can open
ports, so don’t share it.

Examples:
  portkeeper profile add Minecraft 25565/tcp --on
  portkeeper serve
  portkeeper serve --open
  portkeeper serve --window-port 9000

With --json: the events of “open”, and
  serving     {"profiles","on","demo","window"}: its address, or null
  profile     {"id","state"}: on, off, held or removed
  hold        {"name","from","label","state"}: ports opened by a command or a
              file, kept open or released
  address     {"gateway","from","to"}: another public IP address, or none
  name        as in “name show”, when the host name points elsewhere
  paused, resumed
  tried       {"profiles"}: made with the simulated router, not yet kept`,
  },
  {
    name: 'status',
    group: 'See what is open:',
    summary: 'show which ports are open, and on which router',
    run: lazily(async () => (await import('./command-status.ts')).status),
    help: `
With --json, one value: {"running","paused","open","refused","waiting",
  "gateways","profiles","holds","problems","name","window"}, as in discover,
  profile list and name show; "holds": ports opened by a command or a file:
  {"name","from","label","since","mappings"}; window is its address for a
  browser on this computer, or null.`,
  },
  {
    name: 'probe',
    group: 'See what is open:',
    usage: '[options] [PROFILE|PORT...]',
    summary: 'test from outside which open ports can be reached',
    takes: [['[profile...]', 'profiles or ports such as 25565/tcp; everything open by default']],
    run: lazily(async () => (await import('./command-probe.ts')).probe),
    help: `
Asks a probe server outside your home to try the open ports. Where no program is
listening, Portkeeper answers in its place, so that you learn whether the router
or the program is the cause. Of a range, the first and the last port are tried.

You choose the server; nothing is sent to anyone otherwise:
  portkeeper probe-server                         on a computer outside
  portkeeper settings set probeServer ADDRESS     here
  portkeeper settings set probeSecretFile FILE    if the server has a secret

Examples:
  portkeeper probe
  portkeeper probe minecraft
  portkeeper probe 25565/tcp --json

With --json, one value per port: {"forward","profile","label","transport",
  "family","externalPort","internalClient","internalPort","verdict","short",
  "what","todo","at"}, with "door", "why", "seen" and "reported" as they apply.
  verdict: reachable, no-program, elsewhere, unanswered, shut or untested
The exit code is 0 if every port is reachable, 6 if some are, 1 if none is.`,
  },
  {
    name: 'watch',
    group: 'See what is open:',
    summary: 'show changes as they happen, until Ctrl-C',
    run: lazily(async () => (await import('./command-status.ts')).watch),
    help: `
Until Ctrl-C, or until the running Portkeeper quits.

With --json: the events of “serve”, after watching {"profiles"}.`,
  },
  {
    name: 'retry',
    group: 'Open ports:',
    summary: 'retry ports that were refused or are waiting',
    run: lazily(async () => (await import('./command-status.ts')).retry),
    help: `
Portkeeper retries automatically after a while; this retries now.

With --json: {"event":"retrying"}.`,
  },
  {
    name: 'activity',
    group: 'See what is open:',
    summary: 'show what happened, latest last',
    options: [new Option('--last <COUNT>', 'number of entries').default('40'), new Option('--clear', 'clear the list')],
    run: lazily(async () => (await import('./command-status.ts')).activity),
    help: `
Ports opened, lost or refused, router restarts, address changes: recorded while
the app or “portkeeper serve” runs, and kept for at least a week.

Examples:
  portkeeper activity
  portkeeper activity --last 500 --json
  portkeeper activity --clear

With --json, one value per entry: {"event","at","text"}, and details such as
"gateway", "name", "external", "problem", "from", "to".`,
  },
  {
    name: 'approve',
    group: 'Open ports:',
    summary: 'allow opening ports on the current network',
    run: lazily(async () => (await import('./command-status.ts')).approve),
    help: `
Needed only if the settings restrict Portkeeper to approved networks, as for a
laptop that travels: portkeeper settings set onlyApprovedNetworks on

With --json: {"event":"approved","networks"}.`,
  },
  {
    name: 'with',
    group: 'Open ports:',
    usage: '[options] PROFILE -- COMMAND...',
    summary: 'keep a profile’s ports open while a command runs',
    takes: [PROFILE, ['[command...]', 'command to run']],
    options: [YES],
    run: lazily(async () => (await import('./command-with.ts')).withProfile),
    help: `
Opens the ports, runs the command, and closes them when it ends. Its exit code
and signals are passed on. Ports that can’t be opened are reported; the command
runs anyway.

PROFILE is a profile’s id or name. If there is none by that name, a preset with
that id or name is used, without adding a profile.

Examples:
  portkeeper with minecraft -- java -jar server.jar
  portkeeper with minecraft -- %command%       launch options in a game launcher

Standard output is the command’s. With --json, Portkeeper writes to standard
error: {"event":"held","profile"}, or "mappings" for a preset.`,
  },
  {
    name: 'settings',
    group: 'Profiles and settings:',
    usage: 'COMMAND [options]',
    summary: 'list and change settings',
    commands: [
      {
        name: 'list',
        summary: 'list all settings',
        run: lazily(async () => (await import('./command-settings.ts')).listSettings),
        help: `
With --json, one value: an object with all settings.`,
      },
      {
        name: 'get',
        usage: '[options] NAME',
        summary: 'print a setting',
        takes: [SETTING],
        run: lazily(async () => (await import('./command-settings.ts')).getSetting),
        help: `
With --json, one value: {"name","value"}.`,
      },
      {
        name: 'set',
        usage: '[options] NAME VALUE',
        summary: 'change a setting',
        takes: [SETTING, ['<value>', 'its new value, or default']],
        run: lazily(async () => (await import('./command-settings.ts')).setSetting),
        help: `
Changes take effect immediately. A value that is not allowed changes nothing.

Examples:
  portkeeper settings set onQuit keep
  portkeeper settings set exceptInterfaces wg0,tun0
  portkeeper settings set lease default
  portkeeper settings set addressCommand "/usr/local/bin/announce --quiet"

addressCommand is the full path of a program and its arguments; there is no
shell. It runs once when you set it, and then whenever the public address
changes, for at most a minute. What it prints goes to the log. It finds in its
environment, empty where unknown:
  PORTKEEPER_IPV4, PORTKEEPER_OLD_IPV4   the router’s public address
  PORTKEEPER_IPV6, PORTKEEPER_OLD_IPV6   this computer’s public address
  PORTKEEPER_ROUTER                      the router’s name
  PORTKEEPER_NAME                        dnsName

With --json: {"event":"changed","name","value"}.`,
      },
    ],
    help: `
The settings of the app and of “portkeeper serve”, for machines without a
desktop.

Examples:
  portkeeper settings list
  portkeeper settings get protocol
  portkeeper settings set onlyApprovedNetworks on`,
  },
  {
    name: 'name',
    group: 'Profiles and settings:',
    usage: 'COMMAND [options]',
    summary: 'host name that points to you, kept up to date by dynamic DNS',
    commands: [
      {
        name: 'show',
        summary: 'show where the name points to, and when it was updated',
        run: lazily(async () => (await import('./command-name.ts')).showName),
        help: `
With --json, one value: {"name","provider","at","pointsTo","updatedAt","nextAt",
"secret"}; “at” is given, incomplete, waiting, updating, current, retrying or
refused, and “missing” says what is incomplete.`,
      },
      {
        name: 'update',
        summary: 'update now, also after the provider refused',
        run: lazily(async () => (await import('./command-name.ts')).updateName),
        help: `
Portkeeper updates the name when the public address changes, and keeps to the
provider’s rules: after a wrong password nothing is sent until you change
something, after a failure on their side it waits half an hour and longer.

With --json: {"event":"updating"}.`,
      },
      {
        name: 'password',
        summary: 'store the password, token or update URL of the provider',
        options: [new Option('--remove', 'remove it')],
        run: lazily(async () => (await import('./command-name.ts')).setPassword),
        help: `
Asks for it, or reads a line from standard input. It is kept in this computer’s
keyring, or where there is none in a file that only you can read, and never
shown, exported or logged. It belongs to the provider that is set: to another
server it is never sent.

Examples:
  portkeeper name password
  portkeeper name password < token.txt

With --json: {"event":"stored","place"}, system or file; or {"event":"removed"}.`,
      },
    ],
    help: `
Friends reach you by the name, whatever your address is; Portkeeper shows it in
place of the address. If your router keeps a name up to date, set dnsName alone.

Examples:
  portkeeper settings set dynamicDns duckdns
  portkeeper settings set dnsName myhome.duckdns.org
  portkeeper name password
  portkeeper name show

Providers: desec, duckdns, cloudflare, no-ip, dynu, dyn, dy-fi, he, ovh, strato;
dyndns2 for any other that speaks that protocol (set dnsServer), and url for one
that gives you a web address to open: store it with “name password”, and write
{ipv4}, {ipv6} or {ip} where the address belongs. From no-ip on, all but he and
url need dnsUser. IPv6: portkeeper settings set dnsAddresses both
RFC 2136 isn’t among them: no well-kept library signs it (TSIG). Run nsupdate
instead when the address changes: portkeeper settings set addressCommand PROGRAM`,
  },
  {
    name: 'service',
    group: 'Profiles and settings:',
    usage: 'COMMAND [options]',
    summary: 'run Portkeeper in the background, without a desktop',
    commands: [
      {
        name: 'install',
        summary: 'let the system start “portkeeper serve” and keep it running',
        options: [
          ...LEVEL,
          new Option('--yes', 'don’t ask'),
          new Option('--no-window', 'don’t serve the window'),
          new Option('--window-port <PORT>', 'port of the window'),
        ],
        run: lazily(async () => (await import('./command-service.ts')).installService),
        help: `
Shows what it will write and run before anything changes. Options of “serve”,
such as --data-dir or --no-window, are passed on to it. Install again to change
them, or after moving Portkeeper.

Without --system it runs as you. On Linux it starts with the computer and keeps
running when you log out (loginctl enable-linger).

Examples:
  portkeeper service install
  portkeeper service install --window-port 9000 --yes
  sudo portkeeper service install --system --as minecraft`,
      },
      {
        name: 'status',
        summary: 'show whether the service is installed and running',
        options: LEVEL,
        run: lazily(async () => (await import('./command-service.ts')).serviceStatus),
        help: '',
      },
      {
        name: 'remove',
        summary: 'stop and remove the service',
        options: LEVEL,
        run: lazily(async () => (await import('./command-service.ts')).removeService),
        help: '',
      },
    ],
    help: `
For machines without a desktop: the system starts “portkeeper serve”, and again
if it fails. Uses systemd on Linux, launchd on macOS and Task Scheduler on
Windows.

Examples:
  portkeeper service install
  sudo portkeeper service install --system
  portkeeper service status
  portkeeper service remove

With --json, one value: {"event":"service","state","manager","file"}; the state
is running, stopped, failed or "not installed". The exit code of status is 0
only if it is running.`,
  },
];

const PROFILE_SWITCH_HELP = `
With --json: {"event":"switched","running","profile"}, as in profile show.`;

export const PROFILE_COMMANDS: readonly CommandEntry[] = [
  {
    name: 'list',
    summary: 'list profiles and their open ports',
    run: lazily(async () => (await import('./command-profile.ts')).list),
    help: `
With --json, one value: {"running","profiles":[{"id","name","on","held",
  "forwards","mappings"}]}; mappings are as in “open”.`,
  },
  {
    name: 'show',
    usage: '[options] PROFILE',
    summary: 'show a profile and its ports',
    takes: [PROFILE],
    run: lazily(async () => (await import('./command-profile.ts')).show),
    help: `
With --json, one value: {"id","name","on","held","forwards","mappings"}.`,
  },
  {
    name: 'on',
    usage: '[options] PROFILE',
    summary: 'switch a profile on',
    takes: [PROFILE],
    options: [new Option('--for <TIME>', 'switch it off again after a time, such as 90m, 3h or 2d'), YES],
    run: lazily(async () => (await import('./command-profile.ts')).switchOn),
    help: PROFILE_SWITCH_HELP,
  },
  {
    name: 'when',
    usage: '[options] PROFILE RULE...',
    summary: 'choose when a profile that is on is open',
    takes: [PROFILE, ['<rule...>', 'always, listening, running PROGRAM, or 18:00-23:30 DAYS']],
    run: lazily(async () => (await import('./command-profile.ts')).when),
    help: `
  always            as long as the profile is on
  listening         while a program on this computer listens on its port
  running PROGRAM   while a program with this file name runs on this computer
  18:00-23:30 DAYS  at these hours; every day if DAYS is left out

A profile that is on and waits for its condition is “standing by”. It opens at
once, and closes when the condition has been over for a moment, so a quick
restart of a server doesn’t close its ports.

Examples:
  portkeeper profile when minecraft listening
  portkeeper profile when minecraft running java
  portkeeper profile when minecraft 18:00-01:00 fri,sat
  portkeeper profile when minecraft always

With --json: {"event":"changed","id","opensWhile"}.`,
  },
  {
    name: 'off',
    usage: '[options] PROFILE',
    summary: 'switch a profile off',
    takes: [PROFILE],
    run: lazily(async () => (await import('./command-profile.ts')).switchOff),
    help: PROFILE_SWITCH_HELP,
  },
  {
    name: 'add',
    usage: '[options] NAME PORTS...',
    summary: 'add a profile',
    takes: [
      ['[name]', 'such as Minecraft'],
      ['[ports...]', 'such as 25565/tcp'],
    ],
    options: [PRESET, new Option('--on', 'switch it on'), ...FORWARD_OPTIONS, YES],
    run: lazily(async () => (await import('./command-profile.ts')).add),
    help: `
Ports are written as for “open”; see: portkeeper open --help
--preset adds what a program needs, alone or along with PORTS; NAME may then be
left out. To find one: portkeeper presets
You are asked the same questions as with “open”; --yes skips them.

Examples:
  portkeeper profile add Minecraft 25565/tcp
  portkeeper profile add --preset minecraft --on
  portkeeper profile add "Web server" 80,443/tcp@192.168.1.20 --on

With --json: {"event":"added","id"}; with --on also the event of profile on.`,
  },
  {
    name: 'use-port',
    usage: '[options] PROFILE[/N] PORT',
    summary: 'use another external port',
    takes: [
      ['<profile>', 'profile and number of the port, such as minecraft/2'],
      ['<port>', 'external port, such as 25566; the first one of a range'],
    ],
    options: [YES],
    run: lazily(async () => (await import('./command-profile.ts')).usePort),
    help: `
The internal port stays the same; a range keeps its length. N is the number of
the line in “profile show”; leave it out if there is only one.

Examples:
  portkeeper profile use-port minecraft 25566
  portkeeper profile use-port minecraft/2 19133

With --json: {"event":"changed","forward","external"}, then as for profile on.`,
  },
  {
    name: 'remove',
    usage: '[options] PROFILE',
    summary: 'remove a profile',
    takes: [PROFILE],
    run: lazily(async () => (await import('./command-profile.ts')).remove),
    help: `
Its open ports are closed.

With --json: {"event":"removed","id"}.`,
  },
  {
    name: 'keep',
    usage: '[options] [PROFILE...]',
    summary: 'keep profiles made with the simulated router',
    takes: [['[profile...]', 'id or name; all by default']],
    options: [new Option('--none', 'discard them all')],
    run: lazily(async () => (await import('./command-profile.ts')).keepTried),
    help: `
Profiles added or changed while the simulated router is in use are kept apart
from yours and never open on a real router. This adds them to yours, switched
off. The ones you don’t keep are back with the next --demo.

Examples:
  portkeeper profile keep
  portkeeper profile keep minecraft
  portkeeper profile keep --none

With --json: {"event":"kept","profiles"}, or {"event":"discarded","profiles"}.`,
  },
  {
    name: 'import',
    usage: '[options] FILE',
    summary: 'import profiles from a file',
    takes: [['<file>', 'or - for standard input']],
    options: [new Option('--replace', 'replace all profiles and settings'), YES],
    run: lazily(async () => (await import('./command-profile.ts')).importFile),
    help: `
FILE is an export of Portkeeper or an upnp-daemon port list (CSV or JSON; the
format is detected automatically), or - for standard input. If it has a mistake,
nothing is imported, and its place is reported. A port list becomes one profile,
named after the file. Imported profiles are switched off. You are asked the same
questions as with “open”; --yes skips them.

With --json: {"event":"imported","mode","profiles"}, with "left" if parts of a
list can’t be imported.`,
  },
  {
    name: 'export',
    usage: '[options] [FILE]',
    summary: 'export all profiles and settings',
    takes: [['[file]', 'standard output by default']],
    options: [new Option('--format <FORMAT>', 'portkeeper, or csv or json for upnp-daemon').default('portkeeper')],
    run: lazily(async () => (await import('./command-profile.ts')).exportFile),
    help: `
Writes all profiles and settings as JSON. With --format csv or json, writes the
ports as an upnp-daemon list; anything such a list can’t include is reported on
standard error.

With --json: the document on one line, {"text","left"} for a list, or
{"event":"exported","file"}.`,
  },
];
