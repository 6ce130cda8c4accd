/** Starting at login, by auto-launch; what it leaves out on each system is done here. */
import type AutoLaunch from 'auto-launch';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LoginItemFault } from '../../contract/problems.ts';
import { windowsTool } from '../../system/node/run-command.ts';

export class LoginItemError extends Error {
  readonly fault: LoginItemFault;

  constructor(fault: LoginItemFault, message: string) {
    super(message);
    this.name = 'LoginItemError';
    this.fault = fault;
  }
}

export interface LoginItem {
  /** As the system has it, or the person in the system's own settings. @throws Error */
  readonly state: () => Promise<LoginItemState>;
  /** @throws LoginItemError; an Error of the system */
  add(): Promise<void>;
  /** @throws Error */
  remove(): Promise<void>;
}

export interface LoginItemOptions {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Path of the program, absolute. */
  readonly program: string;
  readonly run: RunTool;
}

/** Its name among the login items. */
const NAME = 'Portkeeper';

/** An entry as one system has it. */
interface SystemEntry {
  readonly state: () => Promise<LoginItemState>;
  /** The program as it stands in the file, which auto-launch writes as it is given. */
  readonly text?: string;
  /** auto-launch knows `~/.config` and `~/Library` alone, and looks up `~` once. */
  readonly folder?: string;
  /** Completes what auto-launch leaves out. @throws Error */
  readonly complete?: () => Promise<void>;
}

export function createLoginItem(options: LoginItemOptions): LoginItem {
  const { platform, program } = options;
  const entries = { win32: registryEntry, darwin: launchAgent } as const;
  const make = platform === 'win32' || platform === 'darwin' ? entries[platform] : autostartEntry;
  const { state, text = program, folder, complete } = make(options);
  const launch = async (): Promise<AutoLaunch> => {
    // Newlines end an entry's line, whatever is done about the rest.
    if (/\p{Cc}/u.test(program)) throw new LoginItemError('path', 'the path of the program cannot be written down');
    const { default: Launch } = await import('auto-launch');
    // A launch agent: the other way, by System Events, makes macOS ask for a permission.
    const made = new Launch({ name: NAME, path: program, isHidden: true, mac: { useLaunchAgent: true } });
    // It calls the entry after the file, which for an AppImage has the version in its name.
    Object.assign(made.opts, { appName: NAME, appPath: text });
    if (folder === undefined) return made;
    const api: unknown = Object.create(made.api, { getDirectory: { value: () => `${folder}${path.sep}` } });
    return Object.assign(made, { api });
  };
  return {
    state,
    async add() {
      await (await launch()).enable();
      await complete?.();
      if ((await state()) !== 'here')
        throw new LoginItemError('not-kept', 'the entry did not become what it should be');
    },
    async remove() {
      // On Windows in other languages than English it fails when there is none.
      if ((await state()) !== 'absent') await (await launch()).disable();
    },
  };
}

/** XDG Base Directory 0.8, which ignores relative values. */
function configFolder({ env, home }: LoginItemOptions): string {
  const configured = env['XDG_CONFIG_HOME'];
  return configured !== undefined && path.isAbsolute(configured) ? configured : path.join(home, '.config');
}

/** Text between tags, in XML and in what panels draw of notifications. */
export const xmlText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Launch agents (launchd.plist(5)), as auto-launch writes them. */
function launchAgent({ home, program }: LoginItemOptions): SystemEntry {
  const folder = path.join(home, 'Library', 'LaunchAgents');
  const wanted = `<array><string>${xmlText(program)}</string><string>${HIDDEN}</string></array>`;
  return {
    folder,
    text: xmlText(program),
    async state() {
      const text = (await textOf(path.join(folder, `${NAME}.plist`)))?.replaceAll(/>\s+</g, '><');
      if (text === undefined || text.includes('<key>Disabled</key><true/>')) return 'absent';
      return text.includes(`<key>ProgramArguments</key>${wanted}`) ? 'here' : 'elsewhere';
    },
  };
}

// Autostart entries of freedesktop.org (Desktop Entry Specification 1.5, Autostart Specification 0.5).

