/** Going to the background as daemons do: the same command again, detached, in the foreground of its own. */
import { spawn } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { explain, inOneLine } from '../contract/words/problems.ts';
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

/** What is said in the background is kept in a file. */
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
 */
export async function runInBackground(input: string | undefined, console: Console): Promise<ExitCode> {
  const [node, script, ...args] = process.argv;
  if (node === undefined || script === undefined) throw new TypeError('no command line');
  const child = spawn(node, [...process.execArgv, script, ...args, '--foreground'], {
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
 * The lock is on a file beside it: the pid file itself may be read, replaced or removed by anyone.
 * @throws BusyFault, FileFault
 */
export async function takePidFile(file: string): Promise<PidFile> {
  const lock = await lockBeside(file);
  try {
    await writeFile(file, `${process.pid}\n`);
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
    return await lockFile(`${file}.lock`);
  } catch (error) {
    if (!(error instanceof StorageError) || error.fault !== 'locked') throw unusable(file, error);
    const holder = await readFile(file, 'utf8').then(
      (text) => /^\d{1,10}$/.exec(text.trim())?.[0],
      () => undefined,
    );
    throw new BusyFault(
      `Another Portkeeper${holder === undefined ? '' : ` (process ${holder})`} uses the pid file ${file}. ` +
        `Stop it${holder === undefined ? '' : ` with: kill ${holder}`}, or choose another file with --pid-file.`,
      { cause: error },
    );
  }
}

function unusable(file: string, error: unknown): FileFault {
  const why = error instanceof Error ? error.message : String(error);
  return new FileFault(
    `Couldn’t write the pid file ${file}: ${why}. Choose another file with --pid-file, or free up space and allow writing there.`,
    { cause: error },
  );
}
