/** The window of `portkeeper serve`, for a browser on this computer. */
import type { RemoteServerOptions } from '../connect/server.ts';
import { findWindow, readWindow, type WindowFiles } from '../connect/window-files.ts';
import { serveWindow } from '../connect/window-server.ts';
import type { Console } from './output/console.ts';
import { InputFault } from './output/fault.ts';
import { portNumber } from './options/global-options.ts';

export interface WindowOptions {
  /** `--no-window`: false. */
  readonly window?: boolean;
  readonly windowPort?: string;
  /** Where it was built, when not where it is looked for. */
  readonly windowDir?: string;
}

export interface ServedWindow {
  /** With the token; `undefined` when there is no window. */
  readonly address: string | undefined;
  stop(): Promise<void>;
}

/** The same at each start, so that a tab that is still open finds it again; registered for nothing else. */
const USUAL_PORT = 8788;
const OTHER_PORTS = 20;

const NONE: ServedWindow = { address: undefined, stop: () => Promise.resolve() };

/** Without a window, profiles are held all the same, unless it was asked for on a port. @throws InputFault */
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
    return await told(serveWindow({ ...common, port: USUAL_PORT, orNext: OTHER_PORTS }), console).catch(
      (error: unknown) => {
        console.note(`Couldn’t serve the window: ${reasonOf(error)}. Profiles are kept open anyway.`);
        return NONE;
      },
    );
  }
  return await told(serveWindow({ ...common, port }), console).catch((error: unknown) => {
    throw new InputFault(
      `Couldn’t use port ${port} for the window: ${reasonOf(error)}. Choose another, or leave --window-port out.`,
      { cause: error, at: { option: '--window-port', word: `${port}` } },
    );
  });
}

const builtWindow = (folder: string | undefined): Promise<WindowFiles | undefined> =>
  folder === undefined ? findWindow(import.meta.dirname) : readWindow(folder);

async function told(serving: Promise<ServedWindow>, console: Console): Promise<ServedWindow> {
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

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return 'another program uses it';
  if (code === 'EACCES') return 'this computer doesn’t allow it';
  return error instanceof Error ? error.message : String(error);
}