/**
 * One argument of `Exec`, quoted: a path may hold blanks and worse. First as an argument, then as a string of the file
 * (which doubles backslashes), and `%` stands for itself only when doubled.
 */
function execArgument(text: string): string {
  const argument = `"${text.replaceAll(/["`$\\]/g, '\\$&')}"`;
  return argument.replaceAll('\\', '\\\\').replaceAll('%', '%%');
}

/** As in electron-builder.yml. */
const PRESENTATION = `Comment=Keeps the ports you need open on your home router
Comment[de]=Hält die Ports offen, die du auf deinem Router brauchst
Icon=portkeeper-desktop`;

function autostartEntry(options: LoginItemOptions): SystemEntry {
  const folder = path.join(configFolder(options), 'autostart');
  const file = path.join(folder, `${NAME}.desktop`);
  const text = execArgument(options.program);
  return {
    folder,
    text,
    async complete() {
      const written = (await textOf(file)) ?? '';
      await writeFile(file, `${written.replace(/^Comment=.*$/m, PRESENTATION)}\n`);
    },
    async state() {
      const values = entryOf(await textOf(file));
      if (values === undefined || values.get('Hidden') === 'true') return 'absent';
      // Switched off in GNOME's own settings.
      if (values.get('X-GNOME-Autostart-enabled') === 'false') return 'absent';
      return values.get('Exec') === `${text} ${HIDDEN}` ? 'here' : 'elsewhere';
    },
  };
}

function entryOf(text: string | undefined): ReadonlyMap<string, string> | undefined {
  if (text === undefined) return undefined;
  const values = new Map<string, string>();
  let isEntry = false;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[')) isEntry = trimmed === '[Desktop Entry]';
    const at = trimmed.indexOf('=');
    if (isEntry && at > 0 && !trimmed.startsWith('#')) {
      values.set(trimmed.slice(0, at).trim(), trimmed.slice(at + 1).trim());
    }
  }
  return values;
}

/** The "Run" key of the person's registry. */
const CURRENT = 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion';
const RUN = `${CURRENT}\\Run`;
/** The person's switch in Task Manager or in the settings. */
const APPROVED = `${CURRENT}\\Explorer\\StartupApproved\\Run`;

/** Prints what a tool of the system says. @throws when it fails */
type RunTool = (file: string, args: readonly string[]) => Promise<string>;

function registryEntry({ program, run, env }: LoginItemOptions): SystemEntry {
  const reg = windowsTool('reg.exe', env);
  /** `undefined` when there is none: `reg` fails then. */
  const valueOf = async (key: string, type: string): Promise<string | undefined> => {
    const printed = await run(reg, ['query', key, '/v', NAME]).catch(() => '');
    const line = printed.split(/\r?\n/).find((one) => one.trim().startsWith(`${NAME} `));
    const at = line?.indexOf(type) ?? -1;
    return at < 0 ? undefined : line?.slice(at + type.length).trim();
  };
  /** The first byte is odd: switched off there. */
  const isSwitchedOff = async (): Promise<boolean> =>
    /^[\da-f][13579bdf]/i.test((await valueOf(APPROVED, 'REG_BINARY')) ?? '');
  return {
    async complete() {
      if (await isSwitchedOff()) await run(reg, ['delete', APPROVED, '/v', NAME, '/f']);
    },
    async state() {
      const value = await valueOf(RUN, 'REG_SZ');
      if (value === undefined) return 'absent';
      if (await isSwitchedOff()) return 'absent';
      return isSame(value, `"${program}" ${HIDDEN}`) ? 'here' : 'elsewhere';
    },
  };
}

/** `reg` prints in the console's old code page: letters outside ASCII are not distinguished. */
function isSame(printed: string, wanted: string): boolean {
  const pattern = wanted
    .split(/[^\u0020-\u007e]+/)
    .map((part) => part.replaceAll(/[^\w]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${pattern}$`).test(printed);
}

/** `elsewhere`: there is an entry, but it starts something else, as after an update that moved the program. */
export type LoginItemState = 'absent' | 'here' | 'elsewhere';

/** The entry's option for the program: it starts without its window. */
export const HIDDEN = '--hidden';

/** @throws Error when it is there and cannot be read */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
