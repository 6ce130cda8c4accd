/** `portkeeper service`: has the system run `portkeeper serve` in the background. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../../system/node/network/network-fault.ts';
import { runCommand } from '../../system/node/run-command.ts';
import type { GivenOptions, GlobalOptions } from '../options/global-options.ts';
import { confirm, personAtTerminal, type AskPerson } from '../options/confirm.ts';
import type { Console } from '../output/console.ts';
import { EXIT, FileFault, InputFault, RefusedFault, type ExitCode } from '../output/fault.ts';
import { launchd } from '../service/launchd.ts';
import {
  WRITTEN_BY,
  type CommandLine,
  type RunCommand,
  type ServiceManager,
  type ServiceOptions,
  type ServiceState,
  type Step,
} from '../service/service-manager.ts';
import { systemd } from '../service/systemd.ts';
import { taskScheduler } from '../service/task-scheduler.ts';

export interface ServiceCommandOptions extends GivenOptions {
  readonly system?: boolean;
  readonly as?: string;
  readonly yes?: boolean;
  /** `--no-window`: false. */
  readonly window?: boolean;
  readonly windowPort?: string;
}

/** The computer that it is installed on. */
export interface Computer {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly uid: number | undefined;
  /** Path of the running program. */
  readonly execPath: string;
  /** Path of its script. */
  readonly script: string;
  readonly isElectron: boolean;
  /** Has it been started by systemd? sd_booted(3). */
  readonly hasSystemd: () => Promise<boolean>;
  readonly run: RunCommand;
  /** Long enough that a program that fails at its start has ended. */
  readonly pause: () => Promise<void>;
  /** Absent where nobody can be asked. */
  readonly ask: AskPerson | undefined;
}

export function thisComputer(): Computer {
  const { platform, env, execPath, argv } = process;
  return {
    platform,
    env,
    home: os.homedir(),
    userName: os.userInfo().username,
    uid: process.getuid?.(),
    execPath,
    script: path.resolve(argv[1] ?? ''),
    isElectron: process.versions['electron'] !== undefined,
    hasSystemd: async () => (await textOf('/run/systemd/system')) !== undefined,
    run: runCommand,
    pause: () => sleep(1000),
    ask: personAtTerminal(),
  };
}

/** @throws InputFault, RefusedFault, FileFault */
export async function installService(
  options: GlobalOptions,
  console: Console,
  given: ServiceCommandOptions,
  computer = thisComputer(),
): Promise<ExitCode> {
  const service = serviceOptions(given, options, computer);
  mustBeStartable(service, computer);
  const manager = await managerOf(service, computer);
  const { file, install, starts, name } = manager;
  const before = file.isTemporary ? undefined : await textOf(file.path);
  if (given.yes !== true) {
    for (const line of introduction(manager, before)) console.note(line);
    if (computer.ask === undefined)
      throw new InputFault('Nothing was changed. To install without being asked, add --yes.');
    await confirm(computer.ask, 'Install the service?');
  }
  // One that a person wrote is kept beside it.
  if (before !== undefined && !before.includes(WRITTEN_BY)) await write(`${file.path}.old`, before);
  await write(file.path, encoded(file));
  try {
    for (const step of install) await take(step, computer, console);
  } catch (error) {
    if (before === undefined) await rm(file.path, { force: true });
    else await write(file.path, before);
    for (const step of manager.forget) await take({ ifItFails: '', ...step }, computer, console);
    throw error;
  }
  if (file.isTemporary) await rm(file.path, { force: true });
  return report(await settled(manager, computer), manager, console, `Installed. ${name} starts it ${starts}.`);
}

/** @throws InputFault, RefusedFault, FileFault */
export async function removeService(
  options: GlobalOptions,
  console: Console,
  given: ServiceCommandOptions,
  computer = thisComputer(),
): Promise<ExitCode> {
  const manager = await managerOf(serviceOptions(given, options, computer), computer);
  const { file } = manager;
  const isFileThere = !file.isTemporary && (await textOf(file.path)) !== undefined;
  if ((await manager.state(computer.run)) === 'not installed' && !isFileThere) {
    console.note('The service is not installed.');
    console.record({ event: 'service', state: 'not installed' });
    return EXIT.ok;
  }
  for (const step of manager.stop) await take(step, computer, console);
  if (isFileThere) await rm(file.path, { force: true });
  for (const step of manager.forget) await take(step, computer, console);
  console.note('Removed. Your profiles are kept.');
  console.record({ event: 'service', state: 'not installed' });
  return EXIT.ok;
}

/** @throws InputFault, RefusedFault */
export async function serviceStatus(
  options: GlobalOptions,
  console: Console,
  given: ServiceCommandOptions,
  computer = thisComputer(),
): Promise<ExitCode> {
  const manager = await managerOf(serviceOptions(given, options, computer), computer);
  return report(await manager.state(computer.run), manager, console);
}

