/**
 * A Linux desktop for one test: an X server with a window manager, both buses, a panel, logind. As root it has a network
 * with nothing but loopback, and the person is an ordinary user; otherwise it is on this computer's network, as whoever
 * runs the tests.
 */
import { randomInt } from 'node:crypto';
import { chmod, chown, mkdir, mkdtemp, realpath, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { Namespace, folderOf, newFolder, newPrefix, startReaper } from '../../peers/lab/namespace.ts';
import { Logind } from './logind.ts';
import { Panel, type PanelOptions } from './panel.ts';
import { PERSON, Stage, type Site } from './stage.ts';
import { until } from './until.ts';

export interface DesktopOptions extends PanelOptions {
  /** Is there a panel with a tray from the beginning? */
  readonly tray?: boolean;
  /** `$XDG_CURRENT_DESKTOP` */
  readonly name?: string;
  /** The network that it is in; one of its own when absent. */
  readonly namespace?: Namespace;
}

/** Links the app opens in other programs are written to this file in the person's home, a line each. */
const OPENED = 'opened';

/** Anybody may own and call everything, and nothing is started on demand. */
const busConfig = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

export class Desktop extends Stage {
  readonly #disposals: (() => Promise<void>)[] = [];
  #panel: Panel | undefined;
  #logind: Logind | undefined;

  /** @param atEnd takes what removes it; it goes away with the test when absent */
  static async start(
    options: DesktopOptions = {},
    atEnd: (end: () => Promise<void>) => void = onTestFinished,
  ): Promise<Desktop> {
    const { site, remove } = await newSite(options.namespace);
    const desktop = new Desktop(site, environment(site.folder, options));
    atEnd(async () => {
      await desktop.stop();
      await remove();
    });
    await desktop.#prepare(options);
    return desktop;
  }

  get panel(): Panel {
    if (this.#panel === undefined) throw new Error('there is no panel');
    return this.#panel;
  }

  get logind(): Logind {
    if (this.#logind === undefined) throw new Error('there is no logind');
    return this.#logind;
  }

  override async stop(): Promise<void> {
    for (const dispose of this.#disposals.toReversed()) await dispose();
    await super.stop();
  }

  /** Titles of the windows that are listed: minimized ones too, hidden ones not. */
  async windows(): Promise<readonly string[]> {
    const { stdout } = await this.run(['wmctrl', '-l']);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/\s+/).slice(3).join(' '));
  }

  async hasWindow(title = /^Portkeeper/): Promise<void> {
    await until(`a window titled ${String(title)}`, async () => (await this.windows()).some((one) => title.test(one)));
  }

  async hasNoWindow(): Promise<void> {
    await until('no window', async () => (await this.windows()).length === 0);
  }

  /** The id of the window that has the focus; empty when none has. */
  async focused(): Promise<string> {
    return (await this.run(['xdotool', 'getactivewindow'])).stdout.trim();
  }

  /** As by its frame. */
  async moveWindow({ x, y, width, height }: Readonly<Record<'x' | 'y' | 'width' | 'height', number>>): Promise<void> {
    // A window that has just appeared may still be on its way to where it was asked to be.
    await until('a window of that size', async () => {
      await this.run(['wmctrl', '-r', 'Portkeeper', '-e', `0,${x},${y},${width},${height}`]);
      const { stdout } = await this.run(['wmctrl', '-l', '-G']);
      return new RegExp(`\\s${width}\\s+${height}\\s.*Portkeeper`).test(stdout);
    });
  }

  /** As the button in its frame does, once it is there: a page is drawn before its window is. */
  async closeWindow(): Promise<void> {
    await this.hasWindow();
    await this.run(['wmctrl', '-c', 'Portkeeper']);
  }

  /** Presses keys, by their X names: `ctrl+equal`. */
  async press(keys: string): Promise<void> {
    await this.run(['xdotool', 'key', '--clearmodifiers', keys]);
  }

  async clipboard(): Promise<string> {
    return (await this.run(['xclip', '-o', '-selection', 'clipboard'])).stdout;
  }

  async #prepare(options: DesktopOptions): Promise<void> {
    await this.folder('runtime');
    await this.#writeTool('xdg-open', `echo "$@" >> "${path.join(this.home, OPENED)}"`);
    await this.#startDisplay();
    this.env['DBUS_SESSION_BUS_ADDRESS'] = await this.#startBus('session');
    this.env['DBUS_SYSTEM_BUS_ADDRESS'] = await this.#startBus('system');
    this.#panel = await Panel.on(this.env['DBUS_SESSION_BUS_ADDRESS'], options);
    this.#logind = await Logind.on(this.env['DBUS_SYSTEM_BUS_ADDRESS']);
    this.#disposals.push(
      () => this.panel.close(),
      () => this.logind.close(),
    );
    if (options.tray !== false) await this.panel.appear();
    let manager = this.spawn(['openbox']);
    await until('a window manager', async () => {
      if (!manager.running) manager = this.spawn(['openbox']);
      if ((await this.run(['wmctrl', '-m'])).code === 0) return true;
      throw new Error(`openbox says nothing but: ${manager.errors.join('; ')}`);
    });
  }

  async #writeTool(name: string, script: string): Promise<void> {
    const file = path.join(await this.folder('bin'), name);
    await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  /** Numbers by chance: the X server looks for a free one in its own network only, and its lock files are everybody's. */
  async #startDisplay(): Promise<void> {
    // For an ordinary user Xvfb does not make it.
    await mkdir('/tmp/.X11-unix', { mode: 0o1777 }).then(
      () => chmod('/tmp/.X11-unix', 0o1777),
      () => undefined,
    );
    const screen = ['-screen', '0', '1280x900x24', '-nolisten', 'tcp'];
    const server = this.spawn(['Xvfb', `:${randomInt(100, 50_000)}`, '-displayfd', '1', ...screen]);
    this.env['DISPLAY'] = `:${await server.line((line) => line)}`;
  }

  async #startBus(name: string): Promise<string> {
    const config = path.join(this.home, `${name}-bus.xml`);
    await writeFile(config, busConfig(path.join(this.home, `${name}-bus`)));
    const bus = this.spawn(['dbus-daemon', `--config-file=${config}`, '--nofork', '--print-address=1']);
    return await bus.line((line) => line);
  }
}

