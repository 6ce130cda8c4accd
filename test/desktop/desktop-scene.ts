/** The desktop application in a simulated home: the real engine, Electron's double, no time but the home's. */
import type { AppSnapshot, CommandInput, CommandName } from '../../main/contract/commands.ts';
import type { ForwardInput, ProfileId } from '../../main/contract/profiles/profile.ts';
import { inSeconds, millis, type Millis } from '../../main/contract/units.ts';
import { Desktop } from '../../main/desktop/desktop.ts';
import type { DesktopParts } from '../../main/desktop/desktop-host.ts';
import { DesktopState } from '../../main/desktop/desktop-state.ts';
import { hostResident } from '../../main/connect/resident.ts';
import { App } from '../../main/engine/app.ts';
import { createDispatch } from '../../main/engine/dispatch.ts';
import { createRouterMemory } from '../../main/gateways/router-memory.ts';
import { createHome, type Home, type HomeOptions } from '../world/home.ts';
import { World } from '../world/world.ts';
import type { System } from '../../main/system/system.ts';
import {
  electron,
  resetElectron,
  type BrowserWindowDouble,
  type MenuDouble,
  type TrayDouble,
  type WebContentsDouble,
} from './electron-double.ts';

type Happening = 'datagram' | 'connection' | 'timer';

export interface SceneOptions extends HomeOptions {
  readonly platform?: NodeJS.Platform;
  readonly hidden?: boolean;
  /** Is there something that shows trays, to begin with? */
  readonly hasPanel?: boolean;
  readonly loginItem?: DesktopParts['loginItem'];
  readonly updates?: DesktopParts['updates'];
  readonly meet?: (own: DesktopParts['meet']) => DesktopParts['meet'];
  /** Before Electron's double is used. */
  readonly prepare?: (home: Home) => void;
}

export class DesktopScene {
  readonly world: World;
  readonly home: Home;
  readonly desktop: Desktop;
  /** Datagrams and connections that left this computer, and waits that ended by time, in order. */
  readonly happened: Happening[];
  #apps: App[];
  #tellPanel: (isThere: boolean) => void;

  static async start(options: SceneOptions = {}): Promise<DesktopScene> {
    resetElectron();
    electron.hasPanel = options.hasPanel ?? true;
    const world = new World({ seed: 1 });
    const home = await createHome(world, options);
    options.prepare?.(home);
    const { storage } = home.client;
    const happened: Happening[] = [];
    const system = overheard(home.client.system, happened);
    const apps: App[] = [];
    const meet: DesktopParts['meet'] = async (host) => {
      const app = await App.load({
        system,
        documents: storage.documents(),
        journal: storage.log('journal'),
        activity: storage.log('activity'),
        memory: createRouterMemory(storage.documents(), system.log, system.clock),
        host,
      });
      apps.push(app);
      return hostResident({ app, dispatch: createDispatch(app, system.log) }, { leave: async () => undefined });
    };
    const state = await world.finish(DesktopState.load(storage.documents(), system.log));
    const { platform = 'win32', hidden = false } = options;
    let tellPanel: (isThere: boolean) => void = () => undefined;
    const watchPanel: DesktopParts['watchPanel'] = async (tell, signal) => {
      tellPanel = tell;
      tell(electron.hasPanel);
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      await promise;
    };
    const desktop = new Desktop({
      platform,
      clock: system.clock,
      log: system.log,
      host: {
        version: '1.2.3',
        platform: `${platform} 1`,
        dataFolder: '/data',
        recentLog: () => [],
        personal: { computer: '', user: '', homeFolder: '' },
      },
      meet: options.meet?.(meet) ?? meet,
      state,
      start: { hidden, quit: false },
      loginItem: options.loginItem ?? 'not-installed',
      watchPanel,
      updates: options.updates,
      pages: ['https://portkeeper.example/'],
      places: { preload: '/out/preload/index.cjs', page: '/out/renderer', images: '/tray', icon: undefined },
    });
    const scene = new DesktopScene(world, home, desktop, happened, apps, (isThere) => tellPanel(isThere));
    await world.run(inSeconds(5));
    return scene;
  }

  private constructor(
    world: World,
    home: Home,
    desktop: Desktop,
    happened: Happening[],
    apps: App[],
    tellPanel: (isThere: boolean) => void,
  ) {
    this.world = world;
    this.home = home;
    this.desktop = desktop;
    this.happened = happened;
    this.#apps = apps;
    this.#tellPanel = tellPanel;
  }

  get app(): App {
    const app = this.#apps.at(-1);
    if (app === undefined) throw new Error('there is no engine');
    return app;
  }

  get snapshot(): AppSnapshot {
    return this.app.snapshot;
  }

  get tray(): TrayDouble {
    const tray = electron.trays.at(-1);
    if (tray === undefined) throw new Error('there is no tray');
    return tray;
  }

  /** The panel that shows trays comes, or goes. */
  panel(isThere: boolean): void {
    electron.hasPanel = isThere;
    this.#tellPanel(isThere);
  }

  get menu(): MenuDouble {
    if (this.tray.menu === undefined) throw new Error('the tray has no menu');
    return this.tray.menu;
  }

  get window(): BrowserWindowDouble {
    const window = electron.windows.at(-1);
    if (window === undefined) throw new Error('there is no window');
    return window;
  }

  get page(): WebContentsDouble {
    return this.window.webContents;
  }

  async run(duration: Millis): Promise<void> {
    await this.world.run(duration);
  }

  async until(condition: () => boolean, what: string, limit: Millis = inSeconds(60)): Promise<void> {
    await this.world.until(condition, limit, what);
  }

  /** As the window, or another face, does it. @throws Error when it is a refusal */
  async do<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<void> {
    const dispatch = createDispatch(this.app, this.home.client.system.log);
    const answer = await this.world.finish(dispatch.command(name, input, new AbortController().signal));
    if (!answer.ok) throw new Error(answer.fault.message);
  }

  async add(name: string, forwards: readonly ForwardInput[], on = false): Promise<ProfileId> {
    await this.do('profile.add', { profile: { name, forwards: [...forwards], on } });
    const id = this.snapshot.profiles.find((profile) => profile.name === name)?.id;
    if (id === undefined) throw new Error('it was not added');
    return id;
  }

  /** The router's table, as `tcp 25565 -> 192.168.1.10:25565`. */
  get table(): readonly string[] {
    return this.home.router
      .table()
      .map((entry) => `${entry.transport} ${entry.externalPort} -> ${entry.internalClient}:${entry.internalPort}`)
      .toSorted();
  }

  /** Whatever state it is in. */
  async end(): Promise<void> {
    this.desktop.requestQuit();
    await this.until(() => electron.app.hasEnded, 'the end');
    await this.world.run(millis(1000));
  }
}

/** A system that reports what leaves it, and what it waits for. */
function overheard(system: System, happened: Happening[]): System {
  const { clock, udp, tcp } = system;
  return {
    ...system,
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      async sleep(duration, signal) {
        await clock.sleep(duration, signal);
        happened.push('timer');
      },
    },
    udp: {
      async open(options) {
        const socket = await udp.open(options);
        return {
          local: socket.local,
          send(bytes, to) {
            happened.push('datagram');
            return socket.send(bytes, to);
          },
          receive: (signal) => socket.receive(signal),
          close: () => socket.close(),
        };
      },
    },
    tcp: {
      connect(to, options, signal) {
        happened.push('connection');
        return tcp.connect(to, options, signal);
      },
      listen: (options) => tcp.listen(options),
      connectLocal: (path, signal) => tcp.connectLocal(path, signal),
    },
  };
}
