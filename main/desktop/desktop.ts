/** The desktop application: tray, window and the rest around whatever engine there is. */
import type { Event } from 'electron';
import { app, clipboard, nativeTheme, shell } from 'electron';
import type { AppSnapshot } from '../contract/commands.ts';
import type { Language } from '../contract/language.ts';
import { languageOf } from '../contract/language.ts';
import type { Problem } from '../contract/problems.ts';
import { desktopWords } from '../contract/words/desktop.ts';
import { faultText } from '../contract/words/faults.ts';
import { CommandError } from '../engine/command-error.ts';
import type { Host } from '../engine/host.ts';
import type { Clock, Log } from '../system/system.ts';
import { setAppMenu } from './app-menu.ts';
import { BlockedQuestion } from './blocked-question.ts';
import type { DesktopState } from './desktop-state.ts';
import { ask } from './dialogs.ts';
import { EngineLink } from './engine-link.ts';
import { Ipc } from './ipc.ts';
import { knownPlaces } from './known-places.ts';
import { openableLink } from './link-check.ts';
import type { LoginItem } from './login-item.ts';
import { LoginItemKeeper } from './login-item-keeper.ts';
import { Notifications } from './notifications.ts';
import { servePage } from './page-scheme.ts';
import { followPower } from './power.ts';
import { Quit } from './quit.ts';
import type { Gate, Session } from './session.ts';
import type { StartOptions } from './start-options.ts';
import { TrayFace } from './tray.ts';
import type { TrayAction } from './tray-menu.ts';
import { trayMenu } from './tray-menu.ts';
import { awaitTray } from './tray-presence.ts';
import type { TrayView } from './tray-state.ts';
import { trayState } from './tray-state.ts';
import type { Updates } from './updates.ts';
import { MainWindow } from './window.ts';

export interface DesktopParts {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: Omit<Host, 'kind' | 'quit' | 'showDataFolder' | 'updates'>;
  /**
   * An engine, ours or another process's.
   * @param note gets what was met on the way that the person is to know
   * @throws StorageError, or the signal's reason
   */
  readonly meet: (host: Host, note: (problem: Problem) => void, signal: AbortSignal) => Promise<Session>;
  readonly state: DesktopState;
  readonly start: StartOptions;
  readonly loginItem: LoginItem | string;
  readonly hasTray: () => Promise<boolean>;
  /** @param quitThen ends the app, and then does what it is given; absent where nothing can be updated */
  readonly updates: ((quitThen: (finish: () => void) => void) => Updates) | undefined;
  /** The project's own pages, that links may lead to. */
  readonly pages: readonly string[];
  readonly places: {
    /** Built preload script. */
    readonly preload: string;
    /** Folder of the built page. */
    readonly page: string;
    /** Folder of the tray's images. */
    readonly images: string;
    readonly icon: string | undefined;
  };
}

export class Desktop {
  readonly #parts: DesktopParts;
  readonly #stop = new AbortController();
  readonly #link: EngineLink;
  readonly #quit: Quit;
  readonly #updates: Updates | undefined;
  readonly #keeper: LoginItemKeeper;
  readonly #window: MainWindow;
  readonly #notifications: Notifications;
  readonly #running: Promise<void>;
  #tray: TrayFace | undefined;
  #hasTray: boolean;
  #isEnding = false;
  readonly #noted: Problem[] = [];
  #loginProblem: Problem | undefined;
  #language: Language;

