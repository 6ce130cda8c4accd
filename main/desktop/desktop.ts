/** The desktop application: tray, window and the rest around whatever engine there is. */
import { app, Menu, nativeTheme, powerMonitor, type MenuItemConstructorOptions } from 'electron';
import type { AppSnapshot } from '../contract/commands.ts';
import { languageOf, type Language } from '../contract/words/catalogues.ts';
import type { Millis } from '../contract/units.ts';
import { feedNotices } from '../engine/activity/notices.ts';
import { Actions } from './actions.ts';
import { BlockedQuestion, ask } from './dialogs.ts';
import { DesktopSurroundings, desktopHost, type DesktopParts } from './desktop-host.ts';
import { EngineLink } from '../connect/engine-link.ts';
import { clientOf } from '../engine/dispatch.ts';
import { LoginItemKeeper, asksForLoginItem } from './login/login-item-keeper.ts';
import type { StartOptions } from './installation.ts';
import { Notifications, shownNotice, updateNotice } from './notifications.ts';
import { Quit } from './quit.ts';
import type { Gate } from '../connect/resident.ts';
import { trayMenu } from './tray/tray-menu.ts';
import { TrayPresence } from './tray/tray-presence.ts';
import { trayState, type TrayView } from './tray/tray-state.ts';
import { TrayFace } from './tray/tray.ts';
import type { Updates } from './updates/updates.ts';
import { Ipc } from './window/ipc.ts';
import { MainWindow, servePage } from './window/window.ts';
import { desktopWords } from './words.ts';

export class Desktop {
  readonly #parts: DesktopParts;
  readonly #stop = new AbortController();
  readonly #link: EngineLink;
  readonly #quit: Quit;
  readonly #updates: Updates | undefined;
  readonly #keeper: LoginItemKeeper;
  readonly #window: MainWindow;
  readonly #notifications: Notifications;
  readonly #actions: Actions;
  readonly #running: Promise<void>;
  readonly #presence: TrayPresence;
  #tray: TrayFace | undefined;
  #isEnding = false;
  #language = systemLanguage();
  #shown: AppSnapshot | undefined;

