/** The one window. It is made when it is first wanted, and hidden rather than closed where a tray can bring it back. */
import { BrowserWindow, nativeTheme, protocol, screen, type Session, type WebContents } from 'electron';
import type { ProblemAction } from '../../contract/problem-actions.ts';
import { SCHEME, answerPage, isOurUrl, isOwnBlob, pageAddress } from './page.ts';
import { SMALLEST, placeOfWindow, type Area, type WindowPlace } from './window-bounds.ts';
import { WindowTrouble, type TroubleParts } from './window-trouble.ts';

export interface WindowParts extends TroubleParts {
  /** The built preload script. */
  readonly preload: string;
  readonly icon: string | undefined;
  readonly place: {
    readonly saved: WindowPlace | undefined;
    readonly save: (place: WindowPlace) => void;
  };
  readonly admit: (contents: WebContents) => void;
  readonly openLink: (url: string) => void;
  /** The person closes it. `hide`: it is brought back later. `quit`: all ends, which takes the window with it. `close`:
   * it may go now. */
  readonly onClose: () => 'hide' | 'quit' | 'close';
  readonly onVisible: (isVisible: boolean) => void;
  /** Windows: the person logs off, or the computer is shut down. */
  readonly onSessionEnd: () => void;
}

/** `--bg` of renderer/style/tokens.css: seen before the page is. */
const BACKGROUND = { light: '#f4f5f7', dark: '#131517' } as const;

/** Milliseconds within which a window manager puts its frame around the window; a person is slower to move it. */
const FRAMED = 2000;
/** Device-independent pixels; title bars of desktops have 22 to 47. */
const WIDEST_FRAME = 64;

export class MainWindow {
  readonly #parts: WindowParts;
  readonly #trouble: WindowTrouble;
  #window: BrowserWindow | undefined;
  #place: WindowPlace | undefined;
  /** Measures the frame: from the first time that the window is shown until the window manager has put a frame around it. */
  #awaitsFrame: (() => void) | undefined;
  #isLoaded = false;
  #isGuarded = false;
  /** By how much the window manager's frame moves it from where it was asked to be, as on X11. */
  #shift = { x: 0, y: 0 };
  /** Is it shown for the first time? */
  #isFirst = true;

  constructor(parts: WindowParts) {
    this.#parts = parts;
    this.#trouble = new WindowTrouble(parts);
    this.#place = parts.place.saved;
  }

  get isVisible(): boolean {
    return this.#window?.isVisible() ?? false;
  }

  /** Windows notifies only windows that the session ends; this one costs nothing until it has a page. */
  prepare(): void {
    this.#window ??= this.#make();
  }

