/** The commands as data, each with its help: examples, and what `--json` prints. Lines of help fit 80 columns. */
import { Option } from 'commander';
import { PROBE_PORT } from '../../contract/probe.ts';
import { personalityNames } from '../../simulator/personalities/personalities.ts';
import { defaultPidFile } from '../../system/node/files/data-folder.ts';
import { FORWARD_OPTIONS, lazily, PRESET, YES, type CommandEntry } from '../options/global-options.ts';
import { PROFILE_COMMANDS, SERVICE_COMMANDS } from './profile-commands.ts';

export const MAIN_HELP = `
Exit codes:
  0    done
  1    refused, or failed
  2    a mistake in the command line or in a list of ports; nothing was changed
  3    no network, no router, or none that opens ports to the internet
  4    another Portkeeper is serving the profiles, or uses the same pid file
  5    a file or folder can’t be read or written
  6    some ports are open, some are not
  130  stopped with Ctrl-C before it was done

Results go to standard output, everything else to standard error. With --json,
standard output has JSON only, one value per line; a failure is a line
{"event":"error","message":…,"exitCode":…}.

First steps:
  portkeeper discover              is there a router, and does it open ports?
  portkeeper open 25565/tcp        open a port until Ctrl-C
  portkeeper open --preset plex    open what a known program needs
  portkeeper list                  what is open, and who opened it
  portkeeper doctor                why can nobody connect?
  portkeeper open --help           more about a command

Ports that belong together, with one switch:
  portkeeper profile add Minecraft 25565/tcp --on
  portkeeper serve                 keep what is switched on open until Ctrl-C
  portkeeper with minecraft -- java -jar server.jar

No router at hand? “portkeeper demo-router” simulates one on this computer.`;

