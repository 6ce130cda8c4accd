/** The desktop application, put together. */
import { app, dialog, safeStorage } from 'electron';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { meetAsResident } from '../connect/resident.ts';
import { languageOf } from '../contract/words/catalogues.ts';
import { createDemoStarter } from '../simulator/on-loopback/demo-router.ts';
import { desktopWords } from './words.ts';
import { defaultDataFolder } from '../system/node/files/data-folder.ts';
import { createDocumentStore, type SetAside } from '../system/node/files/document-store.ts';
import { createProgramLog } from '../system/node/files/log.ts';
import { createNodeSystem, personalNames } from '../system/node/node-system.ts';
import { runCommand } from '../system/node/run-command.ts';
import type { Sealer } from '../system/node/secrets.ts';
import { openSessionBus, sessionBusAddress, type OpenBus } from '../system/node/session-bus.ts';
import type { DocumentStore, System } from '../system/system.ts';
import { DesktopState } from './desktop-state.ts';
import { Desktop } from './desktop.ts';
import { openDocumentFile } from './electron-documents.ts';
import { createLoginItem, type LoginItem } from './login/login-item.ts';
import { isDemo, startOptions, lastingPath, updateWay } from './installation.ts';
import { panelDrawsMarkup } from './notifications.ts';
import { trayHostWatch, ALWAYS_THERE } from './tray/tray-presence.ts';
import { declareScheme } from './window/window.ts';
import { Updates } from './updates/updates.ts';
import os from 'node:os';
import path from 'node:path';
import manifest from '../../package.json';
import { createConnection } from 'node:net';
import { readlink } from 'node:fs/promises';

/** As in electron-builder.yml: Windows groups windows and notifications by it. */
const APP_ID = 'io.portkeeper.desktop';

const { platform, env } = process;
/** Parent of `out/main`; the same from `main/desktop`. */
const root = path.join(import.meta.dirname, '../..');

const start = startOptions(process.argv);
let desktop: Desktop | undefined;

/** The command line and `portkeeper serve` work in the same one. */
const folder = path.resolve(env['PORTKEEPER_DATA_DIR'] ?? defaultDataFolder());

async function main(): Promise<void> {
  // Chromium's files are no business of anyone who looks for profiles.
  const chromium = path.join(folder, 'window');
  // Notifications name it.
  app.setName('Portkeeper');
  app.setPath('userData', folder);
  app.setPath('sessionData', chromium);
  app.setAppUserModelId(APP_ID);
  app.enableSandbox();
  // Chromium's own listener for names of the local network: the firewall of Windows would ask the person about it.
  app.commandLine.appendSwitch('disable-features', 'WebRtcHideLocalIpsWithMdns');
  declareScheme();
  try {
    mkdirSync(chromium, { recursive: true, mode: 0o700 });
  } catch (error) {
    await fail(words().broken.folder(folder, faultOf(error)));
    return;
  }
  const request = (): boolean => app.requestSingleInstanceLock();
  const lock = await lockInstance({ request, folder, platform });
  if (lock === 'failed') {
    await fail(whyNotLocked());
    return;
  }
  // The running instance has been notified, and shows its window or quits.
  if (lock === 'taken' || start.quit) {
    app.exit(0);
    return;
  }
  app.on('second-instance', (_event, args) => desktop?.startedAgain(startOptions(args)));
  await begin();
}

async function begin(): Promise<void> {
  const log = createProgramLog(folder, 'warn');
  process.on('uncaughtException', (error) => log.write('error', 'uncaught', { error: error.stack }));
  process.on('unhandledRejection', (error) => log.write('error', 'unhandled', { error: String(error) }));
  const system = createNodeSystem({ log });
  const state = await DesktopState.load(documents(), log);
  await app.whenReady();
  desktop = new Desktop({
    platform,
    desktop: env['XDG_CURRENT_DESKTOP'],
    clock: system.clock,
    log,
    host: {
      version: manifest.version,
      platform: `${platform} ${os.release()}`,
      dataFolder: folder,
      demo: createDemoStarter(system),
      recentLog: log.recent,
      personal: personalNames(),
    },
    meet: (host, note, signal) =>
      meetAsResident({ system, documents, sealer, host, note, demo: isDemo(process.argv) }, signal),
    state,
    start,
    loginItem: loginItem(),
    watchPanel: platform === 'linux' ? trayHostWatch({ openBus, clock: system.clock }) : ALWAYS_THERE,
    drawsMarkup: platform === 'linux' ? () => panelDrawsMarkup(openBus, system.clock) : undefined,
    updates: updates(system),
    pages: pages(),
    places: {
      preload: path.join(root, 'out/preload/index.cjs'),
      page: path.join(root, 'out/renderer'),
      images: path.join(root, 'assets/tray'),
      icon: platform === 'linux' ? path.join(root, 'assets/build/icons/256x256.png') : undefined,
    },
  });
  const quit = (): void => desktop?.requestQuit();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit);
}

