/** The contract over HTTP, for the window in a browser: see main/remote/window-server. */
import type { Answer, AppSnapshot, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import { API, COMMAND_PATH, JSON_TYPE, SNAPSHOTS_PATH } from '../../main/contract/window-protocol.ts';
import { lastLines } from './last-lines.ts';
import type { Connection, WindowClient } from './window-client.ts';
import { ConnectionLost } from './window-client.ts';

export interface HttpClientOptions {
  /** As in `http://127.0.0.1:8788`. */
  readonly origin: string;
  readonly token: string;
}

/** Milliseconds before the next try to watch again; doubled up to the longest. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 4000;

const UNAUTHORIZED = 401;

/** Portkeeper was started anew, or the address was typed without its end. */
class TokenRefused extends ConnectionLost {}

export class HttpClient implements WindowClient {
  readonly #options: HttpClientOptions;
  readonly #listeners = new Set<(snapshot: AppSnapshot) => void>();
  readonly #connectionListeners = new Set<(state: Connection) => void>();
  #watching: AbortController | undefined;
  #latest: AppSnapshot | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  async ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Answer<CommandResults[Name]>> {
    const response = await this.#fetch(COMMAND_PATH + encodeURIComponent(name), input, signal);
    return answerOf(await orLost(response.json(), signal));
  }

  /** Watches again by itself when the connection is lost: see {@link onConnection}. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    const own = (snapshot: AppSnapshot): void => listener(snapshot);
    this.#listeners.add(own);
    if (this.#watching === undefined) {
      this.#watching = new AbortController();
      void this.#keepWatching(this.#watching.signal);
    } else if (this.#latest !== undefined) own(this.#latest);
    return () => {
      if (!this.#listeners.delete(own) || this.#listeners.size > 0) return;
      this.#watching?.abort();
      this.#watching = undefined;
      this.#latest = undefined;
    };
  }

  onConnection(listener: (state: Connection) => void): () => void {
    const own = (state: Connection): void => listener(state);
    this.#connectionListeners.add(own);
    return () => {
      this.#connectionListeners.delete(own);
    };
  }

  async #keepWatching(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      let state: Connection = 'lost';
      try {
        const { body } = await this.#fetch(SNAPSHOTS_PATH, undefined, signal);
        this.#tellConnection('connected');
        if (body !== null) {
          for await (const line of lastLines(body)) {
            if (signal.aborted) return;
            pause = FIRST_PAUSE;
            this.#show(snapshotOf(line));
          }
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof TokenRefused) state = 'refused';
      }
      if (signal.aborted) return;
      this.#latest = undefined;
      this.#tellConnection(state);
      await sleep(pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  #show(snapshot: AppSnapshot): void {
    this.#latest = snapshot;
    for (const listener of this.#listeners) listener(snapshot);
  }

  #tellConnection(state: Connection): void {
    for (const listener of this.#connectionListeners) listener(state);
  }

  /** @throws ConnectionLost, or the signal's reason */
  async #fetch(path: string, input: unknown, signal: AbortSignal): Promise<Response> {
    const { origin, token } = this.#options;
    signal.throwIfAborted();
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': JSON_TYPE };
    const body = input === undefined ? {} : { method: 'POST', body: JSON.stringify(input) };
    const asked = fetch(origin + API + path, { ...body, headers, signal, cache: 'no-store', redirect: 'error' });
    const response = await orLost(asked, signal);
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    if (response.status === UNAUTHORIZED) throw new TokenRefused('the token is not the one of this Portkeeper');
    throw new ConnectionLost(`the answer was ${response.status}`);
  }
}

async function orLost<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    throw new ConnectionLost('the connection to Portkeeper is lost', { cause: error });
  }
}

/** @throws ConnectionLost when it is none */
function answerOf<Value>(answer: unknown): Answer<Value> {
  // Made by our own kind, and shown the token.
  if (typeof answer === 'object' && answer !== null && 'ok' in answer) return answer as Answer<Value>;
  throw new ConnectionLost('the answer cannot be understood');
}

/** @throws ConnectionLost when it is none */
function snapshotOf(line: string): AppSnapshot {
  try {
    const snapshot: unknown = JSON.parse(line);
    if (typeof snapshot === 'object' && snapshot !== null && 'revision' in snapshot) return snapshot as AppSnapshot;
  } catch (error) {
    throw new ConnectionLost('the snapshot cannot be understood', { cause: error });
  }
  throw new ConnectionLost('the snapshot cannot be understood');
}

/** Or until the signal aborts. */
async function sleep(duration: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, duration);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