function columns(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const name of names) {
    if (line.length + name.length + 2 > 79) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${name}`;
  }
  return [...lines, line].join('\n');
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'discover',
    group: 'See what is open:',
    summary: 'show your routers, their protocols and your public IP',
    run: lazily(async () => (await import('./command-look.ts')).discover),
    help: `
Examples:
  portkeeper discover
  portkeeper discover --router 192.168.1.1
  portkeeper discover --router http://192.168.1.1:5000/rootDesc.xml
  portkeeper discover --protocol natpmp --interface wg0

With --json, one value:
  {"gateways":[{"name","model","address","interface","localAddress",
    "externalAddress","isDefault","reachable","protocols":[{"protocol",
    "foundBy","foundInMs","detail"}]}],"problems":[{"code","what","why",
    "todo"}],"ms"}`,
  },
  {
    name: 'doctor',
    group: 'See what is open:',
    summary: 'find out why nobody can connect, and what to do',
    options: [new Option('--mask', 'hide addresses and names, to show the result to others')],
    run: lazily(async () => (await import('./command-doctor.ts')).doctor),
    help: `
Checks this computer, its firewall and programs, the router and the line. The
first line is the cause; what else it explains is listed beneath it. Nothing is
changed: where no port is open, one is opened for a moment to see whether it
works. Exit code 0 means that no problem was found, 1 that there is one.

No server on the internet is asked, unless you choose a STUN server that says
which address it sees: portkeeper settings set stunServer stun.example.net

Examples:
  portkeeper doctor
  portkeeper doctor --mask > report.txt    to paste into a forum

With --json, one value:
  {"healthy","causes":[{"code","what","why","todo","symptoms":[…]}],
    "checks":[{"check","title","findings":[{"code","level","what","why",
    "todo"}]}],"ms"}`,
  },
  {
    name: 'open',
    group: 'Open ports:',
    usage: '[options] [PORTS...]',
    summary: 'open ports and keep them open until Ctrl-C',
    takes: [['[ports...]', 'such as 25565/tcp']],
    options: [
      PRESET,
      ...FORWARD_OPTIONS,
      new Option('--keep', 'keep the ports open after exit'),
      new Option('--once', 'open the ports and exit'),
      new Option('--wait', 'wait for a router if none is found'),
      YES,
      new Option(
        '--test <TESTER>',
        'probe server, or web address of a port checker, that tests whether traffic arrives; {port}, {transport} and {address} are filled in',
      ),
      new Option('--test-insecure', 'let the port checker use http, which others on the way can read and change'),
      new Option('--test-every <SECONDS>', 'seconds between two tests (default: 600)'),
      // As they were called before.
      new Option('--check-url <URL>').hideHelp(),
      new Option('--check-insecure').hideHelp(),
      new Option('--check-every <SECONDS>').hideHelp(),
    ],
    run: lazily(async () => (await import('./command-open.ts')).open),
    help: `
Ports are written EXTERNAL[-LAST][:INTERNAL][/tcp|/udp|/both][@HOST]. Without a
protocol, both TCP and UDP are opened. Commas make a list; a protocol or host
applies to the ports before it, too: 80,443,8000-8010/tcp
--preset opens what a program needs, alone or along with PORTS. To find one:
portkeeper presets

If Portkeeper is already running (the app, “portkeeper serve”, or “open” in
another terminal), it opens the ports, and closes them when this command exits.
--router then selects one of the routers it has found; --interface, --protocol
and --test aren’t available, because its own settings apply. If it quits,
this command keeps the ports open itself.
You are asked before ports that are often attacked, ranges of more than 64 ports
and devices outside your networks are opened; --yes skips that.

Examples:
  portkeeper open 25565/tcp                Minecraft, until Ctrl-C
  portkeeper open 34197/udp 8080:80/tcp    external 8080 to internal 80
  portkeeper open 27015-27020/udp          a range
  portkeeper open 443/tcp@192.168.1.20     to another computer in your home
  portkeeper open 80,443,8000-8010/tcp     a list
  portkeeper open 25565 --any-port         the next free port if it is taken
  portkeeper open 25565/tcp --once         open and exit
  portkeeper open --preset factorio        what a known program needs

With --json, one value per event:
  mapping     a port changed: {"status","transport","wantedPort",
              "externalPort","externalAddress","internalPort","protocol",
              "expiresAt","problem"}
  problem     {"code","severity","what","why","todo"}
  ready       nothing is under way any more: {"open","refused","waiting"}
  closed      {"transport","wantedPort"}
  not-closed  the router didn’t confirm it: {"mayBeOpenUntil"}`,
  },
  {
    name: 'presets',
    group: 'Open ports:',
    usage: '[options] [QUERY...]',
    summary: 'find the ports that well-known programs need',
    takes: [['[query...]', 'part of a name, or a port']],
    options: [new Option('--json', 'results for programs: one JSON value per line')],
    isApart: true,
    run: lazily(async () => (await import('./command-presets.ts')).presets),
    help: `
Without QUERY, every preset is listed; several words must all match. The list
shows the ports that a program requires. If QUERY is the name of a preset, its
optional ports, warnings and source are shown, too.

Examples:
  portkeeper presets minecraft
  portkeeper presets vpn
  portkeeper presets 27015/udp
  portkeeper open --preset minecraft --preset mumble 8080:80/tcp

With --json, one value per preset:
  {"id","name","category","aliases","forwards":[{"label","transports",
    "external":{"first","last"},"internal":{"first"},"required"}],"note",
    "source":{"name","url"}}
The exit code is 1 if nothing is found.`,
  },
  {
    name: 'close',
    group: 'Open ports:',
    usage: '[options] [PORTS...]',
    summary: 'close ports that Portkeeper opened',
    takes: [['[ports...]', 'such as 25565/tcp']],
    options: [
      new Option('--all', 'close everything Portkeeper opened'),
      new Option('--anyway', 'also close what other programs or devices opened'),
    ],
    run: lazily(async () => (await import('./command-close.ts')).close),
    help: `
Closes only what Portkeeper certainly opened: ports it has on record, or that
the router lists with its mark and forwards to this computer. --anyway also
closes what other programs or devices opened, if the router allows it.

A port kept open by a command in another terminal is released there if you name
it. A port that a profile keeps open stays open: switch the profile off instead.

Examples:
  portkeeper close 25565/tcp
  portkeeper close 27015-27020/udp
  portkeeper close --all
  portkeeper close 3074/tcp --anyway

With --json: {"event":"done","closed","left","foreign"}, with "held" if a
profile or a terminal keeps some of them open, and a not-closed event for each
port that the router did not confirm as closed.`,
  },
  {
    name: 'list',
    group: 'See what is open:',
    summary: 'list every open port on the router, and who opened it',
    run: lazily(async () => (await import('./command-look.ts')).list),
    help: `
The router’s whole list, including ports opened by others; * marks the ones that
Portkeeper opened. UPnP can list open ports; PCP and NAT-PMP can’t. Over IPv6 no
router lists them: what Portkeeper opened there is shown.

With --json, one value per router ("mappings" is null if it can’t list):
  {"gateway","whole","mappings":[{"family","transport","externalPort",
    "internalClient","internalPort","description","enabled","leaseSeconds",
    "remoteHost","ours"}]}`,
  },
  {
    name: 'external-address',
    group: 'See what is open:',
    summary: 'print the public IP address reported by the router',
    run: lazily(async () => (await import('./command-look.ts')).externalAddress),
    help: `
Prints the address only, for scripts:
  ssh "me@$(portkeeper external-address)"

With --json: {"externalAddress","gateway":{…}}, as in discover.`,
  },
  {
    name: 'run',
    group: 'Open ports:',
    usage: '[options] --file FILE',
    summary: 'keep the ports in a file open (replaces upnp-daemon)',
    options: [
      new Option('-f, --file <FILE>', 'the list of ports, or - for standard input').makeOptionMandatory(),
      new Option('--format <FORMAT>', 'csv or json').default('csv'),
      new Option('-d, --csv-delimiter <CHARACTER>', 'field separator of a CSV file').default(';'),
      new Option('-F, --foreground', 'stay in the foreground'),
      new Option('-1, --oneshot', 'open the ports and exit'),
      new Option('-n, --interval <SECONDS>', 'how often to check the file and the network interfaces').default('60'),
      new Option('--close-ports-on-exit', 'close the ports on exit'),
      new Option('--only-close-ports', 'close the ports in the file and exit'),
      new Option('--pid-file <FILE>', 'absolute path; one instance per pid file').default(
        defaultPidFile(),
        'portkeeper.pid in $XDG_RUNTIME_DIR',
      ),
      YES,
    ],
    run: lazily(async () => (await import('./command-run.ts')).run),
    help: `
FILE is a CSV file as used by the Rust upnp-daemon or, with --format json, an
array of objects with the same keys. Changes to it are applied immediately. If
it has a mistake, the line and column are reported and open ports stay as is.

  address;port;protocol;duration;comment
  192.168.0.10;12345;UDP;60;another computer
  ;12346;TCP;60;this computer
  192.168.0.0/24;12347;TCP;60;this computer, while it has an address in there

You are asked before ports that are often attacked and devices outside your
networks are opened; --yes skips that.

Examples:
  portkeeper run --file ports.csv                  in the background
  kill $(cat $XDG_RUNTIME_DIR/portkeeper.pid)      stops it
  portkeeper run --foreground --file ports.csv     for service managers
  portkeeper run --foreground --oneshot --file ports.csv
  generate | portkeeper run --foreground --file -
  portkeeper run --foreground --file ./-           a file named -

With --json: the events of “open”, file-applied {"entries"} and bad-file
{"message"}; in the background {"event":"background","pid","log"}.`,
  },
  ...SERVICE_COMMANDS,
  {
    name: 'profile',
    group: 'Profiles and settings:',
    usage: 'COMMAND [options]',
    summary: 'list, switch and change profiles',
    commands: PROFILE_COMMANDS,
    help: `
A profile is a named set of ports with one switch. The app or “portkeeper serve”
keeps the ports of profiles open that are switched on. While either runs, on and
off return once the ports are open or closed.

Examples:
  portkeeper profile add Minecraft 25565/tcp 19132/udp
  portkeeper profile on minecraft
  portkeeper profile list
  portkeeper profile export profiles.json`,
  },
  {
    name: 'sign-in',
    usage: '[options] [ROUTER]',
    summary: 'sign in to a router that asks for a password',
    takes: [['[router]', 'IP address; the router that asks, or the default router']],
    options: [new Option('--user <NAME>', 'user name on the router; some have none').default('')],
    run: lazily(async () => (await import('./command-sign-in.ts')).signIn),
    help: `
For routers that open ports only for programs that sign in (TR-064), such as a
FRITZ!Box without UPnP. Asks for the password, or reads a line from standard
input. It is kept in this computer’s keyring, or where there is none in a file
that only you can read, and sent to this router only, never as plain text. A
wrong one is sent once and not kept.

Examples:
  portkeeper sign-in --user alice
  portkeeper sign-in 192.168.178.1 --user alice < password.txt

With --json: {"event":"signed-in","router","state","place"}: the state is
accepted or untried, the place of the password system or file.`,
  },
  {
    name: 'sign-out',
    usage: '[options] [ROUTER]',
    summary: 'forget a router’s password',
    takes: [['[router]', 'IP address']],
    run: lazily(async () => (await import('./command-sign-in.ts')).signOut),
    help: `
With --json: {"event":"signed-out","router"}.`,
  },
  {
    name: 'demo-router',
    summary: 'simulate a router on this computer, to try things out',
    options: [
      new Option('--like <HABITS>', 'router behaviours to simulate, such as openwrt-secure or chunked,bare-lf').default(
        'miniupnpd',
      ),
      new Option('--http-port <PORT>', 'port of its UPnP description; any free port by default'),
      new Option('--pxp-port <PORT>', 'port of PCP and NAT-PMP; any free port by default'),
      new Option('--json', 'print its addresses as JSON'),
      new Option('--log-level <LEVEL>', 'error, warn (default), info, debug or trace; to standard error'),
    ],
    isApart: true,
    run: lazily(async () => (await import('./command-demo-router.ts')).demoRouter),
    help: `
Your real router is not touched. In a second terminal, point other commands at
the simulated one with the options it prints:
  portkeeper open 25565/tcp --router http://127.0.0.1:PORT/rootDesc.xml

With --json, one value: {"event":"ready","location","pxp","pxpPort"}.

Behaviours, several separated by commas:
${columns(personalityNames)}`,
  },
  {
    name: 'probe-server',
    summary: 'test ports from outside, for anyone who asks this computer',
    options: [
      new Option('--port <PORT>', 'TCP port to listen on').default(String(PROBE_PORT)),
      new Option('--secret-file <FILE>', 'serve only those who have the same file'),
      new Option('--json', 'results for programs: one JSON value per line'),
      new Option('--log-level <LEVEL>', 'error, warn (default), info, debug or trace; to standard error'),
    ],
    isApart: true,
    run: lazily(async () => (await import('./command-probe.ts')).probeServer),
    help: `
For a computer outside the homes that are to be tested: a rented server, or a
friend’s. It tries a port only at the address that the request came from, with
one small message or connection, and limits how often. See docs/probe.md.

Examples:
  portkeeper probe-server
  openssl rand -hex 16 > secret && portkeeper probe-server --secret-file secret
  portkeeper open 15351/tcp        at a friend’s, so that it can be reached

With --json: ready {"port","families","secret"}, and for each test
probe {"address","transport","port","outcome"}.`,
  },
  {
    name: 'completion',
    usage: 'SHELL',
    summary: 'print a script that completes commands in your shell',
    takes: [
      ['<shell>', 'bash, zsh, fish or powershell'],
      ['[words...]', 'for the script: the words typed so far'],
    ],
    run: (options, console, shell: string, words: readonly string[]) =>
      import('./command-completion.ts').then(({ completion }) => completion(COMMANDS, options, console, shell, words)),
    help: `
Completes commands, options, profiles, presets and settings. The script’s first
lines say where it belongs.

Examples:
  source <(portkeeper completion bash)
  portkeeper completion zsh > "\${fpath[1]}/_portkeeper"
  portkeeper completion fish > ~/.config/fish/completions/portkeeper.fish
  portkeeper completion powershell | Out-String | Invoke-Expression`,
  },
];
