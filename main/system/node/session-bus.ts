/** D-Bus of the person's session: calls, and signals. Authentication and messages are dbus-native's work. */
import { createConnection, type Socket } from 'node:net';
import type { Message } from 'dbus-native/lib/message.js';

export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  /** Types of the body. A variant is its signature and its value, a dictionary its pairs, `ay` a Buffer. */
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** Starts the program that would answer, where the bus knows it. */
  readonly startsService?: boolean;
}

/** A signal of the bus, with what it carries. */
export interface BusSignal {
  readonly path: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** Another program on the bus, or the bus itself, refused. */
export class BusRefusal extends Error {
  override readonly name = 'BusRefusal';
  /** Such as `org.freedesktop.DBus.Error.ServiceUnknown`. */
  readonly fault: string;
  constructor(fault: string) {
    super(fault);
    this.fault = fault;
  }
}

export interface SessionBus {
  /** @throws BusRefusal, Error when the bus is gone, or the signal's reason */
  call(what: BusCall, signal: AbortSignal): Promise<readonly unknown[]>;
  /** Aborts once the bus is gone, or {@link close} was called. */
  readonly lost: AbortSignal;
  close(): void;
}

/** @param onSignal as of {@link openSessionBus} */
export type OpenBus = (onSignal: (signal: BusSignal) => void, signal: AbortSignal) => Promise<SessionBus>;

/** Loaded with the first conversation: most programs have none. */
async function dbus() {
  const [{ default: handshake }, format] = await Promise.all([
    import('dbus-native/lib/handshake.js'),
    import('dbus-native/lib/message.js'),
  ]);
  return { handshake, format };
}

type Dbus = Awaited<ReturnType<typeof dbus>>;

/** D-Bus specification, "Message Format". */
const TYPE = { call: 1, return: 2, error: 3, signal: 4 } as const;
const NO_AUTO_START = 2;
/** More than any answer that is asked for. */
const LARGEST = 1024 * 1024;

/** As libdbus looks for it; absent where there is no session. */
export function sessionBusAddress(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: folder } = env;
  if (address !== undefined && address !== '') return address;
  return folder === undefined || folder === '' ? undefined : `unix:path=${folder}/bus`;
}

/**
 * @param onSignal called for every signal that a match rule of ours let through, and for those about ourselves
 * @throws Error when there is no bus, or the signal's reason
 */
export async function openSessionBus(
  address: string | undefined,
  onSignal: (signal: BusSignal) => void,
  signal: AbortSignal,
): Promise<SessionBus> {
  let fault: unknown = new Error(`there is no session bus at ${address ?? 'no address'}`);
  const { handshake, format } = await dbus();
  for (const file of socketsOf(address ?? '')) {
    try {
      const bus = new Connection(await authenticated(file, handshake, signal), format, onSignal);
      await bus.call({ ...BUS, member: 'Hello' }, signal);
      return bus;
    } catch (error) {
      signal.throwIfAborted();
      fault = error;
    }
  }
  throw fault;
}

/** The bus itself, as one that can be called. */
export const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

/** D-Bus specification, "Server Addresses": several, the best first. A session's are Unix sockets. */
function socketsOf(address: string): readonly string[] {
  return address.split(';').flatMap((each) => {
    const [, parameters] = /^unix:(.+)$/.exec(each) ?? [];
    for (const parameter of parameters?.split(',') ?? []) {
      const [, kind, value] = /^(path|abstract)=(.+)$/.exec(parameter) ?? [];
      if (value !== undefined) return [`${kind === 'abstract' ? '\0' : ''}${decodeURIComponent(value)}`];
    }
    return [];
  });
}

function authenticated(file: string, handshake: Dbus['handshake'], signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  signal.throwIfAborted();
  const socket = createConnection(file);
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  let fault = new Error('the bus hung up');
  socket.on('error', (error) => (fault = error));
  socket.once('close', () => reject(signal.aborted ? signal.reason : fault));
  handshake(socket, { authMethods: ['EXTERNAL'] }, (error) => {
    signal.removeEventListener('abort', stop);
    if (error === null) return resolve(socket);
    fault = error;
    socket.destroy();
  });
  return promise;
}

class Connection implements SessionBus {
  readonly #socket: Socket;
  readonly #format: Dbus['format'];
  readonly #calls = new Map<number, PromiseWithResolvers<readonly unknown[]>>();
  readonly #lost = new AbortController();
  readonly #onSignal: (signal: BusSignal) => void;
  #serial = 0;

  constructor(socket: Socket, format: Dbus['format'], onSignal: (signal: BusSignal) => void) {
    this.#socket = socket;
    this.#format = format;
    this.#onSignal = onSignal;
    const end = (): void => this.#lost.abort(new Error('the session bus is gone'));
    socket.once('close', end);
    // It has gone before anybody listened.
    if (socket.destroyed) end();
    format.unmarshalMessages(
      socket,
      (message) => this.#take(message),
      { plainValues: true, maxMessageSize: LARGEST },
      () => socket.destroy(),
    );
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async call({ startsService = false, ...what }: BusCall, signal: AbortSignal): Promise<readonly unknown[]> {
    const over = AbortSignal.any([signal, this.lost]);
    over.throwIfAborted();
    const serial = (this.#serial += 1);
    const answer = Promise.withResolvers<readonly unknown[]>();
    const stop = (): void => answer.reject(over.reason);
    over.addEventListener('abort', stop, { once: true });
    this.#calls.set(serial, answer);
    try {
      this.#socket.write(
        this.#format.marshall({ ...what, type: TYPE.call, flags: startsService ? 0 : NO_AUTO_START, serial }),
      );
      return await answer.promise;
    } finally {
      this.#calls.delete(serial);
      over.removeEventListener('abort', stop);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #take({ type, replySerial = 0, errorName = '', path = '', member = '', body = [] }: Message): void {
    if (type === TYPE.signal) this.#onSignal({ path, member, body });
    else if (type === TYPE.return) this.#calls.get(replySerial)?.resolve(body);
    else if (type === TYPE.error) this.#calls.get(replySerial)?.reject(new BusRefusal(errorName));
  }
}
