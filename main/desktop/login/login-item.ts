/** Starting at login, by auto-launch; what it leaves out on each system is done here. */
import path from 'node:path';
import type AutoLaunch from 'auto-launch';
import type { LoginItemFault } from '../../contract/problems.ts';
import type { LoginEntry } from './login-entry.ts';
import { autostartEntry, execArgument } from './login-item-linux.ts';
import { launchAgent, xmlText } from './login-item-macos.ts';
import type { RunTool } from './login-item-windows.ts';
import { registryEntry } from './login-item-windows.ts';

export class LoginItemError extends Error {
  readonly fault: LoginItemFault;

  constructor(fault: LoginItemFault, message: string) {
    super(message);
    this.name = 'LoginItemError';
    this.fault = fault;
  }
}

export interface LoginItem extends LoginEntry {
  /** @throws LoginItemError; an Error of the system */
  add(): Promise<void>;
  /** @throws Error */
  remove(): Promise<void>;
}

export interface LoginItemOptions {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Of the program, absolute. */
  readonly program: string;
  readonly run: RunTool;
}

/** What it is called among the login items. */
const NAME = 'Portkeeper';

export function createLoginItem(options: LoginItemOptions): LoginItem {
  const { platform, home, program } = options;
  if (platform === 'win32') {
    const entry = registryEntry(NAME, program, options.run);
    return byAutoLaunch(program, { ...entry, mend: () => undefined });
  }
  if (platform === 'darwin') {
    const folder = path.join(home, 'Library', 'LaunchAgents');
    const agent = launchAgent(path.join(folder, `${NAME}.plist`), program);
    const mend = (launch: AutoLaunch): void => {
      launch.opts.appPath = xmlText(program);
      setFolder(launch, folder);
    };
    return byAutoLaunch(program, { ...agent, mend });
  }
  const folder = path.join(configFolder(options), 'autostart');
  const entry = autostartEntry(path.join(folder, `${NAME}.desktop`), program);
  const mend = (launch: AutoLaunch): void => {
    launch.opts.appPath = execArgument(program);
    setFolder(launch, folder);
  };
  return byAutoLaunch(program, { ...entry, mend });
}

interface EntryOfSystem extends LoginEntry {
  /** What auto-launch leaves out on this system. */
  readonly mend: (launch: AutoLaunch) => void;
  readonly approve?: () => Promise<void>;
}

function byAutoLaunch(program: string, { state, mend, approve }: EntryOfSystem): LoginItem {
  const launch = async (): Promise<AutoLaunch> => {
    // Newlines end an entry's line, whatever is done about the rest.
    if (/\p{Cc}/u.test(program)) throw new LoginItemError('path', 'the path of the program cannot be written down');
    const { default: Launch } = await import('auto-launch');
    // A launch agent: the other way, by System Events, makes macOS ask for a permission.
    const made = new Launch({ name: NAME, path: program, isHidden: true, mac: { useLaunchAgent: true } });
    // It calls the entry after the file, which for an AppImage has the version in its name.
    made.opts.appName = NAME;
    mend(made);
    return made;
  };
  return {
    state,
    async add() {
      await (await launch()).enable();
      await approve?.();
      if ((await state()) !== 'here')
        throw new LoginItemError('not-kept', 'the entry did not become what it should be');
    },
    async remove() {
      // On Windows in other languages than English it fails when there is none.
      if ((await state()) !== 'absent') await (await launch()).disable();
    },
  };
}

/** It knows `~/.config` and `~/Library` alone, and looks up `~` once. */
function setFolder(launch: AutoLaunch, folder: string): void {
  const api = Object.assign(Object.create(launch.api) as AutoLaunch['api'], {
    getDirectory: () => `${folder}${path.sep}`,
  });
  Object.assign(launch, { api });
}

/** XDG Base Directory 0.8, which ignores relative values. */
function configFolder({ env, home }: LoginItemOptions): string {
  const configured = env['XDG_CONFIG_HOME'];
  return configured !== undefined && path.isAbsolute(configured) ? configured : path.join(home, '.config');
}