  /** In front of all others. */
  show(about?: ProblemAction): void {
    const window = this.#wanted(about);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Where nothing else could bring it back; whatever the person is typing into keeps the focus. */
  reveal(): void {
    if (this.isVisible || this.#window?.isMinimized() === true) return;
    this.#wanted().showInactive();
  }

  /** While the end takes its time. */
  showEnding(text: string): void {
    if (!this.isVisible) return;
    this.#window?.setTitle(text);
    // Above 1: busy, nobody knows for how long.
    this.#window?.setProgressBar(2);
  }

  /** Before the end. */
  remember(): void {
    const window = this.#window;
    if (window === undefined || !this.#isLoaded) return;
    // The window manager may have moved it without our having heard of it yet.
    this.#awaitsFrame?.();
    const { x, y, ...size } = window.getNormalBounds();
    const bounds = { x: x - this.#shift.x, y: y - this.#shift.y, ...size };
    const place: WindowPlace = { bounds, maximized: window.isMaximized() };
    if (JSON.stringify(place) === JSON.stringify(this.#place)) return;
    this.#place = place;
    this.#parts.place.save(place);
  }

  #wanted(about?: ProblemAction): BrowserWindow {
    const window = (this.#window ??= this.#make());
    this.#load(window, about);
    // It shows the window, too: not before it is wanted.
    if (this.#isFirst && this.#place?.maximized === true) window.maximize();
    this.#isFirst = false;
    return window;
  }

  #load(window: BrowserWindow, about?: ProblemAction): void {
    if (this.#isLoaded) this.#trouble.fix(window);
    if (this.#isLoaded && about === undefined) return;
    this.#isLoaded = true;
    // The reason of a failure arrives as an event as well.
    window.loadURL(pageAddress(about)).catch(() => undefined);
  }

  #make(): BrowserWindow {
    const { preload, icon, admit, openLink } = this.#parts;
    const asked = placeOfWindow(this.#place, workAreas());
    const window = new BrowserWindow({
      ...asked,
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      show: false,
      title: 'Portkeeper',
      backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
      autoHideMenuBar: true,
      ...(icon === undefined ? {} : { icon }),
      webPreferences: {
        preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        spellcheck: false,
        safeDialogs: true,
      },
    });
    admit(window.webContents);
    // One session serves every window that is made.
    if (!this.#isGuarded) guardSession(window.webContents.session);
    this.#isGuarded = true;
    guardContents(window.webContents, openLink);
    this.#trouble.watch(window);
    this.#follow(window);
    window.once('show', () => {
      const done = (): void => (this.#awaitsFrame = undefined);
      this.#awaitsFrame = () => {
        done();
        this.#measureFrame(window, asked);
      };
      window.once('move', () => this.#awaitsFrame?.());
      setTimeout(done, FRAMED).unref();
    });
    return window;
  }

  #measureFrame(window: BrowserWindow, asked: Partial<Area>): void {
    if (window.isDestroyed() || window.isMaximized() || asked.x === undefined || asked.y === undefined) return;
    const { x, y } = window.getNormalBounds();
    const shift = { x: x - asked.x, y: y - asked.y };
    // More than a frame is a person who has moved it already, or a window manager with a mind of its own.
    const isFrame = [shift.x, shift.y].every((length) => length >= 0 && length <= WIDEST_FRAME);
    if (isFrame) this.#shift = shift;
  }

  #follow(window: BrowserWindow): void {
    const { onClose, onVisible, onSessionEnd } = this.#parts;
    window.on('close', (event) => {
      this.remember();
      const how = onClose();
      if (how === 'close') return;
      event.preventDefault();
      if (how === 'hide') window.hide();
    });
    window.on('show', () => onVisible(true));
    window.on('hide', () => onVisible(false));
    // The shutdown waits for an app that asks it to, and that ends soon; at `session-end` it waits no longer.
    window.on('query-session-end', (event) => {
      event.preventDefault();
      onSessionEnd();
    });
    window.on('session-end', onSessionEnd);
    window.on('page-title-updated', (event) => event.preventDefault());
    window.once('closed', () => {
      this.#window = undefined;
      this.#isLoaded = false;
      this.#isFirst = true;
      onVisible(false);
    });
  }
}

/** The main one first. */
function workAreas(): readonly Area[] {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
  return [main, ...others].map(({ workArea }) => workArea);
}

/** @param openLink gets what the person clicked on; it decides whether that is opened elsewhere */
function guardContents(contents: WebContents, openLink: (url: string) => void): void {
  contents.on('will-frame-navigate', (event) => {
    if (event.isMainFrame && isOurUrl(event.url)) return;
    event.preventDefault();
    if (event.isMainFrame) openLink(event.url);
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openLink(url);
    return { action: 'deny' };
  });
}

function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, details) => {
    answer(details.isMainFrame && isPermitted(permission, details.requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin, details) => {
    return details.isMainFrame && isPermitted(permission, origin);
  });
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  // The page itself makes its exports; Electron asks the person where to keep them.
  session.on('will-download', (event, item) => {
    if (isOwnBlob(item.getURL())) item.setSaveDialogOptions({ title: 'Portkeeper', defaultPath: item.getFilename() });
    else event.preventDefault();
  });
}

/** Permissions of the window's page beyond showing itself: put text on the clipboard. */
const ALLOWED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** @param page whoever asks: a URL, or an origin */
function isPermitted(permission: string, page: string): boolean {
  return ALLOWED.has(permission) && isOurUrl(page);
}

/** Before Electron is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    // Module scripts are asked for as CORS requests are.
    { scheme: SCHEME, privileges: { standard: true, secure: true, corsEnabled: true, codeCache: true } },
  ]);
}

/** @param folder of the built page */
export function servePage(folder: string): void {
  protocol.handle(SCHEME, ({ method, url }) => answerPage(folder, { method, url }));
}
