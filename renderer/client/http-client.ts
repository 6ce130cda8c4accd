/** The contract over HTTP, for the window in a browser: see main/connect/window-server. */
import type { Answer, AppSnapshot, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import { LineSplitter, SnapshotFeed } from '../../main/contract/watch.ts';
import {
  ABORT_PATH,
  API,
  CALL_HEADER,
  COMMAND_PATH,
  JSON_TYPE,
  SNAPSHOTS_PATH,
  TAKEN,
  WATCHER_HEADER,
  type AnswerLine,
} from '../../main/contract/window-protocol.ts';
import type { Attention } from './attention.ts';
import { ConnectionLost, type Connection, type WindowClient } from './window-client.ts';

export interface HttpClientOptions {
  /** As in `http://127.0.0.1:8788`. */
  readonly origin: string;
  readonly token: string;
  /** Whether anybody looks; somebody always does when absent. */
  readonly attention?: Attention;
}

const UNAUTHORIZED = 401;

/** Portkeeper was restarted, or the address was typed without its end. */
class TokenRefused extends ConnectionLost {}

interface Asking {
  readonly input?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class HttpClient implements WindowClient {
  readonly #options: HttpClientOptions;
  readonly #feed = new SnapshotFeed<'refused'>({
    watchOnce: (signal) => this.#watchWhileLooked(signal),
    sleep,
    pauses: { first: 250, longest: 4000 },
    // No token becomes right again: each start of Portkeeper has another.
    last: 'refused',
  });
  readonly #calls = new Calls();
  /** While it watches; another for each connection. */
  #watcher: string | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  async ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Answer<CommandResults[Name]>> {
    const { call, answered, end } = this.#calls.begin(signal);
    try {
      const watcher = this.#watcher;
      const headers = watcher === undefined ? {} : { [WATCHER_HEADER]: watcher, [CALL_HEADER]: call };
      const response = await this.#fetch(COMMAND_PATH + encodeURIComponent(name), { input, headers }, signal);
      const direct = await orLost(response.json(), signal);
      return answerOf(response.status === TAKEN ? await this.#taken(answered, headers, signal) : direct);
    } finally {
      end();
    }
  }

  /** The work goes on elsewhere by now: the server has to learn that nobody waits for it any more. */
  async #taken(
    answered: Promise<unknown>,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const abort = (): void => {
      this.#fetch(ABORT_PATH, { input: {}, headers }, new AbortController().signal).catch(() => undefined);
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await answered;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Connects again when the connection is lost: see {@link onConnection}. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#feed.watch(listener);
  }

  onConnection(listener: (state: Connection) => void): () => void {
    return this.#feed.onConnection(listener);
  }

  /** Resolves with nothing when nobody has looked for a while: the view stays, until somebody does. */
  async #watchWhileLooked(signal: AbortSignal): Promise<'lost' | 'refused' | undefined> {
    const { attention } = this.#options;
    await attention?.back(signal);
    const left = new AbortController();
    const forget = attention?.onLeft(() => {
      if (this.#calls.size === 0) left.abort();
    });
    const became = await this.#watchOnce(AbortSignal.any([signal, left.signal]));
    forget?.();
    return left.signal.aborted ? undefined : became;
  }

  /** Until the connection is lost, or the signal aborts. */
  async #watchOnce(signal: AbortSignal): Promise<'lost' | 'refused'> {
    const watcher = crypto.randomUUID();
    try {
      const { body } = await this.#fetch(SNAPSHOTS_PATH, { headers: { [WATCHER_HEADER]: watcher } }, signal);
      this.#watcher = watcher;
      this.#feed.connected();
      for await (const lines of body === null ? [] : linesOf(body)) {
        if (signal.aborted) break;
        this.#take(lines);
      }
      return 'lost';
    } catch (error) {
      return error instanceof TokenRefused ? 'refused' : 'lost';
    } finally {
      if (this.#watcher === watcher) {
        this.#watcher = undefined;
        this.#calls.fail();
      }
    }
  }

  /** Among snapshots that came at once, the last says all; an answer comes after what shows it. */
  #take(lines: readonly string[]): void {
    const values = lines.map((line): unknown => JSON.parse(line));
    const snapshot = values.findLast(isSnapshot);
    if (snapshot !== undefined) this.#feed.take(snapshot);
    for (const { call, answer } of values.filter(isAnswerLine)) this.#calls.answer(call, answer);
  }

  /** @throws ConnectionLost, or the signal's reason */
  async #fetch(path: string, { input, headers }: Asking, signal: AbortSignal): Promise<Response> {
    const { origin, token } = this.#options;
    signal.throwIfAborted();
    const asked = fetch(origin + API + path, {
      ...(input === undefined ? {} : { method: 'POST', body: JSON.stringify(input) }),
      headers: { ...headers, Authorization: `Bearer ${token}`, 'Content-Type': JSON_TYPE },
      signal,
      cache: 'no-store',
      redirect: 'error',
    });
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

const isSnapshot = (value: unknown): value is AppSnapshot =>
  typeof value === 'object' && value !== null && 'revision' in value;

const isAnswerLine = (value: unknown): value is AnswerLine =>
  typeof value === 'object' && value !== null && 'call' in value && 'answer' in value;

/** Or until the signal aborts. */
async function sleep(duration: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, duration);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}

/** Characters of a line: a snapshot of thousands of forwards is far smaller. */
const LONGEST_LINE = 32 * 1024 * 1024;

/** The whole lines of whatever came at once. Leaving it cancels the stream.
 * @throws RangeError when one is too long, or what the stream throws */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<readonly string[]> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const splitter = new LineSplitter(LONGEST_LINE);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = splitter.push(decoder.decode(value, { stream: true }));
      if (lines.length > 0) yield lines;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Calls whose answers come from elsewhere than where they were asked. */
class Calls {
  readonly #waiting = new Map<string, PromiseWithResolvers<unknown>>();
  #count = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** @returns its name, and the answer @throws what {@link fail} is given, or the signal's reason */
  begin(signal: AbortSignal): { readonly call: string; readonly answered: Promise<unknown>; readonly end: () => void } {
    this.#count += 1;
    const call = String(this.#count);
    const waiting = Promise.withResolvers<unknown>();
    // The caller may have its answer, or its fault, in another way.
    waiting.promise.catch(() => undefined);
    const abort = (): void => waiting.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.set(call, waiting);
    return {
      call,
      answered: waiting.promise,
      end: () => {
        signal.removeEventListener('abort', abort);
        this.#waiting.delete(call);
      },
    };
  }

  answer(call: string, answer: unknown): void {
    this.#waiting.get(call)?.resolve(answer);
  }

  /** Nobody answers any more. */
  fail(): void {
    for (const { reject } of this.#waiting.values()) reject(new ConnectionLost('the connection to Portkeeper is lost'));
  }
}
