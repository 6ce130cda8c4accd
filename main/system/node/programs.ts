/** Programs that run on this machine, by their file names. */
import { readdir, readFile } from 'node:fs/promises';
import { programName } from '../../contract/profiles/opens-while.ts';
import type { System } from '../system.ts';
import { runCommand, windowsTool } from './run-command.ts';

export function programsOf(platform: NodeJS.Platform): NonNullable<System['programs']> | undefined {
  if (platform === 'linux') return linuxPrograms;
  if (platform === 'darwin') {
    return async (signal) => new Set(parsePs(await runCommand('/bin/ps', ['-axo', 'comm='], signal)));
  }
  if (platform === 'win32') {
    const file = windowsTool('tasklist.exe');
    return async (signal) => new Set(parseTasklist(await runCommand(file, ['/fo', 'csv', '/nh'], signal)));
  }
  return undefined;
}

/** Both what was started and what it calls itself: a script has the one of its interpreter, a server may set the other. */
async function linuxPrograms(signal: AbortSignal): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const id of await readdir('/proc')) {
    if (!/^\d+$/.test(id)) continue;
    signal.throwIfAborted();
    // It may have ended meanwhile.
    const [comm, line] = await Promise.all([read(`/proc/${id}/comm`), read(`/proc/${id}/cmdline`)]);
    const [started = ''] = line.split('\0', 1);
    for (const name of [comm.trim(), started]) if (name !== '') names.add(programName(name));
  }
  return names;
}

const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

/** Lines of `ps -axo comm=`: whole paths, which may have blanks. */
export const parsePs = (text: string): readonly string[] => linesOf(text).map(programName);

/** Rows of `tasklist /fo csv /nh`: `"java.exe","4711","Console","1","123.456 K"`. */
export const parseTasklist = (text: string): readonly string[] =>
  linesOf(text).flatMap((line) => {
    const name = /^"([^"]{1,260})",/.exec(line)?.[1];
    return name === undefined ? [] : [programName(name)];
  });

const linesOf = (text: string): readonly string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
