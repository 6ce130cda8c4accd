/**
 * The parts of Electron that Portkeeper uses, without Electron. They are held against Electron's own types
 * (`satisfies Electron.…`), and so are the events that it sends (./electron-events).
 *
 *     vi.mock('electron', async () => (await import('./electron-double.ts')).electronModule);
 *
 * One Electron for a test file, as there is one for an application; `resetElectron` starts over.
 */
import { EventEmitter } from 'node:events';
import type * as Electron from 'electron';
import type {
  AppListener,
  ContentsListener,
  NotificationListener,
  PowerListener,
  TrayListener,
  WindowListener,
} from './electron-events.ts';

export interface Preventable extends Electron.Event {
  readonly defaultPrevented: boolean;
}

export function preventable(): Preventable {
  let isPrevented = false;
  return {
    get defaultPrevented() {
      return isPrevented;
    },
    preventDefault: () => {
      isPrevented = true;
    },
  };
}

class AppDouble extends EventEmitter {
  paths = new Map<string, string>();
  languages = ['en-US'];
  isPackaged = false;
  /** Of `exit`, once it was called. */
  exitCode: number | undefined;
  /** Has it ended, tidily or not? */
  hasEnded = false;
  isReady = false;
  isInDock = false;
  isSandboxed = false;
  /** Is this the first start? */
  hasLock = true;
  readonly userModelIds: string[] = [];
  readonly switches = new Map<string, string | undefined>();

  readonly commandLine = {
    appendSwitch: (name, value) => void this.switches.set(name, value),
  } satisfies Pick<Electron.CommandLine, 'appendSwitch'>;

  readonly dock = {
    show: async () => {
      this.isInDock = true;
    },
    hide: () => {
      this.isInDock = false;
    },
  } satisfies Pick<Electron.Dock, 'show' | 'hide'>;

  readonly getPreferredSystemLanguages = (() => this.languages) satisfies Electron.App['getPreferredSystemLanguages'];
  readonly getPath = ((name) => this.paths.get(name) ?? '/nonexistent') satisfies Electron.App['getPath'];
  readonly setPath = ((name, folder) => {
    this.paths.set(name, folder);
  }) satisfies Electron.App['setPath'];
  readonly getAppPath = (() => '/nonexistent') satisfies Electron.App['getAppPath'];
  readonly whenReady = (async () => {
    this.isReady = true;
  }) satisfies Electron.App['whenReady'];
  readonly enableSandbox = (() => {
    this.isSandboxed = true;
  }) satisfies Electron.App['enableSandbox'];
  readonly setName = (() => undefined) satisfies Electron.App['setName'];
  readonly setAppUserModelId = ((id) => {
    this.userModelIds.push(id);
  }) satisfies Electron.App['setAppUserModelId'];
  readonly requestSingleInstanceLock = (() => this.hasLock) satisfies Electron.App['requestSingleInstanceLock'];
  readonly getVersion = (() => '1.2.3') satisfies Electron.App['getVersion'];
  readonly exit = ((code = 0) => {
    this.exitCode = code;
    this.hasEnded = true;
  }) satisfies Electron.App['exit'];

  /** Whoever objects keeps it running; then the windows are closed, each of which may object. */
  readonly quit = (() => {
    const event = preventable();
    this.send('before-quit', event);
    if (event.defaultPrevented) return;
    for (const window of electron.windows) window.close();
    if (electron.windows.every((window) => window.isDestroyed())) this.hasEnded = true;
  }) satisfies Electron.App['quit'];

  send<Name extends keyof AppListener>(name: Name, ...args: Parameters<AppListener[Name]>): void {
    this.emit(name, ...args);
  }
}

class SessionDouble extends EventEmitter {
  #request: Parameters<Electron.Session['setPermissionRequestHandler']>[0] = null;
  #check: Parameters<Electron.Session['setPermissionCheckHandler']>[0] = null;
  #device: Parameters<Electron.Session['setDevicePermissionHandler']>[0] = null;

  readonly setPermissionRequestHandler = ((handler) => {
    this.#request = handler;
  }) satisfies Electron.Session['setPermissionRequestHandler'];
  readonly setPermissionCheckHandler = ((handler) => {
    this.#check = handler;
  }) satisfies Electron.Session['setPermissionCheckHandler'];
  readonly setDevicePermissionHandler = ((handler) => {
    this.#device = handler;
  }) satisfies Electron.Session['setDevicePermissionHandler'];
  readonly setDisplayMediaRequestHandler = (() =>
    undefined) satisfies Electron.Session['setDisplayMediaRequestHandler'];

