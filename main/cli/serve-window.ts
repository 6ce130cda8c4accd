/** The window of `portkeeper serve`, for a browser on this computer. */
import { spawn } from 'node:child_process';
import type { RemoteServerOptions } from '../connect/server.ts';
import { findWindow, readWindow, type WindowFiles } from '../connect/window-files.ts';
import { serveWindow } from '../connect/window-server.ts';
import { runCommand, windowsTool } from '../system/node/run-command.ts';
import type { Console } from './output/console.ts';
import { InputFault } from './output/fault.ts';
import { portNumber } from './options/global-options.ts';

export interface WindowOptions {
  /** `--no-window`: false. */
  readonly window?: boolean;
  readonly windowPort?: string;
  /** Where it was built, when not where it is looked for. */
  readonly windowDir?: string;
  /** In the browser, at once. */
  readonly open?: boolean;
}

export interface ServedWindow {
  /** With the token; `undefined` when there is no window. */
  readonly address: string | undefined;
  /** The same for a command line; see `WindowServer`. */
  readonly addressForOnce?: () => string;
  stop(): Promise<void>;
}

/** The same at each start, so that a tab that is still open finds it again; registered for nothing else. */
const USUAL_PORT = 8788;
const OTHER_PORTS = 20;

const NONE: ServedWindow = { address: undefined, stop: () => Promise.resolve() };

/** Without a window, ports are kept open anyway, unless it was asked for on a certain port. @throws InputFault */
export async function serveWindowTo(
  { window, windowPort, windowDir }: WindowOptions,
  { dispatch, log }: RemoteServerOptions,
  console: Console,
): Promise<ServedWindow> {
  if (window === false) return NONE;
  const port = windowPort === undefined ? undefined : portNumber(windowPort, '--window-port');
  const files = await builtWindow(windowDir);
  if (files === undefined) {
    console.note('There is no window: it hasn’t been built. In a checkout, run: npm run build');
    return NONE;
  }
  const common = { dispatch, log, files };
  if (port === undefined) {
    return await announced(serveWindow({ ...common, port: USUAL_PORT, orNext: OTHER_PORTS }), console).catch(
      (error: unknown) => {
        console.note(`Couldn’t serve the window: ${reasonOf(error)}. Ports are kept open anyway.`);
        return NONE;
      },
    );
  }
  return await announced(serveWindow({ ...common, port }), console).catch((error: unknown) => {
    throw new InputFault(
      `Couldn’t use port ${port} for the window: ${reasonOf(error)}. Choose another, or leave --window-port out.`,
      { cause: error, at: { option: '--window-port', word: `${port}` } },
    );
  });
}

const builtWindow = (folder: string | undefined): Promise<WindowFiles | undefined> =>
  folder === undefined ? findWindow(import.meta.dirname) : readWindow(folder);

async function announced(serving: Promise<ServedWindow>, console: Console): Promise<ServedWindow> {
  const served = await serving;
  console.note(
    writesToJournal()
      ? 'The window is available. For its address, run: portkeeper status'
      : `Window, in a browser on this computer: ${served.address}`,
  );
  return served;
}

/** systemd's journal, which others may read: the window's address is a key, and is not written there. */
export const writesToJournal = (): boolean => process.env['JOURNAL_STREAM'] !== undefined;

/** In the browser of whoever started this. What keeps it from that is said. */
export function openWindow({ address, addressForOnce }: ServedWindow, console: Console): void {
  if (address === undefined || addressForOnce === undefined) return;
  const [file, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const failed = (): void => console.note('Couldn’t open the browser. Open the address yourself.');
  const opener = spawn(file, [...args, addressForOnce()], { stdio: 'ignore', detached: true });
  opener.once('error', failed).once('exit', (code) => code !== 0 && code !== null && failed());
  opener.unref();
}

/** Programs that open an address, with their arguments. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: [windowsTool('rundll32.exe'), 'url.dll,FileProtocolHandler'],
};

const KEY = 'o';
/** Signals that the terminal would send, if it did not hand over single keys. */
const SIGNALS: ReadonlyMap<string, NodeJS.Signals> = new Map([
  ['\u0003', 'SIGINT'],
  ['\u001A', 'SIGTSTP'],
  ['\u001C', 'SIGQUIT'],
]);

/** On a terminal, until the signal aborts, one key opens the window; keys that stop a program still do. */
export async function openWithKey(window: ServedWindow, console: Console, signal: AbortSignal): Promise<void> {
  const { stdin } = process;
  const isPossible = window.address !== undefined && !console.json && stdin.isTTY && process.stderr.isTTY;
  if (!isPossible || !(await isInForeground()) || signal.aborted) return;
  console.note(`Press ${KEY} to open the window in the browser.`);
  const listen = (isRaw: boolean): void => {
    stdin.setRawMode(isRaw);
    if (isRaw) stdin.resume();
    else stdin.pause();
  };
  const pressed = (keys: string): void => {
    for (const key of keys) {
      if (key.toLowerCase() === KEY) openWindow(window, console);
      const stop = SIGNALS.get(key);
      if (stop === 'SIGTSTP') listen(false);
      if (stop !== undefined) process.kill(process.pid, stop);
    }
  };
  // A program in the background that touches the terminal is stopped.
  const goOn = (): void => void isInForeground().then((is) => is && !signal.aborted && listen(true));
  stdin.setEncoding('utf8').on('data', pressed);
  process.on('SIGCONT', goOn);
  listen(true);
  signal.addEventListener(
    'abort',
    () => {
      process.off('SIGCONT', goOn);
      stdin.off('data', pressed);
      listen(false);
    },
    { once: true },
  );
}

/** Is this what the terminal's keys are for? Where there is no such thing, it is. */
async function isInForeground(): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const groups = await runCommand('ps', ['-o', 'pgid=,tpgid=', '-p', `${process.pid}`]).catch(() => '');
  const [own, foreground] = groups.trim().split(/\s+/);
  return own !== undefined && own !== '' && own === foreground;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'another program uses it';
  if (code === 'EACCES') return 'this computer doesn’t allow it';
  return error instanceof Error ? error.message : String(error);
}
