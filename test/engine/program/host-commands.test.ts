import { describe, expect, test } from 'vitest';
import type { UpdateView } from '../../../main/contract/commands.ts';
import type { UpdateHost } from '../../../main/engine/program/host.ts';
import { ip } from '../../../main/contract/address.ts';
import { port } from '../../../main/contract/units.ts';
import { AppHome } from '../../support/app-home.ts';
import { testHost } from '../../support/test-host.ts';

test('the program and the interfaces that lead out of the machine are described', async () => {
  const at = await AppHome.start({ host: () => testHost() });
  expect(await at.do('app.describe', {})).toEqual({
    version: '1.2.3',
    platform: 'linux 6.1.0',
    dataFolder: '/home/alice/.config/portkeeper',
    interfaces: [{ name: 'eth0', addresses: ['192.168.1.10'], virtual: false }],
  });
  await at.stop();
});

test('without a program around it there is nothing to describe, and it says what to start', async () => {
  const at = await AppHome.start({ runs: false });
  const fault = await at.refused('app.describe', {});
  expect(fault).toMatchObject({ code: 'not-here', message: expect.stringContaining('portkeeper serve') });
});

test('whether a program listens is known where the system reports it', async () => {
  const question = { transports: ['tcp', 'udp'], internal: port(25_565) } as const;
  const blind = await AppHome.start({ host: () => testHost() });
  expect(await blind.do('app.listens', question)).toEqual({ listens: null });
  await blind.stop();
  const listeners = async () => [{ transport: 'udp', address: ip('0.0.0.0'), port: port(25_565) }] as const;
  const at = await AppHome.start({ host: () => testHost(), around: (system) => ({ ...system, listeners }) });
  expect(await at.do('app.listens', question)).toEqual({ listens: true });
  expect(await at.do('app.listens', { ...question, transports: ['tcp'] })).toEqual({ listens: false });
  await at.stop();
});

describe('commands that only a desktop offers', () => {
  test.for<readonly [command: string, message: string]>([
    ['app.show-data-folder', '/home/alice/.config/portkeeper'],
    ['app.check-for-updates', 'doesn’t update itself'],
    ['app.install-update', 'doesn’t update itself'],
  ])('%s is refused by a service, with what to do instead', async ([command, message]) => {
    const at = await AppHome.start({ host: () => testHost() });
    const fault = await at.refused(command, {});
    expect(fault).toMatchObject({ code: 'not-here', message: expect.stringContaining(message) });
    await at.stop();
  });

  test('is done by a desktop', async () => {
    const done: string[] = [];
    const host = testHost({
      kind: 'desktop',
      showDataFolder: async () => void done.push('shown'),
    });
    const at = await AppHome.start({ host: () => host });
    expect(at.snapshot.host).toEqual({ kind: 'desktop', hasDemo: false, update: { at: 'unsupported' } });
    await at.do('app.show-data-folder', {});
    expect(done).toEqual(['shown']);
    await at.stop();
  });
});

describe('updates', () => {
  class Updates implements UpdateHost {
    state: UpdateView = { at: 'none' };
    installed = false;
    readonly #listeners = new Set<(state: UpdateView) => void>();
    get watched(): boolean {
      return this.#listeners.size > 0;
    }
    watch(listener: (state: UpdateView) => void): () => void {
      this.#listeners.add(listener);
      listener(this.state);
      return () => this.#listeners.delete(listener);
    }
    async check(): Promise<void> {
      this.become({ at: 'checking' });
    }
    become(state: UpdateView): void {
      this.state = state;
      for (const listener of this.#listeners) listener(state);
    }
    install(): void {
      this.installed = true;
    }
  }

  test('are shown as they come, and installed once fetched', async () => {
    const updates = new Updates();
    const at = await AppHome.start({ host: () => testHost({ updates }) });
    const seen: UpdateView[] = [];
    at.app.watch(({ host }) => {
      if (JSON.stringify(seen.at(-1)) !== JSON.stringify(host.update)) seen.push(host.update);
    });
    await at.do('app.check-for-updates', {});
    updates.become({ at: 'fetching', version: '2.0.0', share: 0.5 });
    expect(await at.refused('app.install-update', {})).toMatchObject({ code: 'not-here' });
    updates.become({ at: 'ready', version: '2.0.0' });
    await at.do('app.install-update', {});
    expect(updates.installed).toBe(true);
    expect(seen.map(({ at: state }) => state)).toEqual(['none', 'checking', 'fetching', 'ready']);
    await at.stop();
    expect(updates.watched).toBe(false);
  });
});