  /** Is the page given it, when it asks and when it is looked up? Electron gives what nobody denies. */
  gives(permission: PermissionName, page: { readonly url: string; readonly isMainFrame: boolean }): boolean {
    const contents = electron.windows[0]?.webContents;
    if (contents === undefined) throw new Error('there is no page');
    let asked = this.#request === null;
    this.#request?.(
      contents as unknown as Electron.WebContents,
      permission,
      (isGranted) => {
        asked = isGranted;
      },
      { requestingUrl: page.url, isMainFrame: page.isMainFrame },
    );
    const details = { isMainFrame: page.isMainFrame, requestingUrl: page.url };
    const lookedUp = this.#check?.(null, permission, new URL(page.url).href, details) ?? true;
    if (asked !== lookedUp) throw new Error('what is asked for and what is looked up differ');
    return asked;
  }

  givesDevices(): boolean {
    const device: Electron.SerialPort = { portId: '1', portName: 'COM1' };
    return this.#device?.({ deviceType: 'serial', origin: 'portkeeper://app', device }) ?? false;
  }
}

type PermissionName = Parameters<NonNullable<Parameters<Electron.Session['setPermissionRequestHandler']>[0]>>[1];

let contentsMade = 0;

export class WebContentsDouble extends EventEmitter {
  readonly id = (contentsMade += 1);
  readonly session = new SessionDouble();
  url = '';
  reloads = 0;
  #openHandler: Parameters<Electron.WebContents['setWindowOpenHandler']>[0] | undefined;

  readonly setWindowOpenHandler = ((handler) => {
    this.#openHandler = handler;
  }) satisfies Electron.WebContents['setWindowOpenHandler'];
  readonly reload = (() => {
    this.reloads += 1;
    this.send('did-navigate', preventable(), this.url, 200, 'OK');
  }) satisfies Electron.WebContents['reload'];
  readonly forcefullyCrashRenderer = (() => {
    this.send('render-process-gone', preventable(), { reason: 'killed', exitCode: 9 });
  }) satisfies Electron.WebContents['forcefullyCrashRenderer'];

  send<Name extends keyof ContentsListener>(name: Name, ...args: Parameters<ContentsListener[Name]>): void {
    this.emit(name, ...args);
  }

  /** The page opens a window, or its link does. */
  opens(url: string): Electron.WindowOpenHandlerResponse {
    if (this.#openHandler === undefined) throw new Error('every window may be opened');
    const referrer: Electron.Referrer = { url: this.url, policy: 'no-referrer' };
    return this.#openHandler({ url, referrer, frameName: '', features: '', disposition: 'foreground-tab' });
  }

  /** The page, or a frame in it, goes elsewhere. `false`: it was kept from that. */
  goesTo(url: string, isMainFrame = true): boolean {
    const event = preventable();
    const about = { url, isMainFrame, isSameDocument: false, frame: null };
    this.send('will-frame-navigate', Object.assign(event, about));
    return !event.defaultPrevented;
  }

  /** As the sender of a message. */
  frame(url = this.url, isMain = true): { readonly sender: WebContentsDouble; readonly senderFrame: FrameDouble } {
    return { sender: this, senderFrame: { url, parent: isMain ? null : { url: this.url, parent: null } } };
  }
}

type FrameDouble = Pick<Electron.WebFrameMain, 'url'> & { readonly parent: FrameDouble | null };

export class BrowserWindowDouble extends EventEmitter {
  readonly options: Electron.BrowserWindowConstructorOptions;
  readonly webContents = new WebContentsDouble();
  title: string;
  bounds: Electron.Rectangle;
  progress = -1;
  focused = 0;
  #isVisible: boolean;
  #isMinimized = false;
  #isMaximized = false;
  #isDestroyed = false;

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    this.options = options;
    this.title = options.title ?? '';
    this.#isVisible = options.show ?? true;
    const { x = 100, y = 100, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
    electron.windows.push(this);
  }