  /** Electron is ready. The engine begins at once. */
  constructor(parts: DesktopParts) {
    this.#parts = parts;
    const { clock, log, platform, places, state } = parts;
    const { signal } = this.#stop;
    const language = (): Language => this.#language;
    this.#presence = new TrayPresence({
      watch: parts.watchPanel,
      clock,
      makeTray: () => this.#makeTray(),
      onUnreachable: () => this.#window.reveal(),
    });
    this.#quit = new Quit({
      clock,
      log,
      leave: (limit) => this.#leave(limit),
      end: () => app.quit(),
      endNow: () => app.exit(0),
      showProgress: () => this.#showEnding(),
      sessionWaits: platform !== 'darwin',
    });
    const quit = (): void => this.#quit.request();
    this.#updates = parts.updates?.((finish) => this.#quit.requestThen(finish));
    const host = desktopHost(parts.host, { updates: this.#updates, log });
    const around = new DesktopSurroundings(this.#updates, (surroundings) => this.#link.setSurroundings(surroundings));
    this.#link = new EngineLink({ clock, log, meet: (until) => parts.meet(host, around.note, until) });
    const gate: Gate = {
      watch: (listener) => this.#link.watch(listener),
      command: async (name, input, until) => {
        const answer = await this.#link.command(name, input, until);
        if (answer.ok && asksForLoginItem(name, input)) this.#keeper.again();
        return answer;
      },
    };
    this.#notifications = new Notifications(platform, parts.drawsMarkup, (action) => this.#actions.do(action));
    this.#actions = new Actions({
      gate,
      log,
      language,
      signal,
      ask,
      snapshot: () => this.#link.snapshot,
      pages: parts.pages,
      showWindow: (about) => this.#window.show(about),
      notify: (notice) => this.#notifications.show(notice),
      // A clicked tick shows the true state again.
      done: () => this.#showTray(),
      quit,
      quitNow: () => this.#quit.now(),
    });
    const ipc = new Ipc(gate, log);
    this.#window = new MainWindow({
      clock,
      log,
      ask,
      language,
      signal,
      quit,
      hasTray: () => this.#presence.hasTray,
      preload: places.preload,
      icon: places.icon,
      place: { saved: state.window, save: state.setWindow },
      admit: (contents) => ipc.admit(contents),
      openLink: (url) => this.#actions.openLink(url),
      onClose: () => this.#closed(),
      onVisible: (isVisible) => showInDock(isVisible),
      onSessionEnd: () => this.#quit.hurry(),
    });
    this.#keeper = new LoginItemKeeper({
      item: parts.loginItem,
      clock,
      log,
      left: { isThere: state.loginItem, remember: state.setLoginItem },
      changeSetting: async (startAtLogin) => {
        await gate.command('settings.change', { settings: { startAtLogin } }, signal);
      },
      onProblem: around.setLoginItem,
    });
    servePage(places.page);
    this.#listen();
    this.#updates?.watch(around.changed);
    this.#running = this.#run();
    const feed = feedNotices(clientOf(gate), clock, (notice) => this.#notify(notice), signal);
    for (const work of [this.#show(), feed]) work.catch((error: unknown) => this.#failed(error));
  }

  /** Somebody has started the app a second time. */
  startedAgain({ hidden, quit }: StartOptions): void {
    if (quit) this.#quit.request();
    else if (!hidden) this.#window.show();
  }

  /** Ctrl-C, a service manager. */
  requestQuit(): void {
    this.#quit.request();
  }

  async #run(): Promise<void> {
    try {
      await this.#link.run(this.#stop.signal);
    } catch (error) {
      this.#failed(error);
      const { broken, locked } = desktopWords[this.#language];
      const detail = broken.detail(error instanceof Error ? error.message : String(error));
      const choices = [{ is: 'quit', label: locked.quit }];
      await ask({ message: broken.message, detail, choices }, this.#stop.signal);
      this.#quit.now();
    }
  }

  async #show(): Promise<void> {
    const { start, platform } = this.#parts;
    setAppMenu(platform, this.#language);
    const watched = this.#presence.run(this.#stop.signal);
    if (platform === 'win32') this.#window.prepare();
    showInDock(!start.hidden);
    if (!start.hidden) this.#window.show();
    await watched;
  }

  #makeTray(): void {
    if (this.#tray !== undefined) return this.#tray.renew();
    const { platform, desktop, places } = this.#parts;
    const act: ConstructorParameters<typeof TrayFace>[0]['act'] = (action) => this.#actions.do(action);
    const tray = { images: places.images, platform, desktop, act };
    this.#tray = new TrayFace(tray, trayState(this.#view(), this.#language));
    this.#showTray();
  }

  #listen(): void {
    app.on('before-quit', (event) => {
      if (this.#quit.isDone) return;
      event.preventDefault();
      this.#quit.request();
    });
    // The tray stays.
    app.on('window-all-closed', () => undefined);
    app.on('activate', () => this.#window.show());
    followPower({ woke: () => this.#link.woke(), ends: () => this.#quit.hurry() });
    this.#link.watch((snapshot) => this.#follow(snapshot));
    const { log, start } = this.#parts;
    const question = new BlockedQuestion({
      ask,
      language: () => this.#language,
      isQuiet: start.hidden,
      quit: () => this.#quit.request(),
      log,
    });
    this.#link.watchState((state) => {
      question.follow(state, this.#stop.signal);
      this.#showTray();
    });
  }

  #follow(snapshot: AppSnapshot): void {
    const { settings } = snapshot;
    const language = settings.language === 'system' ? systemLanguage() : settings.language;
    if (language !== this.#language) setAppMenu(this.#parts.platform, language);
    this.#language = language;
    if (nativeTheme.themeSource !== settings.theme) nativeTheme.themeSource = settings.theme;
    this.#keeper.want(settings.startAtLogin);
    this.#updates?.want(settings.checkForUpdates);
    const notice = updateNotice(this.#shown, snapshot, language);
    if (notice !== undefined) this.#notifications.show(notice);
    this.#shown = snapshot;
    this.#showTray();
  }

  #notify(notice: Parameters<typeof shownNotice>[0]): void {
    if (this.#shown !== undefined) this.#notifications.show(shownNotice(notice, this.#shown, this.#language));
  }

  #view(): TrayView {
    return { snapshot: this.#link.snapshot, link: this.#link.state, isLeaving: this.#isEnding };
  }

  #showTray(): void {
    const view = this.#view();
    const can = { loginItem: typeof this.#parts.loginItem !== 'string', now: this.#parts.clock.now() };
    this.#tray?.show(trayState(view, this.#language), trayMenu(view, this.#language, can));
  }

  #closed(): 'hide' | 'quit' | 'close' {
    if (this.#quit.isDone) return 'close';
    if (this.#presence.hasTray) return 'hide';
    this.#quit.request();
    return 'quit';
  }

  #showEnding(): void {
    this.#isEnding = true;
    this.#window.showEnding(desktopWords[this.#language].closing);
    this.#showTray();
  }

  async #leave(limit: Millis): Promise<void> {
    this.#window.remember();
    await this.#link.leave(limit);
    this.#stop.abort();
    await this.#running;
    await this.#keeper.settled();
    await this.#parts.state.stored();
    this.#tray?.remove();
    this.#tray = undefined;
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#parts.log.write('error', 'a part of the app failed', { error: text });
  }
}

function systemLanguage(): Language {
  return languageOf(app.getPreferredSystemLanguages());
}

/** macOS: an icon in the dock for as long as there is a window to go with it. */
function showInDock(isVisible: boolean): void {
  if (isVisible) app.dock?.show().catch(() => undefined);
  else app.dock?.hide();
}

/** Electron's events for the computer's sleep and shutdown. */
interface PowerParts {
  /** It was asleep, or away: what was open may not be so any more, and the network may be another. */
  readonly woke: () => void;
  /** The system ends, as soon as we let it. */
  readonly ends: () => void;
}

/** Once Electron is ready. */
function followPower({ woke, ends }: PowerParts): void {
  powerMonitor.on('resume', woke);
  powerMonitor.on('unlock-screen', woke);
  // Linux and macOS wait for us then, and not for long.
  // Electron's types leave out the event, its documentation does not.
  powerMonitor.on('shutdown', (...given: readonly { preventDefault(): void }[]) => {
    given[0]?.preventDefault();
    ends();
  });
}

type MenuWords = (typeof desktopWords)['en']['menu'];
type Role = Extract<keyof MenuWords, MenuItemConstructorOptions['role']>;

/** Electron's roles know the plus and minus of one keyboard; these are where plus needs Shift, and on the keypad. */
const MORE_KEYS: readonly MenuItemConstructorOptions[] = (
  [
    ['zoomIn', 'CommandOrControl+='],
    ['zoomIn', 'CommandOrControl+numadd'],
    ['zoomOut', 'CommandOrControl+numsub'],
  ] as const
).map(([role, accelerator]) => ({ role, accelerator, visible: false }));

/** macOS has its menu bar, and keys such as ⌘C work by it alone. Elsewhere the menu is hidden until Alt is pressed: it is
 * there for the keys that make the window larger and smaller. */
function setAppMenu(platform: NodeJS.Platform, language: Language): void {
  const words = desktopWords[language].menu;
  const items = (...roles: readonly (Role | 'line')[]): MenuItemConstructorOptions[] =>
    roles.map((role) => (role === 'line' ? { type: 'separator' } : { role, label: words[role] }));
  const view: MenuItemConstructorOptions = {
    label: words.view,
    submenu: [...items('zoomIn', 'zoomOut', 'resetZoom', 'line', 'togglefullscreen'), ...MORE_KEYS],
  };
  const mac: readonly MenuItemConstructorOptions[] = [
    { role: 'appMenu', submenu: items('about', 'line', 'hide', 'hideOthers', 'unhide', 'line', 'quit') },
    {
      role: 'editMenu',
      label: words.edit,
      submenu: items('undo', 'redo', 'line', 'cut', 'copy', 'paste', 'selectAll'),
    },
    view,
    { role: 'windowMenu', label: words.window, submenu: items('minimize', 'close') },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(platform === 'darwin' ? [...mac] : [view]));
}
