/** Going to the background as daemons do: the same command again, detached, in the foreground of its own. */
import { spawn } from 'node:child_process';
import type { Console } from './console.ts';
import { EXIT } from './fault.ts';
import type { ExitCode } from './fault.ts';

type Message =
  | { readonly portkeeper: 'running' }
  | { readonly portkeeper: 'failed'; readonly text: string; readonly code: ExitCode };

/** In the background process: tells whoever started it how it went. */
export function tellParent(state: 'running'): void;
export function tellParent(state: 'failed', text: string, code: ExitCode): void;
export function tellParent(state: 'running' | 'failed', text = '', code: ExitCode = EXIT.ok): void {
  if (process.send === undefined) return;
  process.send(state === 'running' ? { portkeeper: state } : { portkeeper: state, text, code });
  process.disconnect();
}

export const isInBackground = (): boolean => process.send !== undefined;

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
  child.stdin?.end(input);
  const code = await new Promise<ExitCode>((resolve) => {
    child.on('message', (message) => {
      const said = message as Message;
      if (said.portkeeper === 'running') {
        console.line(`Running in the background as process ${child.pid}.`);
        console.record({ event: 'background', pid: child.pid });
        resolve(EXIT.ok);
      } else {
        console.note(said.text);
        resolve(said.code);
      }
    });
    child.on('error', (error) => {
      console.note(`The background process could not be started: ${error.message}`);
      resolve(EXIT.failed);
    });
    child.on('exit', (status) => resolve(status === 0 ? EXIT.ok : EXIT.failed));
  });
  if (child.connected) child.disconnect();
  child.unref();
  return code;
}
