/** Finds the program that waits on a port of this machine; systems show those of other users to administrators only. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import type { System } from '../../system.ts';
import { parseTasklist } from '../programs.ts';
import { runCommand, windowsTool } from '../run-command.ts';
import { rowsOf } from './interfaces.ts';

type ProgramOn = NonNullable<System['programOn']>;

/** Empty when it is not known. */
export function programOnOf(platform: NodeJS.Platform): ProgramOn | undefined {
  if (platform === 'linux') return linuxProgram;
  if (platform === 'darwin') return macosProgram;
  if (platform === 'win32') return windowsProgram;
  return undefined;
}

const linuxProgram: ProgramOn = async (transport, port) => {
  const texts = await Promise.all(
    [transport, `${transport}6`].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const sockets = new Set(texts.flatMap((text) => inodesIn(text, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return '';
  const names = await Promise.all(
    (await readdir('/proc'))
      .filter((id) => /^\d+$/.test(id))
      .map(async (id) => {
        const files = await readdir(`/proc/${id}/fd`).catch(() => []);
        const links = await Promise.all(files.map((file) => readlink(`/proc/${id}/fd/${file}`).catch(() => '')));
        if (!links.some((link) => sockets.has(link))) return '';
        return (await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '')).trim();
      }),
  );
  return names.find((name) => name !== '') ?? '';
};

/** Inodes in `/proc/net/tcp` and its like: `sl local_address rem_address st … inode`. */
function inodesIn(text: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/, 10);
    return columns[1]?.endsWith(suffix) === true ? (columns[9] ?? []) : [];
  });
}

/** `lsof -Fc` prints `p4711` and `cjava`, a line each. */
const macosProgram: ProgramOn = async (transport, port, signal) => {
  const state = transport === 'tcp' ? ['-sTCP:LISTEN'] : [];
  const args = ['-nP', `-i${transport.toUpperCase()}:${port}`, ...state, '-Fc'];
  return /^c(.+)$/m.exec(await runCommand('/usr/sbin/lsof', args, signal).catch(() => ''))?.[1] ?? '';
};

const windowsProgram: ProgramOn = async (transport, port, signal) => {
  const printed = await runCommand(windowsTool('netstat.exe'), ['-ano'], signal).catch(() => '');
  const id = processIn(printed, transport, port);
  if (id === undefined) return '';
  const args = ['/FI', `PID eq ${id}`, '/FO', 'CSV', '/NH'];
  return parseTasklist(await runCommand(windowsTool('tasklist.exe'), args, signal).catch(() => ''))[0] ?? '';
};

/** Process in `netstat -ano`: `TCP 0.0.0.0:25565 0.0.0.0:0 LISTENING 4711`, the fourth word translated. */
export function processIn(text: string, transport: string, port: number): string | undefined {
  return rowsOf(text).flatMap((columns) => {
    const [protocol = '', local = '', foreign = ''] = columns;
    const isWaiting = /^(?:0\.0\.0\.0:0|\[::\]:0|\*:\*)$/.test(foreign);
    const isMeant = protocol.toLowerCase() === transport && local.endsWith(`:${port}`) && isWaiting;
    const id = columns.at(-1) ?? '';
    return isMeant && /^\d+$/.test(id) ? [id] : [];
  })[0];
}
