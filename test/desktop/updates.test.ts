import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import type { UpdateView } from '../../main/contract/commands.ts';
import { inHours, inMinutes } from '../../main/contract/units.ts';
import { Updates, type Updater } from '../../main/desktop/updates/updates.ts';
import { World } from '../world/world.ts';

/** electron-updater, as far as it is used. */
class UpdaterDouble extends EventEmitter implements Updater {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  checks = 0;
  installed: unknown;
  answer: () => Promise<unknown> = async () => ({});

  async checkForUpdates(): Promise<unknown> {
    this.checks += 1;
    return await this.answer();
  }

  quitAndInstall(...how: readonly unknown[]): void {
    this.installed = how;
  }
}

let world: World;
let updater: UpdaterDouble;
let loads: number;
let seen: UpdateView[];
let finish: (() => void) | undefined;

beforeEach(() => {
  world = new World({ seed: 1 });
  updater = new UpdaterDouble();
  loads = 0;
  seen = [];
  finish = undefined;
});

function updates(byHand = false): Updates {
  const { clock, log } = world.network.addHost('desktop').system;
  const made = new Updates({
    load: async () => {
      loads += 1;
      return updater;
    },
    byHand,
    releasePage: 'https://portkeeper.example/releases',
    clock,
    log,
    quitThen: (then) => {
      finish = then;
    },
  });
  made.watch((state) => seen.push(state));
  return made;
}

describe('newer versions', () => {
  test('are checked for at the start and once a day, when the person wants that', async () => {
    updater.answer = async () => updater.emit('update-not-available', {});
    const made = updates();
    await world.run(inMinutes(10));
    // Nothing is loaded before it is needed.
    expect(loads).toBe(0);
    expect(made.state).toEqual({ at: 'off' });
    made.want(true);
    made.want(true);
    await world.run(inMinutes(10));
    expect(updater.checks).toBe(1);
    expect(made.state).toEqual({ at: 'none' });
    await world.run(inHours(49));
    expect(updater.checks).toBe(3);
    made.want(false);
    expect(made.state).toEqual({ at: 'off' });
    await world.run(inHours(49));
    expect(updater.checks).toBe(3);
    expect(loads).toBe(1);
  });

  test('are downloaded, and announced when they are ready', async () => {
    const made = updates();
    made.want(true);
    await world.settle();
    updater.emit('update-available', { version: '2.0.0' });
    for (const percent of [0, 12.1, 12.9, 100]) updater.emit('download-progress', { percent });
    updater.emit('update-downloaded', { version: '2.0.0' });
    expect(seen.slice(-5)).toEqual([
      { at: 'checking' },
      { at: 'fetching', version: '2.0.0', share: 0 },
      { at: 'fetching', version: '2.0.0', share: 0.12 },
      { at: 'fetching', version: '2.0.0', share: 1 },
      { at: 'ready', version: '2.0.0' },
    ]);
    // A ready update stays ready, whatever else is asked.
    await made.check();
    made.want(false);
    expect(made.state).toEqual({ at: 'ready', version: '2.0.0' });
    expect(updater.checks).toBe(1);
  });

  test('are installed when the app has ended as it should', async () => {
    const made = updates();
    await made.check();
    made.install();
    expect(finish).toBeUndefined();
    updater.emit('update-downloaded', { version: '2.0.0' });
    made.install();
    expect(updater.installed).toBeUndefined();
    finish?.();
    await world.settle();
    // Silent, and started again.
    expect(updater.installed).toEqual([true, true]);
  });

  test('are only announced where a package manager installs them', async () => {
    const made = updates(true);
    await made.check();
    expect(updater).toMatchObject({ autoDownload: false, autoInstallOnAppQuit: false });
    updater.emit('update-available', { version: '2.0.0' });
    expect(made.state).toEqual({ at: 'available', version: '2.0.0', url: 'https://portkeeper.example/releases' });
  });

  test('that cannot be downloaded automatically can be downloaded by hand', async () => {
    const made = updates();
    await made.check();
    updater.emit('update-available', { version: '2.0.0' });
    updater.emit('error', new Error('Could not get code signature for running application'));
    expect(made.state).toEqual({ at: 'available', version: '2.0.0', url: 'https://portkeeper.example/releases' });
  });

  test('a failure is a state, and the next day another try', async () => {
    updater.answer = async () => {
      throw new Error('net::ERR_NAME_NOT_RESOLVED\n    at somewhere');
    };
    const made = updates();
    made.want(true);
    await world.run(inMinutes(1));
    expect(made.state).toEqual({ at: 'failed', fault: 'net::ERR_NAME_NOT_RESOLVED' });
    updater.answer = async () => updater.emit('update-not-available', {});
    await world.run(inHours(24));
    expect(made.state).toEqual({ at: 'none' });
  });

  test('a failed download is tried again the next time', async () => {
    const { clock, log } = world.network.addHost('desktop').system;
    const made = new Updates({
      load: async () => {
        loads += 1;
        if (loads === 1) throw new Error('EMFILE');
        return updater;
      },
      byHand: false,
      releasePage: '',
      clock,
      log,
      quitThen: () => undefined,
    });
    await made.check();
    expect(made.state).toEqual({ at: 'failed', fault: 'EMFILE' });
    updater.answer = async () => updater.emit('update-not-available', {});
    await made.check();
    expect(made.state).toEqual({ at: 'none' });
  });

  test('can be requested by hand, also when nobody looks for them', async () => {
    updater.answer = async () => null;
    const made = updates();
    await made.check();
    expect(made.state).toEqual({ at: 'unsupported' });
    expect(updater.checks).toBe(1);
  });
});
