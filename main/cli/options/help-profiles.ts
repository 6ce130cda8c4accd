/** Help texts of the commands about profiles, as in `help.ts`. Lines fit 80 columns. */

export const SERVE_HELP = `
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
  tried       {"profiles"}: made with the simulated router, not yet decided`;

export const SERVICE_HELP = `
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
only while it is running.`;

export const SERVICE_INSTALL_HELP = `
What it writes and runs is shown before anything changes. Options that "serve"
has, such as --data-dir or --no-window, are passed on to it. Install again to
change them, or after Portkeeper has moved.

Without --system it runs as you. On Linux it starts with the computer and stays
when you log out (loginctl enable-linger).

Examples:
  portkeeper service install
  portkeeper service install --window-port 9000 --yes
  sudo portkeeper service install --system --as minecraft`;

export const STATUS_HELP = `
With --json, one value: {"running","paused","open","refused","waiting",
  "gateways","profiles","holds","problems","window"}, each as of discover and
  profile list; holds are ports opened from a terminal or a file: {"name",
  "from","label","since","mappings"}; window is its address for a browser on
  this computer, or null.`;

export const WATCH_HELP = `
Until Ctrl-C, or until the Portkeeper that is running ends.

With --json: the events of "serve", after watching {"profiles"}.`;

export const ACTIVITY_HELP = `
Opened, renewed, lost, refused, the router restarted, its address changed: as
noted while "portkeeper serve" or the application runs, for a week and more.

Examples:
  portkeeper activity
  portkeeper activity --last 500 --json
  portkeeper activity --clear

With --json, a value for each entry: {"event","at","text"}, and what else there
is to say, such as "gateway", "name", "external", "problem", "from", "to".`;

export const RETRY_HELP = `
Portkeeper asks again by itself, but with patience; this asks now.

With --json: {"event":"retrying"}.`;

export const APPROVE_HELP = `
Needed only where the settings say that ports are opened on approved networks
alone, as for a laptop that travels.

With --json: {"event":"approved","networks"}.`;

export const PROFILE_HELP = `
A profile is a named set of ports with one switch. What is switched on is held
by "portkeeper serve"; while it runs, these commands talk to it, and on and off
wait until the ports are open or closed.

Examples:
  portkeeper profile add Minecraft 25565/tcp 19132/udp
  portkeeper profile on minecraft
  portkeeper profile list
  portkeeper profile export profiles.json`;

export const PROFILE_LIST_HELP = `
With --json, one value: {"running","profiles":[{"id","name","on","held",
  "forwards","mappings"}]}; mappings are as of "open".`;

export const PROFILE_SHOW_HELP = `
PROFILE is an id or a name.

With --json, one value: {"id","name","on","held","forwards","mappings"}.`;

export const PROFILE_SWITCH_HELP = `
PROFILE is an id or a name.

With --json: {"event":"switched","running","profile"}, as of profile show.`;

export const PROFILE_ADD_HELP = `
Ports are written as for "open"; see: portkeeper open --help
A range of more than 64 ports is added after a question, or with --yes.

Examples:
  portkeeper profile add Minecraft 25565/tcp
  portkeeper profile add "Web server" 8080:80/tcp@192.168.1.20 --on

With --json: {"event":"added","id"}, with --on also the event of profile on.`;

export const PROFILE_USE_PORT_HELP = `
The inside port stays as it is; a range keeps its length. N counts the lines of
"profile show"; it may be left out where there is one only.

Examples:
  portkeeper profile use-port minecraft 25566
  portkeeper profile use-port minecraft/2 19133

With --json: {"event":"changed","forward","external"}, then as of profile on.`;

export const PROFILE_REMOVE_HELP = `
PROFILE is an id or a name. What it held open is closed.

With --json: {"event":"removed","id"}.`;

export const PROFILE_KEEP_HELP = `
What you add or change while the simulated router is in use is kept apart from
your profiles and never opens on a real router. This adds it to them, switched
off. What you don't keep is there again with the next --demo.

Examples:
  portkeeper profile keep
  portkeeper profile keep minecraft
  portkeeper profile keep --none

With --json: {"event":"kept","profiles"}, or {"event":"discarded","profiles"}.`;

export const PROFILE_IMPORT_HELP = `
FILE is what "profile export" wrote, or a list of ports of upnp-daemon (CSV or
JSON; what it is, is told by its content), or - for standard input. It is taken
whole, or refused with the place of the mistake. A list becomes one profile that
is called after the file. What is added is switched off. Ranges of more than 64
ports are imported after a question, or with --yes.

With --json: {"event":"imported","mode","profiles"}, with "left" when something
of a list cannot be said by a profile.`;

export const PROFILE_EXPORT_HELP = `
All profiles and settings as JSON, to FILE or to standard output. With --format
csv or json the ports as a list of upnp-daemon; what such a list cannot say, is
told on standard error.

With --json: the document on one line, {"text","left"} for a list, or
{"event":"exported","file"}.`;

export const WITH_HELP = `
Opens the profile's ports, runs the command, and closes them when it has ended,
however it ends. Its exit code and signals are passed on. A port that cannot be
opened is told, and does not keep the command from running.

Examples:
  portkeeper with minecraft -- java -jar server.jar
  portkeeper with minecraft -- %command%        as start option in a launcher

Standard output is the command's. With --json, what Portkeeper says goes to
standard error: {"event":"held","profile"}.`;
