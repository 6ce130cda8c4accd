import { execFile } from 'node:child_process';
import path from 'node:path';

/** More than any table here, and an end for one that never ends. */
const outputLimit = 4 * 1024 * 1024;
const timeLimit = 15_000;

/** As {@link runCommand}, also when the tool fails: some say so of what they were asked.
 * @throws when it cannot be started, or the signal's abort error */
export async function printedBy(file: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    return await runCommand(file, args, signal);
  } catch (error) {
    if (error instanceof FailedCommand) return error.printed;
    throw error;
  }
}

class FailedCommand extends Error {
  readonly printed: string;
  constructor(cause: Error, printed: string) {
    super(cause.message, { cause });
    this.printed = printed;
  }
}

/**
 * Output of a system tool, untranslated where it obeys the locale. No shell is involved.
 * @throws when it cannot be started, fails, takes over 15 s, or the signal's abort error
 */
export function runCommand(file: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      encoding: 'utf8' as const,
      env: { ...process.env, LC_ALL: 'C' },
      maxBuffer: outputLimit,
      timeout: timeLimit,
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    };
    execFile(file, [...args], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      // A number is an exit code, a word is what kept it from being started.
      else reject(typeof error.code === 'number' ? new FailedCommand(error, stdout) : error);
    });
  });
}

/** A tool of Windows by its full path: a program of the same name must not take its place. */
export const windowsTool = (name: string, env: NodeJS.ProcessEnv = process.env): string =>
  path.win32.join(env['SystemRoot'] ?? String.raw`C:\Windows`, 'System32', name);
