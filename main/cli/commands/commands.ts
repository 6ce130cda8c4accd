/** The commands as data, each with its help: examples, and what `--json` prints. Lines of help fit 80 columns. */
import { Option } from 'commander';
import { personalityNames } from '../../simulator/personalities/personalities.ts';
import { defaultPidFile } from '../daemon.ts';
import type { CommandEntry } from '../options/global-options.ts';
import { FORWARD_OPTIONS, YES } from '../options/port-spec.ts';
import { close } from './command-close.ts';
import { demoRouter } from './command-demo-router.ts';
import { discover, externalAddress, list } from './command-look.ts';
import { open } from './command-open.ts';
import { presets } from './command-presets.ts';
import { run } from './command-run.ts';
import { PROFILE_COMMANDS, SERVICE_COMMANDS } from './profile-commands.ts';

export const MAIN_HELP = `
First steps:
  portkeeper discover              is there a router, and does it open ports?
  portkeeper open 25565/tcp        open a port until Ctrl-C
  portkeeper open --preset plex    what a known program needs
  portkeeper list                  what is open, and whose it is
  portkeeper open --help           more about a command

Ports that belong together, with one switch:
  portkeeper profile add Minecraft 25565/tcp --on
  portkeeper serve                 hold what is switched on until Ctrl-C
  portkeeper with minecraft -- java -jar server.jar

No router at hand? "portkeeper demo-router" simulates one on this computer.

Exit codes:
  0    done
  1    refused, or it could not be done
  2    a mistake in the command line or in a list of ports; nothing was changed
  3    no network, no router, or none that opens ports
  4    another Portkeeper is serving the profiles, or has the same pid file
  5    a file or folder could not be read or written
  6    a part is open, a part is not
  130  ended by Ctrl-C before it was done

Results go to standard output, everything else to standard error. With --json,
standard output has JSON only, one value a line; a failure is a line
{"event":"error","message":…,"exitCode":…}.`;