const sealer: Sealer = {
  // Without a keyring Chromium only hides sealed secrets.
  isAvailable: async () =>
    (platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text') &&
    (await safeStorage.isAsyncEncryptionAvailable()),
  seal: (text) => safeStorage.encryptStringAsync(text),
  open: async (sealed) => (await safeStorage.decryptStringAsync(Buffer.from(sealed))).result,
};

const openBus: OpenBus = (onSignal, signal) => openSessionBus(sessionBusAddress(env), onSignal, signal);

function documents(onSetAside?: (what: SetAside) => void): DocumentStore {
  return createDocumentStore(folder, {
    openFile: openDocumentFile,
    ...(onSetAside === undefined ? {} : { onSetAside }),
  });
}

function loginItem(): LoginItem | 'not-installed' {
  const program = lastingPath({ platform, env, execPath: process.execPath, isPackaged: app.isPackaged });
  if (program === undefined) return 'not-installed';
  return createLoginItem({ platform, env, home: os.homedir(), program, run: runCommand });
}

function updates({ clock, log }: System): ((quitThen: (finish: () => void) => void) => Updates) | undefined {
  const file = path.join(process.resourcesPath, 'app-update.yml');
  const source = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const way = updateWay({ platform, isPackaged: app.isPackaged, source });
  if (way === 'none') return undefined;
  const load = async () => {
    const { default: updater } = await import('electron-updater');
    const { autoUpdater } = updater;
    const write = (message: unknown): void => log.write('debug', 'updater', { message });
    autoUpdater.logger = { info: write, warn: write, error: write };
    return autoUpdater;
  };
  const releasePage = `${homepage() ?? ''}/releases`;
  return (quitThen) => new Updates({ load, byHand: way === 'by-hand', releasePage, clock, log, quitThen });
}

/** Where this build came from, as the packaging wrote it down. */
function homepage(): string | undefined {
  try {
    const text: unknown = JSON.parse(readFileSync(path.join(app.getAppPath(), 'package.json'), 'utf8'));
    const page = typeof text === 'object' && text !== null && 'homepage' in text ? text.homepage : undefined;
    return typeof page === 'string' && page.startsWith('https://') ? page.replace(/\/+$/, '') : undefined;
  } catch {
    return undefined;
  }
}

function pages(): readonly string[] {
  const page = homepage();
  return page === undefined ? [] : [page, `${page}/releases`, `${page}/issues`];
}

const words = () => desktopWords[languageOf(app.getPreferredSystemLanguages())];

const faultOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A folder that others cannot write to keeps Electron out, too. */
function whyNotLocked(): string {
  const { detail, folder: cannotUse } = words().broken;
  try {
    rmdirSync(mkdtempSync(path.join(folder, '.tried-')));
  } catch (error) {
    // Without what was tried.
    return cannotUse(folder, faultOf(error).split(', ')[0] ?? '');
  }
  return detail(`SingletonLock, ${folder}`);
}

async function fail(detail: string): Promise<void> {
  const { message } = words().broken;
  process.stderr.write(`${message} ${detail}\n`);
  // Scripts wait for its end; nobody is there to close a box.
  if (!start.quit) {
    // Before that, Linux writes what is in the box to standard error, and whoever clicked on an icon sees nothing.
    await app.whenReady();
    dialog.showErrorBox(message, detail);
  }
  app.exit(1);
}

main().catch((error: unknown) => fail(words().broken.detail(faultOf(error))));

interface LockParts {
  /** Electron's `requestSingleInstanceLock`. */
  readonly request: () => boolean;
  /** Where the lock is: `userData`. */
  readonly folder: string;
  readonly platform: NodeJS.Platform;
}

/**
 * One app for each data folder. Electron's lock is refused in the same way when another app has it, which then shows its
 * window, and when nobody can have it, such as in a folder that cannot be written.
 */
async function lockInstance({ request, folder, platform }: LockParts): Promise<'ours' | 'taken' | 'failed'> {
  if (request()) return 'ours';
  if (await isHeld(folder, platform)) return 'taken';
  // Its holder may have ended just now.
  return request() ? 'ours' : 'failed';
}

/** By what Chromium leaves in the folder (process_singleton_win.cc, process_singleton_posix.cc). */
async function isHeld(folder: string, platform: NodeJS.Platform): Promise<boolean> {
  // Windows removes it as soon as the process that made it ends.
  if (platform === 'win32') return existsSync(path.join(folder, 'lockfile'));
  // A process that was killed leaves its lock behind, but nobody listens there.
  const socket = await readlink(path.join(folder, 'SingletonSocket')).catch(() => undefined);
  return socket !== undefined && (await isListening(socket));
}

function isListening(socket: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const connection = createConnection(socket)
    .once('connect', () => {
      connection.destroy();
      resolve(true);
    })
    .once('error', () => resolve(false));
  return promise;
}
