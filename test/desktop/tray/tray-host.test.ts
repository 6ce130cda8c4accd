/** Whether a panel shows trays, as a session's bus reports it: a bus of its own for each test, and panels on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import dbus, { type DBusBroker, type InterfaceDescriptor, type MessageBus } from 'dbus-native';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { millis } from '../../../main/contract/units.ts';
import { trayHostWatch } from '../../../main/desktop/tray/tray-presence.ts';
import { createNodeClock } from '../../../main/system/node/clock.ts';
import { openSessionBus, sessionBusAddress, type OpenBus } from '../../../main/system/node/session-bus.ts';
import type { Clock } from '../../../main/system/system.ts';

const WATCHER = 'org.kde.StatusNotifierWatcher';
const PLACE = '/StatusNotifierWatcher';
const DESCRIPTION: InterfaceDescriptor = { name: WATCHER, properties: { IsStatusNotifierHostRegistered: 'b' } };

let folder: string;
let broker: DBusBroker | undefined;
let panels: MessageBus[];
let silent: Server | undefined;
let stop: AbortController;
let watched: Promise<void>;
/** Reports, in order. */
let told: boolean[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'portkeeper-bus-'));
  panels = [];
  stop = new AbortController();
  told = [];
});
afterEach(async () => {
  stop.abort(new Error('the app ends'));
  await watched.catch(() => undefined);
  for (const panel of panels) await panel.close();
  await busEnds();
  silent?.close();
  silent = undefined;
  await rm(folder, { recursive: true, force: true });
});

const socket = (): string => path.join(folder, 'bus');

async function busStarts(): Promise<void> {
  broker = dbus.createBroker();
  const { promise, resolve } = Promise.withResolvers<void>();
  broker.listen({ socket: socket() }, () => resolve());
  await promise;
}

async function busEnds(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (broker === undefined) return;
  broker.close(() => resolve());
  broker = undefined;
  await promise;
}

/** As much of a panel as says that it is one. */
class Panel {
  readonly #bus: MessageBus;
  readonly #object = { IsStatusNotifierHostRegistered: false };

  constructor() {
    this.#bus = dbus.createClient({ socket: socket() });
    this.#bus.connection.on('error', () => undefined);
    panels.push(this.#bus);
  }

  answers(): this {
    this.#bus.exportInterface(this.#object, PLACE, DESCRIPTION);
    return this;
  }

  /** The list of trays, without anything that shows them. */
  async watcher(): Promise<this> {
    await this.#bus.requestName(WATCHER, 0);
    return this;
  }

  host(isThere: boolean): this {
    this.#object.IsStatusNotifierHostRegistered = isThere;
    const name = isThere ? 'StatusNotifierHostRegistered' : 'StatusNotifierHostUnregistered';
    this.#bus.sendSignal(PLACE, WATCHER, name, '', []);
    return this;
  }

  async goes(): Promise<void> {
    await this.#bus.close();
  }
}

const clock = createNodeClock();
/** Nobody has to wait for what never answers. */
const hurried: Clock = { ...clock, sleep: (duration, signal) => clock.sleep(millis(duration / 100), signal) };

function watch(address = `unix:path=${socket()}`, by = clock): void {
  const openBus: OpenBus = (onSignal, signal) => openSessionBus(address, onSignal, signal);
  watched = trayHostWatch({ openBus, clock: by })((isThere) => told.push(isThere), stop.signal);
  // Whoever awaits it sees it.
  watched.catch(() => undefined);
}

const tells = (...expected: readonly boolean[]) =>
  vi.waitFor(() => expect(told).toEqual(expected), { timeout: 30_000, interval: 10 });

describe('a panel', () => {
  test('that is there is found, and let go in the end', async () => {
    await busStarts();
    (await new Panel().answers().watcher()).host(true);
    watch();
    await tells(true);
    stop.abort(new Error('the app ends'));
    await expect(watched).rejects.toThrow('the app ends');
  });

  test('that comes later is found: the list of trays first', async () => {
    await busStarts();
    watch();
    await tells(false);
    const panel = await new Panel().answers().watcher();
    panel.host(true);
    await tells(false, true);
  });

  test('that registers with a list of trays that another program keeps is found', async () => {
    await busStarts();
    const panel = await new Panel().answers().watcher();
    watch();
    await tells(false);
    panel.host(true);
    await tells(false, true);
    panel.host(false);
    await tells(false, true, false);
  });

  test('that goes and comes back is reported as that', async () => {
    await busStarts();
    const panel = (await new Panel().answers().watcher()).host(true);
    watch();
    await tells(true);
    await panel.goes();
    await tells(true, false);
    await new Panel().answers().host(true).watcher();
    await tells(true, false, true);
  });

  test('that has its name before it answers is asked again', async () => {
    await busStarts();
    const panel = await new Panel().watcher();
    watch();
    await tells(false);
    panel.answers().host(true);
    await tells(false, true);
  });
});

describe('there is none', () => {
  test.for([
    ['no session at all', undefined],
    ['no bus at the address', 'unix:path=/nonexistent/bus'],
    ['an address that is none', 'unix:path=%zz'],
    ['an address of another kind', 'tcp:host=127.0.0.1,port=1'],
  ] as const)('%s', async ([, address]) => {
    watch(address ?? sessionBusAddress({}) ?? '');
    await tells(false);
    await watched;
  });

  test('a bus that answers nothing', async () => {
    silent = createServer(() => undefined).listen(socket());
    watch(undefined, hurried);
    await tells(false);
    await watched;
  });

  test('a bus that hangs up', async () => {
    silent = createServer((connection) => connection.end()).listen(socket());
    watch();
    await tells(false);
    await watched;
  });

  test('a bus that ends takes the panel with it', async () => {
    await busStarts();
    (await new Panel().answers().watcher()).host(true);
    watch();
    await tells(true);
    await busEnds();
    await tells(true, false);
    await watched;
  });
});

test('the bus is where libdbus looks for it', async () => {
  expect(sessionBusAddress({ DBUS_SESSION_BUS_ADDRESS: 'unix:abstract=x', XDG_RUNTIME_DIR: '/run/user/1' })).toBe(
    'unix:abstract=x',
  );
  expect(sessionBusAddress({ XDG_RUNTIME_DIR: '/run/user/1' })).toBe('unix:path=/run/user/1/bus');
  await busStarts();
  (await new Panel().answers().watcher()).host(true);
  // The first that can be had counts, however it is written.
  watch(`unix:path=/nonexistent/bus;unix:path=${socket().replaceAll('/', '%2f')},guid=1`);
  await tells(true);
});