/** A folder, and as root a network; `remove` when all processes have ended. */
async function newSite(given: Namespace | undefined): Promise<{ site: Site; remove: () => Promise<void> }> {
  if (given !== undefined) return { site: await personIn(given), remove: async () => undefined };
  if (process.getuid?.() !== 0) {
    // Short: paths of sockets have at most 107 characters.
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'pk-')));
    return { site: { folder, namespace: undefined }, remove: async () => undefined };
  }
  const prefix = newPrefix();
  const reaper = startReaper(prefix, folderOf(prefix));
  const namespace = new Namespace(`${prefix}-desk`, path.join(await newFolder(prefix), 'desk'));
  await namespace.create();
  return { site: await personIn(namespace), remove: () => reaper.release() };
}

/** Beside the namespace's own folder, so that both go together, whatever ends the tests. */
async function personIn(namespace: Namespace): Promise<Site> {
  const outer = path.dirname(namespace.folder);
  await chmod(outer, 0o711);
  const folder = path.join(outer, 'me');
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, PERSON.uid, PERSON.gid);
  return { folder, namespace };
}

function environment(home: string, { name }: DesktopOptions): NodeJS.ProcessEnv {
  return {
    PATH: `${path.join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    TMPDIR: home,
    XDG_RUNTIME_DIR: path.join(home, 'runtime'),
    LANG: 'C.UTF-8',
    LANGUAGE: 'en',
    ...(name === undefined ? {} : { XDG_CURRENT_DESKTOP: name }),
  };
}