/** @throws InputFault */
function serviceOptions(
  given: ServiceCommandOptions,
  { dataFolder }: GlobalOptions,
  computer: Computer,
): ServiceOptions {
  const { platform, env, home, uid, userName } = computer;
  if (given.as !== undefined && given.system !== true)
    throw new InputFault('--as needs --system.', { at: { word: '--as' } });
  if (given.system === true && platform === 'win32') {
    throw new InputFault('--system: on Windows the service starts when you log in. Leave --system out.');
  }
  if (given.system === true && uid !== 0) {
    throw new InputFault('--system needs administrator rights. Try: sudo portkeeper service … --system');
  }
  if (given.system !== true && uid === 0 && env['SUDO_USER'] !== undefined) {
    throw new InputFault('Leave sudo out to install the service for yourself, or add --system.');
  }
  return {
    command: [...program(computer), 'serve', ...serveArguments(given, env, dataFolder)],
    home,
    uid,
    env,
    systemUser: given.system === true ? (given.as ?? env['SUDO_USER'] ?? userName) : undefined,
  };
}

/** Before anything is written. @throws InputFault, RefusedFault */
function mustBeStartable({ command, systemUser }: ServiceOptions, { env, script }: Computer): void {
  const isTemporary = env['APPIMAGE'] !== undefined || /[\\/](?:_npx|AppTranslocation)[\\/]|^\/Volumes\//.test(script);
  if (isTemporary) {
    throw new RefusedFault(
      'Portkeeper is running from a temporary location, so a service couldn’t start it later.\nInstall the package for your system, or: npm install --global portkeeper-cli',
    );
  }
  if (command.some((argument) => /\p{Cc}/u.test(argument)) || !/^[\w.@-]*\$?$/.test(systemUser ?? '')) {
    throw new InputFault(
      'A path or name in the service’s command contains characters that can’t be written to its file.',
    );
  }
}

/** @throws RefusedFault */
async function managerOf(service: ServiceOptions, { platform, hasSystemd }: Computer): Promise<ServiceManager> {
  if (platform === 'win32') return taskScheduler(service);
  if (platform === 'darwin') return launchd(service);
  if (await hasSystemd()) return systemd(service);
  throw new RefusedFault(
    'This computer doesn’t use systemd, so Portkeeper can’t install itself as a service.\nSet up your init system to run: portkeeper serve',
  );
}

function program({ execPath, script, isElectron, platform }: Computer): CommandLine {
  // The installed command sets what Electron needs to run as Node.
  if (isElectron) {
    return [path.join(path.dirname(script), '../bin', platform === 'win32' ? 'portkeeper.cmd' : 'portkeeper')];
  }
  return [execPath, script];
}

/** Options of this command count for the service. */
function serveArguments(
  { dataDir, router, interface: interfaceName, protocol, pxpPort, window, windowPort }: ServiceCommandOptions,
  env: Computer['env'],
  dataFolder: string,
): readonly string[] {
  const values = {
    'data-dir': dataDir === undefined && env['PORTKEEPER_DATA_DIR'] === undefined ? undefined : dataFolder,
    router,
    interface: interfaceName,
    protocol,
    'pxp-port': pxpPort,
    'window-port': windowPort,
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value])),
    ...(window === false ? ['--no-window'] : []),
  ];
}

function introduction({ file, install, starts, name }: ServiceManager, before: string | undefined): readonly string[] {
  const indented = (text: string): readonly string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `    ${line}`.trimEnd());
  return [
    `Portkeeper will run in the background: ${name} starts it ${starts}.`,
    '',
    before === undefined ? `This writes ${file.path}:` : `This replaces ${file.path} with:`,
    ...indented(file.text),
    '',
    'Then it runs:',
    ...install.map(
      ({ command }) => `    ${command.map((part) => (/[\s"]/.test(part) ? JSON.stringify(part) : part)).join(' ')}`,
    ),
    '',
  ];
}

/** @throws RefusedFault where the step must not fail */
async function take({ command: [file, ...args], ifItFails }: Step, { run }: Computer, console: Console): Promise<void> {
  try {
    await run(file, args);
  } catch (error) {
    if (ifItFails === undefined) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RefusedFault(`${[file, ...args].join(' ')} failed, so nothing was changed.\n${reason}`, {
        cause: error,
      });
    }
    if (ifItFails !== '') console.note(ifItFails);
  }
}

/** A service that ends at once was running for a moment. */
async function settled({ state }: ServiceManager, { run, pause }: Computer): Promise<ServiceState> {
  await pause();
  return await state(run);
}

function report(state: ServiceState, manager: ServiceManager, console: Console, done?: string): ExitCode {
  const { name, file, log } = manager;
  console.record({ event: 'service', state, manager: name, file: file.isTemporary ? null : file.path });
  if (state === 'running') {
    console.note(done ?? `Running, by ${name}.`);
    console.note('See what is open with: portkeeper status');
    return EXIT.ok;
  }
  const told = {
    'not installed': 'Not installed. Install it with: portkeeper service install',
    stopped: `Installed, but not running. See why with: ${log}`,
    failed: `Installed, but it fails to start. See why with: ${log}`,
  }[state];
  if (done !== undefined) throw new RefusedFault(told);
  console.note(told);
  return EXIT.failed;
}

const encoded = ({ text, encoding }: ServiceManager['file']): string | Buffer =>
  encoding === 'utf8' ? text : Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, encoding);

/** @throws FileFault */
async function write(file: string, content: string | Buffer): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { mode: 0o644 });
  } catch (error) {
    throw new FileFault(`Couldn’t write ${file} (${codeOf(error) ?? 'unknown reason'}), so nothing was changed.`, {
      cause: error,
    });
  }
}

/** `undefined` when it is not there. A folder counts as empty. @throws FileFault */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'EISDIR') return '';
    throw new FileFault(`Couldn’t read ${file} (${code ?? 'unknown reason'}).`, { cause: error });
  }
}
