/** Going to the background as daemons do: the same command again, detached, in the foreground of its own. */
import { spawn } from 'node:child_process';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { explain, inOneLine } from '../contract/words/problems.ts';
import { defaultPidFile } from '../system/node/files/data-folder.ts';
import { lockFile, type FolderLock } from '../system/node/files/folder-lock.ts';
import { createLog } from '../system/node/files/log.ts';
import { StorageError } from '../system/system.ts';
import type { Console } from './output/console.ts';
import { BusyFault, EXIT, FileFault, type ExitCode } from './output/fault.ts';
import path from 'node:path';

type Message =
  | { readonly portkeeper: 'running'; readonly log: string }
  | { readonly portkeeper: 'failed'; readonly text: string; readonly code: ExitCode };

/** In the background process: reports to whoever started it. Does nothing elsewhere, or a second time. */
export function tellParent(message: Message): void {
  if (process.send === undefined || !process.connected) return;
  process.send(message);
  process.disconnect();
}

export const isInBackground = (): boolean => process.send !== undefined;

/** Messages in the background are kept in a file. */
export function logConsole(file: string): Console {
  const log = createLog({ level: 'info', file: { path: file } });
  return {
    json: false,
    line: (text) => log.write('info', text),
    table: () => undefined,
    record: () => undefined,
    note: (text) => log.write('info', text),
    problem: (problem) => log.write('warn', inOneLine(explain(problem))),
  };
}

/**
 * Returns once the background process has its pid file and its lock, or has said why not.
 * @param input what was read from standard input, to be read again there
 * @param more options beside those that were given here
 */
export async function runInBackground(
  input: string | undefined,
  more: readonly string[],
  console: Console,
): Promise<ExitCode> {
  const [node, script, ...args] = process.argv;
  if (node === undefined || script === undefined) throw new TypeError('no command line');
  const child = spawn(node, [...process.execArgv, script, ...args, ...more, '--foreground'], {
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore', 'ipc'],
  });
  // A process that ends before it has read everything reports why itself.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const code = await new Promise<ExitCode>((resolve) => {
    child.on('message', (message) => {
      const said = message as Message;
      if (said.portkeeper === 'running') {
        console.line(`Running in the background as process ${child.pid}. Its log: ${said.log}`);
        console.record({ event: 'background', pid: child.pid, log: said.log });
        resolve(EXIT.ok);
      } else {
        console.note(said.text);
        console.record({ event: 'error', message: said.text, exitCode: said.code });
        resolve(said.code);
      }
    });
    child.on('error', (error) => {
      console.note(
        `Couldn’t start the background process: ${error.message}. Try again, or stay in the foreground with --foreground.`,
      );
      resolve(EXIT.failed);
    });
    child.on('exit', (status) => resolve(status === 0 ? EXIT.ok : EXIT.failed));
  });
  if (child.connected) child.disconnect();
  child.unref();
  return code;
}

export interface PidFile {
  /** Removes it. */
  release(): Promise<void>;
}

/**
 * The lock is on a file beside it. Neither is written through a link, or where it belongs to somebody else.
 * @throws BusyFault, FileFault
 */
export async function takePidFile(file: string): Promise<PidFile> {
  const lock = await lockBeside(file);
  try {
    await writeOwn(file, `${process.pid}\n`);
  } catch (error) {
    await lock.release();
    throw unusable(file, error);
  }
  return {
    release: async () => {
      await rm(file, { force: true }).catch(() => undefined);
      await lock.release();
    },
  };
}

async function lockBeside(file: string): Promise<Pick<FolderLock, 'release'>> {
  const folder = path.dirname(file);
  if (file === defaultPidFile()) await mkdir(folder, { mode: 0o700 }).catch(() => undefined);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new FileFault(
      `Couldn’t write the pid file ${file}: there is no folder ${folder}. Create it, or choose another file with --pid-file.`,
    );
  }
  try {
    await mustBeSafe(folder);
    await writeOwn(`${file}.lock`, undefined);
    return await lockFile(`${file}.lock`);
  } catch (error) {
    if (!(error instanceof StorageError) || error.fault !== 'locked') throw unusable(file, error);
    const holder = await holderOf(file);
    throw new BusyFault(
      `Another Portkeeper${holder === undefined ? '' : ` (process ${holder})`} uses the pid file ${file}. ` +
        `Stop it${holder === undefined ? '' : ` with: kill ${holder}`}, or choose another file with --pid-file.`,
      { cause: error },
    );
  }
}

/** In a folder that others may write to, only its sticky bit keeps them from putting their files in the place of ours. */
async function mustBeSafe(folder: string): Promise<void> {
  const { mode, uid } = await stat(folder);
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid !== own && uid !== 0) throw new Error(`its folder belongs to user ${uid}`);
  if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) throw new Error('others may write into its folder');
}

/** @param text what it is to hold; as it is when absent
 * @throws Error for a link, for what is no file, and for a file of somebody else */
async function writeOwn(file: string, text: string | undefined): Promise<void> {
  const known = await lstat(file).catch(() => undefined);
  if (known !== undefined) mustBeOwn(known);
  // To open and close a file that this process has locked would end the lock.
  if (known !== undefined && text === undefined) return;
  const { O_CREAT, O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const handle = await open(file, O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK, 0o644);
  try {
    mustBeOwn(await handle.stat());
    if (text === undefined) return;
    await handle.truncate(0);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

function mustBeOwn(found: Stats): void {
  const own = process.getuid?.();
  if (!found.isFile()) throw new Error('it is a link, or no file');
  if (own !== undefined && found.uid !== own) throw new Error(`it belongs to user ${found.uid}`);
  if (found.nlink > 1) throw new Error('it has another name elsewhere');
}

/** Only for a file that nobody else can have written, and a process that is running. */
async function holderOf(file: string): Promise<number | undefined> {
  try {
    mustBeOwn(await lstat(file));
    const pid = Number(/^\d{1,10}$/.exec((await readFile(file, 'utf8')).trim())?.[0]);
    return pid > 1 && process.kill(pid, 0) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function unusable(file: string, error: unknown): FileFault {
  const why = error instanceof Error ? error.message : String(error);
  return new FileFault(
    `Couldn’t write the pid file ${file}: ${why}. Choose another file with --pid-file, or free up space and allow writing there.`,
    { cause: error },
  );
}