  readonly loadURL = (async (url) => {
    const isSamePage = url.split('#')[0] === this.webContents.url.split('#')[0];
    this.webContents.url = url;
    if (!isSamePage) this.webContents.send('did-navigate', preventable(), url, 200, 'OK');
  }) satisfies Electron.BrowserWindow['loadURL'];
  readonly show = (() => {
    if (this.#isVisible) return;
    this.#isVisible = true;
    this.send('show');
  }) satisfies Electron.BrowserWindow['show'];
  readonly showInactive = (() => this.show()) satisfies Electron.BrowserWindow['showInactive'];
  readonly hide = (() => {
    if (!this.#isVisible) return;
    this.#isVisible = false;
    this.send('hide');
  }) satisfies Electron.BrowserWindow['hide'];
  readonly focus = (() => {
    this.focused += 1;
  }) satisfies Electron.BrowserWindow['focus'];
  readonly minimize = (() => {
    this.#isMinimized = true;
    this.show();
  }) satisfies Electron.BrowserWindow['minimize'];
  readonly restore = (() => {
    this.#isMinimized = false;
  }) satisfies Electron.BrowserWindow['restore'];
  readonly maximize = (() => {
    this.#isMaximized = true;
    this.show();
  }) satisfies Electron.BrowserWindow['maximize'];
  readonly isVisible = (() => this.#isVisible) satisfies Electron.BrowserWindow['isVisible'];
  readonly isMinimized = (() => this.#isMinimized) satisfies Electron.BrowserWindow['isMinimized'];
  readonly isMaximized = (() => this.#isMaximized) satisfies Electron.BrowserWindow['isMaximized'];
  readonly isDestroyed = (() => this.#isDestroyed) satisfies Electron.BrowserWindow['isDestroyed'];
  readonly getNormalBounds = (() => this.bounds) satisfies Electron.BrowserWindow['getNormalBounds'];
  readonly setTitle = ((title) => {
    this.title = title;
  }) satisfies Electron.BrowserWindow['setTitle'];
  readonly setProgressBar = ((progress) => {
    this.progress = progress;
  }) satisfies Electron.BrowserWindow['setProgressBar'];

  /** As the person does it. */
  readonly close = (() => {
    if (this.#isDestroyed) return;
    const event = preventable();
    this.send('close', event);
    if (event.defaultPrevented) return;
    this.#isDestroyed = true;
    this.#isVisible = false;
    this.webContents.send('destroyed');
    this.send('closed');
  }) satisfies Electron.BrowserWindow['close'];

  send<Name extends keyof WindowListener>(name: Name, ...args: Parameters<WindowListener[Name]>): void {
    this.emit(name, ...args);
  }
}

export class TrayDouble extends EventEmitter {
  image: string;
  tooltip = '';
  /** The latest, and how many there were. */
  menu: MenuDouble | undefined;
  menus = 0;
  /** Linux: Electron looks for a panel when it is made, and only then. */
  readonly isInPanel = electron.hasPanel;
  #isDestroyed = false;

  constructor(image: ImageDouble) {
    super();
    this.image = image.path;
    electron.trays.push(this);
  }

  setImage(image: ImageDouble): void {
    this.image = image.path;
  }

  readonly setToolTip = ((text) => {
    this.tooltip = text;
  }) satisfies Electron.Tray['setToolTip'];

  setContextMenu(menu: MenuDouble): void {
    this.menu = menu;
    this.menus += 1;
  }

  readonly destroy = (() => {
    this.#isDestroyed = true;
  }) satisfies Electron.Tray['destroy'];

  readonly isDestroyed = (() => this.#isDestroyed) satisfies Electron.Tray['isDestroyed'];

  /** The person clicks on the icon itself. */
  click(): void {
    const bounds = { x: 0, y: 0, width: 24, height: 24 };
    this.send(
      'click',
      { ...preventable(), ctrlKey: false, metaKey: false, shiftKey: false, altKey: false },
      bounds,
      bounds,
    );
  }

  send<Name extends keyof TrayListener>(name: Name, ...args: Parameters<TrayListener[Name]>): void {
    this.emit(name, ...args);
  }
}

interface ImageDouble {
  readonly path: string;
}

export class MenuDouble {
  readonly template: readonly Electron.MenuItemConstructorOptions[];

  constructor(template: readonly Electron.MenuItemConstructorOptions[]) {
    this.template = template;
  }

  static readonly buildFromTemplate = (template: Electron.MenuItemConstructorOptions[]): MenuDouble =>
    new MenuDouble(template);

  static readonly setApplicationMenu = (menu: MenuDouble | null): void => {
    electron.applicationMenu = menu;
  };

  /** Every item, submenus' too. */
  get items(): readonly Electron.MenuItemConstructorOptions[] {
    return flat(this.template);
  }

  get labels(): readonly string[] {
    return this.items.flatMap(({ label }) => label ?? []);
  }

  /** @param label of the item, or the beginning of it */
  item(label: string): Electron.MenuItemConstructorOptions {
    const found = this.items.find((item) => item.label?.trim().startsWith(label) === true);
    if (found === undefined) throw new Error(`there is no "${label}" among: ${this.labels.join(' | ')}`);
    return found;
  }

  /** As the person does it: Electron toggles a tick itself before it reports the click. */
  click(label: string): void {
    const item = this.item(label);
    if (item.enabled === false) throw new Error(`"${label}" cannot be clicked`);
    if (item.type === 'checkbox') item.checked = !(item.checked ?? false);
    // Portkeeper looks at none of what Electron hands over.
    (item.click as unknown as (() => void) | undefined)?.();
  }
}

function flat(
  template: readonly Electron.MenuItemConstructorOptions[],
): readonly Electron.MenuItemConstructorOptions[] {
  return template.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);
}

export class NotificationDouble extends EventEmitter {
  readonly options: Electron.NotificationConstructorOptions;
  isShown = false;

  static readonly isSupported = (() => electron.hasNotifications) satisfies typeof Electron.Notification.isSupported;

  constructor(options: Electron.NotificationConstructorOptions = {}) {
    super();
    this.options = options;
    electron.notifications.push(this);
  }

  readonly show = (() => {
    this.isShown = true;
  }) satisfies Electron.Notification['show'];

  send<Name extends keyof NotificationListener>(name: Name, ...args: Parameters<NotificationListener[Name]>): void {
    this.emit(name, ...args);
  }
}

class PowerMonitorDouble extends EventEmitter {
  send(name: keyof PowerListener, ...args: readonly unknown[]): void {
    this.emit(name, ...args);
  }
}

class NativeThemeDouble extends EventEmitter {
  themeSource: Electron.NativeTheme['themeSource'] = 'system';
  shouldUseDarkColors: Electron.NativeTheme['shouldUseDarkColors'] = false;
  shouldUseDarkColorsForSystemIntegratedUI: Electron.NativeTheme['shouldUseDarkColorsForSystemIntegratedUI'] = false;
}

type Invoked = (event: Electron.IpcMainInvokeEvent, ...args: unknown[]) => unknown;
type Question = Pick<Electron.MessageBoxOptions, 'message' | 'detail' | 'buttons' | 'signal' | 'cancelId'>;

/** A question that stands on the screen. */
export interface DialogDouble extends Question {
  /** By the label of a button. */
  answer(label: string): void;
}

interface ElectronState {
  app: AppDouble;
  power: PowerMonitorDouble;
  theme: NativeThemeDouble;
  windows: BrowserWindowDouble[];
  trays: TrayDouble[];
  /** Is there something that shows trays? */
  hasPanel: boolean;
  notifications: NotificationDouble[];
  hasNotifications: boolean;
  applicationMenu: MenuDouble | null | undefined;
  dialogs: DialogDouble[];
  /** On the screen. */
  errorBoxes: string[];
  /** Links opened outside. */
  opened: string[];
  /** Why nothing can be opened outside; empty when it can. */
  openFault: string;
  clipboard: string;
  invoked: Map<string, Invoked>;
  schemes: Electron.CustomScheme[];
  pages: Map<string, (request: Request) => Promise<Response> | Response>;
  displays: Pick<Electron.Display, 'id' | 'workArea'>[];
  exposed: Map<string, unknown>;
  /** Whose page the preload script is in. */
  page: WebContentsDouble | undefined;
}

function fresh(): ElectronState {
  return {
    app: new AppDouble(),
    power: new PowerMonitorDouble(),
    theme: new NativeThemeDouble(),
    windows: [],
    trays: [],
    hasPanel: true,
    notifications: [],
    hasNotifications: true,
    applicationMenu: undefined,
    dialogs: [],
    errorBoxes: [],
    opened: [],
    openFault: '',
    clipboard: '',
    invoked: new Map(),
    schemes: [],
    pages: new Map(),
    displays: [{ id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }],
    exposed: new Map(),
    page: undefined,
  };
}

export let electron: ElectronState = fresh();

export function resetElectron(): void {
  electron = fresh();
}

/** A message from a page: what it invokes, and what it gets. Everything is copied, as between processes. */
export async function invoke(
  from: { readonly sender: WebContentsDouble; readonly senderFrame: FrameDouble | null },
  channel: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const handler = electron.invoked.get(channel);
  if (handler === undefined) throw new Error(`nobody handles ${channel}`);
  const event = { ...from, type: 'frame', frameId: 1, processId: 1, ...preventable() };
  try {
    return structuredClone(
      await handler(event as unknown as Electron.IpcMainInvokeEvent, ...args.map((one) => structuredClone(one))),
    );
  } catch (error) {
    // Electron hands over no more of an error than this.
    const message = `Error invoking remote method '${channel}': ${String(error)}`;
    throw Object.assign(new Error(message, { cause: error }), { cause: undefined });
  }
}

const ipcMain = {
  handle(channel, listener) {
    if (electron.invoked.has(channel)) throw new Error(`there is a handler for ${channel} already`);
    electron.invoked.set(channel, listener);
  },
  /** electron-store has a listener of its own. */
  on: (() => ipcMain) as unknown as Electron.IpcMain['on'],
} satisfies Pick<Electron.IpcMain, 'handle' | 'on'>;

const ipcRenderer = {
  async invoke(channel, ...args: readonly unknown[]) {
    if (electron.page === undefined) throw new Error('there is no page');
    return await invoke(electron.page.frame(), channel, ...args);
  },
} satisfies Pick<Electron.IpcRenderer, 'invoke'>;

const contextBridge = {
  exposeInMainWorld(name, api: unknown) {
    electron.exposed.set(name, api);
  },
} satisfies Pick<Electron.ContextBridge, 'exposeInMainWorld'>;

const dialog = {
  showMessageBox: ((options: Electron.MessageBoxOptions) => {
    const { promise, resolve } = Promise.withResolvers<Electron.MessageBoxReturnValue>();
    const close = (response: number): void => {
      electron.dialogs = electron.dialogs.filter((one) => one !== shown);
      resolve({ response, checkboxChecked: false });
    };
    const shown: DialogDouble = {
      ...options,
      answer(label) {
        const at = options.buttons?.indexOf(label) ?? -1;
        if (at < 0) throw new Error(`there is no button "${label}" among: ${options.buttons?.join(' | ')}`);
        close(at);
      },
    };
    electron.dialogs.push(shown);
    options.signal?.addEventListener('abort', () => close(options.cancelId ?? 0), { once: true });
    return promise;
  }) as Electron.Dialog['showMessageBox'],
  /** Linux: what comes before Electron is ready goes to standard error. */
  showErrorBox: (title, content) => {
    if (electron.app.isReady) electron.errorBoxes.push(`${title}: ${content}`);
  },
} satisfies Pick<Electron.Dialog, 'showMessageBox' | 'showErrorBox'>;

const shell = {
  openExternal: async (url) => void electron.opened.push(url),
  openPath: async (path) => {
    electron.opened.push(path);
    return electron.openFault;
  },
} satisfies Pick<Electron.Shell, 'openExternal' | 'openPath'>;

const clipboard = {
  writeText: async (text) => {
    electron.clipboard = text;
  },
} satisfies Pick<Electron.Clipboard, 'writeText'>;

const screen = {
  getPrimaryDisplay: () => electron.displays[0] as Electron.Display,
  getAllDisplays: () => electron.displays as Electron.Display[],
} satisfies Pick<Electron.Screen, 'getPrimaryDisplay' | 'getAllDisplays'>;

const protocol = {
  registerSchemesAsPrivileged: (schemes) => void electron.schemes.push(...schemes),
  handle: ((scheme: string, handler: (request: Request) => Promise<Response> | Response) => {
    electron.pages.set(scheme, handler);
  }) as Electron.Protocol['handle'],
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>;

const nativeImage = { createFromPath: (path: string): ImageDouble => ({ path }) };

/** The result of `import … from 'electron'`. Objects are looked up each time: there is a new one after a reset. */
export const electronModule = {
  BrowserWindow: BrowserWindowDouble,
  Menu: MenuDouble,
  Notification: NotificationDouble,
  Tray: TrayDouble,
  get app() {
    return electron.app;
  },
  get nativeTheme() {
    return electron.theme;
  },
  get powerMonitor() {
    return electron.power;
  },
  clipboard,
  contextBridge,
  dialog,
  ipcMain,
  ipcRenderer,
  nativeImage,
  protocol,
  screen,
  shell,
  get default() {
    return { app: electron.app, ipcMain, shell };
  },
};