/** Of an option that may be repeated. */
const listed = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

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
    summary: 'show your routers, what they speak, and your address on the internet',
    run: discover,
    help: `
Examples:
  portkeeper discover
  portkeeper discover --gateway 192.168.1.1
  portkeeper discover --gateway http://192.168.1.1:5000/rootDesc.xml
  portkeeper discover --protocol natpmp --interface wg0

With --json, one value:
  {"gateways":[{"name","model","address","interface","localAddress",
    "externalAddress","isDefault","reachable","protocols":[{"protocol",
    "foundBy","foundInMs","detail"}]}],"problems":[{"code","what","why",
    "todo"}],"ms"}`,
  },
  {
    name: 'open',
    usage: '[options] [PORTS...]',
    summary: 'open ports and keep them open until Ctrl-C',
    takes: [['[ports...]', 'such as 25565/tcp']],
    options: [
      new Option('--preset <NAME>', 'what a known program needs, such as minecraft; may be repeated').argParser(listed),
      ...FORWARD_OPTIONS,
      new Option('--keep', 'leave the ports open at the end'),
      new Option('--once', 'open, leave the ports open, and end at once'),
      new Option('--wait', 'wait for a router that is not there yet'),
      YES,
      new Option(
        '--check-url <URL>',
        'ask this port checker on the web whether traffic arrives; {port}, {transport} and {address} are filled in',
      ),
      new Option('--check-insecure', 'ask it over http, which others on the way can read and change'),
      new Option('--check-every <SECONDS>', 'how long its answer counts').default('600'),
    ],
    run: open,
    help: `
Ports are written OUTSIDE[-LAST][:INSIDE][/tcp|/udp|/both][@HOST].
Without a protocol, both TCP and UDP are opened. --preset opens what a program
needs, in the place of PORTS or beside them; portkeeper presets knows them.

If Portkeeper is already running (the app, "portkeeper serve", or "open" in
another terminal), the ports are opened there, and close when this command ends.
--gateway then names a router that it has found; --interface, --protocol and
--check-url are not possible, because its settings apply. When it quits, this
command keeps its ports open itself.
A range of more than 64 ports is opened after a question, or with --yes.

Examples:
  portkeeper open 25565/tcp                Minecraft, until Ctrl-C
  portkeeper open 34197/udp 8080:80/tcp    outside 8080 leads to 80 inside
  portkeeper open 27015-27020/udp          a range
  portkeeper open 443/tcp@192.168.1.20     to another computer in your home
  portkeeper open 25565 --any-port         the next free one if it is taken
  portkeeper open 25565/tcp --once         open, leave it so, and end
  portkeeper open --preset factorio        the ports of a known program

With --json, a value for each thing that happens, by its "event":
  mapping     something new about a port: {"status","transport","wantedPort",
              "externalPort","externalAddress","internalPort","protocol",
              "expiresAt","problem"}
  problem     {"code","severity","what","why","todo"}
  ready       all are open, refused or waiting: {"open","refused","waiting"}
  closed      {"transport","wantedPort"}
  not-closed  the router did not confirm it: {"mayBeOpenUntil"}`,
  },
  {
    name: 'presets',
    usage: '[options] [QUERY...]',
    summary: 'find the ports that well-known programs need',
    takes: [['[query...]', 'a part of a name, or a port']],
    options: [new Option('--json', 'results for programs: one JSON value a line')],
    isApart: true,
    run: presets,
    help: `
Without a QUERY all of them are listed. Several words must all be found. The
list has the ports that a program cannot do without; the one that QUERY names is
shown with its optional ports, a warning where one is due, and the source.

Examples:
  portkeeper presets minecraft
  portkeeper presets vpn
  portkeeper presets 27015/udp
  portkeeper open --preset minecraft --preset mumble 8080:80/tcp

With --json, a value for each:
  {"id","name","category","aliases","forwards":[{"label","transports",
    "external":{"first","last"},"internal":{"first"},"required"}],"note",
    "source":{"name","url"}}
The exit code is 1 when nothing is found.`,
  },
  {
    name: 'close',
    usage: '[options] [PORTS...]',
    summary: 'close ports that Portkeeper left open',
    takes: [['[ports...]', 'such as 25565/tcp']],
    options: [
      new Option('--all', 'everything that Portkeeper opened'),
      new Option('--anyway', 'also what other programs or devices opened'),
    ],
    run: close,
    help: `
Only what is provably Portkeeper's is closed: what it has on record, or what the
router lists with its mark and leads to this computer. With --anyway ports that
other programs or devices opened are closed, too, where the router allows it.

A port that is open from a terminal is released there when you name it. A port
that a profile keeps open stays open; the profile has a switch.

Examples:
  portkeeper close 25565/tcp
  portkeeper close 27015-27020/udp
  portkeeper close --all
  portkeeper close 3074/tcp --anyway

With --json: {"event":"done","closed","left","foreign"}, with "held" if a
profile or a terminal keeps some of them open, and a not-closed event for each
port of which the router did not confirm it.`,
  },
  {
    name: 'list',
    summary: 'list everything that is open on the router, and whose it is',
    run: list,
    help: `
The whole list of the router, other people's entries too; * marks those that
Portkeeper opened. PCP and NAT-PMP cannot list; UPnP can.

With --json, a value for each router ("mappings" is null where it cannot list):
  {"gateway","whole","mappings":[{"transport","externalPort","internalClient",
    "internalPort","description","enabled","leaseSeconds","remoteHost","ours"}]}`,
  },
  {
    name: 'external-address',
    summary: 'print your address on the internet, as the router tells it',
    run: externalAddress,
    help: `
Only the address is printed, so that scripts can use it:
  ssh "me@$(portkeeper external-address)"

With --json: {"externalAddress","gateway":{…}} as of discover.`,
  },
  {
    name: 'run',
    usage: '[options] --file FILE',
    summary: 'hold the ports that a file lists (in the place of upnp-daemon)',
    options: [
      new Option('-f, --file <FILE>', 'the list of ports, or - for standard input').makeOptionMandatory(),
      new Option('--format <FORMAT>', 'csv or json').default('csv'),
      new Option('-d, --csv-delimiter <CHARACTER>', 'what separates the fields of a CSV file').default(';'),
      new Option('-F, --foreground', 'do not go to the background'),
      new Option('-1, --oneshot', 'open once and end'),
      new Option('-n, --interval <SECONDS>', 'look at file and interfaces at least this often').default('60'),
      new Option('--close-ports-on-exit', 'close the ports at the end'),
      new Option('--only-close-ports', 'close the ports that the file lists, and end'),
      new Option('--pid-file <FILE>', 'absolute path; one instance for each').default(defaultPidFile()),
    ],
    run,
    help: `
The file is a CSV as of the Rust upnp-daemon, or with --format json an array of
objects with the same keys. It is read again when it changes; a mistake in it is
told with its line and column, and what was open before stays open.

  address;port;protocol;duration;comment
  192.168.0.10;12345;UDP;60;another computer
  ;12346;TCP;60;this computer
  192.168.0.0/24;12347;TCP;60;this computer, while it has an address in there

Examples:
  portkeeper run --file ports.csv                  in the background
  kill $(cat $XDG_RUNTIME_DIR/portkeeper.pid)      ends it
  portkeeper run --foreground --file ports.csv     for service managers
  portkeeper run --foreground --oneshot --file ports.csv
  generate | portkeeper run --foreground --file -
  portkeeper run --foreground --file ./-           a file called -

With --json: the events of "open", and file-applied {"entries"}, bad-file
{"message"}; in the background {"event":"background","pid","log"}.`,
  },
  ...SERVICE_COMMANDS,
  {
    name: 'profile',
    usage: 'COMMAND [options]',
    summary: 'look at and change profiles',
    commands: PROFILE_COMMANDS,
    help: `
A profile is a named set of ports with one switch. What is switched on is held
by "portkeeper serve"; while it runs, these commands talk to it, and on and off
wait until the ports are open or closed.

Examples:
  portkeeper profile add Minecraft 25565/tcp 19132/udp
  portkeeper profile on minecraft
  portkeeper profile list
  portkeeper profile export profiles.json`,
  },
  {
    name: 'demo-router',
    summary: 'run a simulated router on this computer, to try things out',
    options: [
      new Option('--like <HABITS>', 'what it is like, such as openwrt-secure or chunked,bare-lf').default('miniupnpd'),
      new Option('--http-port <PORT>', 'of its UPnP description; any free one when absent'),
      new Option('--pxp-port <PORT>', 'of PCP and NAT-PMP; any free one when absent'),
      new Option('--json', 'where it is reached, as JSON'),
      new Option('--log-level <LEVEL>', 'error, warn (the default), info, debug or trace; to standard error'),
    ],
    isApart: true,
    run: demoRouter,
    help: `
Your real router is not touched. Point the other commands at it with what it
prints, in a second terminal:
  portkeeper open 25565/tcp --gateway http://127.0.0.1:PORT/rootDesc.xml

With --json, one value: {"event":"ready","location","pxp","pxpPort"}.

It can be like these, several separated by commas:
${columns(personalityNames)}`,
  },
];