  /** Electron is ready. The engine begins at once. */
  constructor(parts: DesktopParts) {
    this.#parts = parts;
    const { clock, log, platform, places, state } = parts;
    this.#hasTray = platform !== 'linux';
    this.#language = systemLanguage();
    this.#quit = new Quit({
      clock,
      log,
      leave: (limit) => this.#leave(limit),
      end: () => app.quit(),
      endNow: () => app.exit(0),
      showProgress: () => this.#showEnding(),
    });
    this.#updates = parts.updates?.((finish) => this.#quit.requestThen(finish));
    const host = this.#host();
    const note = (problem: Problem): void => {
      this.#noted.push(problem);
      this.#surround();
    };
    this.#link = new EngineLink({ clock, log, meet: (signal) => parts.meet(host, note, signal) });
    const gate = this.#gate();
    const ipc = new Ipc(gate, log);
    this.#window = new MainWindow({
      clock,
      log,
      ask,
      language: () => this.#language,
      preload: places.preload,
      icon: places.icon,
      place: { saved: state.window, save: state.setWindow },
      admit: (contents) => ipc.admit(contents),
      openLink: (url) => this.#openLink(url),
      onClose: () => this.#closed(),
      onVisible: (isVisible) => this.#showInDock(isVisible),
      onSessionEnd: () => this.#quit.hurry(),
    });
    this.#notifications = new Notifications(platform, (action) => this.#act(action));
    this.#keeper = new LoginItemKeeper({
      item: parts.loginItem,
      clock,
      log,
      left: { isThere: state.loginItem, remember: state.setLoginItem },
      changeSetting: async (startAtLogin) => {
        await gate.command('settings.change', { settings: { startAtLogin } }, this.#stop.signal);
      },
      onProblem: (problem) => {
        this.#loginProblem = problem;
        this.#surround();
      },
    });
    servePage(places.page);
    this.#listen();
    this.#running = this.#run();
    this.#show().catch((error: unknown) => log.write('error', 'the start went wrong', { error: String(error) }));
  }

  /** Somebody has started the app a second time. */
  startedAgain({ hidden, quit }: StartOptions): void {
    if (quit) this.#quit.request();
    else if (!hidden) this.#window.show();
  }

  /** Ctrl-C, a service manager, a person. */
  requestQuit(): void {
    this.#quit.request();
  }

  async #run(): Promise<void> {
    try {
      await this.#link.run(this.#stop.signal);
    } catch (error) {
      this.#parts.log.write('error', 'the engine ended', {
        error: error instanceof Error ? error.stack : String(error),
      });
      const { message, detail } = desktopWords[this.#language].broken;
      const fault = error instanceof Error ? error.message : String(error);
      await ask(
        { message, detail: detail(fault), choices: [{ is: 'quit', label: desktopWords[this.#language].locked.quit }] },
        this.#stop.signal,
      );
      this.#quit.now();
    }
  }

  async #show(): Promise<void> {
    const { start, platform, hasTray, clock } = this.#parts;
    setAppMenu(platform, this.#language);
    this.#tray = new TrayFace(
      { images: this.#parts.places.images, platform, act: (action) => this.#act(action) },
      trayState(this.#view(), this.#language),
    );
    this.#showTray();
    if (platform === 'win32') this.#window.prepare();
    this.#showInDock(this.#window.isVisible);
    if (!start.hidden) this.#window.show();
    if (start.hidden && platform === 'linux') {
      this.#hasTray = await awaitTray(hasTray, clock, this.#stop.signal);
      // Without anything to click on, nobody would know that it runs, or how to end it.
      if (!this.#hasTray && !this.#window.isVisible) this.#window.showMinimized();
    } else this.#hasTray = await hasTray();
  }

  #listen(): void {
    const { signal } = this.#stop;
    app.on('before-quit', (event: Event) => {
      if (this.#quit.isDone) return;
      event.preventDefault();
      this.#quit.request();
    });
    // The tray stays.
    app.on('window-all-closed', () => undefined);
    app.on('activate', () => this.#window.show());
    followPower({ woke: () => this.#link.woke(), ends: () => this.#quit.hurry() });
    this.#link.watch((snapshot) => this.#followSnapshot(snapshot));
    const question = new BlockedQuestion({
      ask,
      language: () => this.#language,
      isQuiet: this.#parts.start.hidden,
      quit: () => this.#quit.request(),
      log: this.#parts.log,
    });
    this.#link.watchState((state) => {
      question.follow(state, signal);
      this.#showTray();
    });
    this.#updates?.watch(() => this.#surround());
  }

  #followSnapshot(snapshot: AppSnapshot): void {
    const { settings } = snapshot;
    const language = settings.language === 'system' ? systemLanguage() : settings.language;
    if (language !== this.#language) setAppMenu(this.#parts.platform, language);
    this.#language = language;
    if (nativeTheme.themeSource !== settings.theme) nativeTheme.themeSource = settings.theme;
    this.#keeper.want(settings.startAtLogin);
    this.#updates?.want(settings.checkForUpdates);
    this.#showTray();
  }

  #view(): TrayView {
    return { snapshot: this.#link.snapshot, link: this.#link.state, isLeaving: this.#isEnding };
  }

  #showTray(): void {
    const view = this.#view();
    const can = { loginItem: typeof this.#parts.loginItem !== 'string' };
    this.#tray?.show(trayState(view, this.#language), trayMenu(view, this.#language, can));
  }

  /** What the person chose in tray, notification or dialog. Commands leave in the same turn. */
  #act(action: TrayAction): void {
    switch (action.do) {
      case 'command':
        this.#command(action.command, action.input).catch((error: unknown) => {
          if (!this.#stop.signal.aborted) this.#parts.log.write('error', 'a command failed', { error: String(error) });
        });
        return;
      case 'copy':
        clipboard.writeText(action.text).catch((error: unknown) => {
          this.#parts.log.write('warn', 'nothing can be copied', { error: String(error) });
        });
        return;
      case 'open':
        this.#window.show(action.for);
        return;
      case 'browse':
        this.#openLink(action.url);
        return;
      case 'quit':
        this.#quit.request();
        return;
      case 'quit-now':
        this.#quit.now();
    }
  }

  async #command(name: string, input: unknown): Promise<void> {
    const answer = await this.#gate().command(name, input, this.#stop.signal);
    if (!answer.ok) this.#notifications.show({ title: 'Portkeeper', body: faultText(answer.fault, this.#language) });
    // A tick that was clicked on shows again what is true.
    this.#showTray();
  }

  #gate(): Gate {
    return {
      watch: (listener) => this.#link.watch(listener),
      command: async (name, input, signal) => {
        const answer = await this.#link.command(name, input, signal);
        if (answer.ok && name === 'settings.change' && asksForLoginItem(input)) this.#keeper.again();
        return answer;
      },
    };
  }

  #openLink(url: string): void {
    const link = openableLink(url, knownPlaces(this.#link.snapshot, this.#parts.pages));
    const { log } = this.#parts;
    if (link === undefined) log.write('warn', 'a link was not opened', { url });
    else shell.openExternal(link).catch((error: unknown) => log.write('warn', 'no browser', { error: String(error) }));
  }

  #host(): Host {
    const { host } = this.#parts;
    return {
      ...host,
      kind: 'desktop',
      quit: () => this.#quit.request(),
      showDataFolder: async () => {
        const fault = await shell.openPath(host.dataFolder);
        if (fault === '') return;
        this.#parts.log.write('warn', 'the data folder cannot be shown', { fault });
        throw new CommandError('not-here', '', { code: 'no-desktop', parameters: { folder: host.dataFolder } });
      },
      ...(this.#updates === undefined ? {} : { updates: this.#updates }),
    };
  }

  #surround(): void {
    this.#link.surround({
      host: { kind: 'desktop', hasDemo: true, update: this.#updates?.state ?? { at: 'unsupported' } },
      problems: [...this.#noted, ...(this.#loginProblem === undefined ? [] : [this.#loginProblem])],
    });
  }

  #closed(): 'hide' | 'quit' | 'close' {
    if (this.#quit.isDone) return 'close';
    if (this.#hasTray) return 'hide';
    this.#quit.request();
    return 'quit';
  }

  /** macOS: an icon in the dock for as long as there is a window to go with it. */
  #showInDock(isVisible: boolean): void {
    if (isVisible) app.dock?.show().catch(() => undefined);
    else app.dock?.hide();
  }

  #showEnding(): void {
    this.#isEnding = true;
    this.#window.showEnding(desktopWords[this.#language].closing);
    this.#showTray();
  }

  async #leave(limit: Parameters<EngineLink['leave']>[0]): Promise<void> {
    this.#window.remember();
    await this.#link.leave(limit);
    this.#stop.abort();
    await this.#running;
    await this.#keeper.settled();
    await this.#parts.state.stored();
    this.#tray?.remove();
    this.#tray = undefined;
  }
}

const systemLanguage = (): Language => languageOf(app.getPreferredSystemLanguages());

/** The person asks for it once more: it had failed, and the setting stays as it was. */
function asksForLoginItem(input: unknown): boolean {
  if (typeof input !== 'object' || input === null || !('settings' in input)) return false;
  const { settings } = input;
  return (
    typeof settings === 'object' && settings !== null && 'startAtLogin' in settings && settings.startAtLogin === true
  );
}
