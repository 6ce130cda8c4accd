/** The contract's client for another process's engine. */
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Answer,
  AppClient,
  AppSnapshot,
  CommandInput,
  CommandName,
  CommandResults,
  HoldEnd,
} from '../contract/commands.ts';
import { COMMAND_PATH, JSON_TYPE, SNAPSHOTS_PATH } from '../contract/window-protocol.ts';
import type { HoldEnded } from './protocol.ts';
import { HELLO_PATH, HOLD, HOST, MOST_OUTPUT } from './protocol.ts';

/** The engine's process is gone, or does not answer as it should. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

type ConnectionListener = (state: 'connected' | 'lost') => void;

/** Milliseconds before the next try to watch again; doubled up to the longest. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 3000;

export class RemoteClient implements AppClient {
  readonly #address: string;
  readonly #listeners = new Set<(snapshot: AppSnapshot) => void>();
  readonly #connectionListeners = new Set<ConnectionListener>();
  #watching: AbortController | undefined;
  #latest: AppSnapshot | undefined;

  /** @param address path of a Unix socket, or name of a pipe */
  constructor(address: string) {
    this.#address = address;
  }

  /** Resolves when somebody answers there. @throws ConnectionLost, or the signal's reason */
  async hello(signal: AbortSignal): Promise<void> {
    const response = await this.#request('GET', HELLO_PATH, undefined, signal);
    await whole(response, signal);
  }

  async ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Answer<CommandResults[Name]>> {
    const response = await this.#request('POST', COMMAND_PATH + encodeURIComponent(name), input, signal);
    return answerOf(await whole(response, signal));
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

  async hold(
    input: CommandInput<'forwards.hold'>,
    signal: AbortSignal,
    ended?: (why: HoldEnd) => void,
  ): Promise<Answer<CommandResults['forwards.hold']>> {
    const response = await this.#request('POST', COMMAND_PATH + HOLD, input, signal);
    const lines = linesOf(response);
    const first = await orLost(lines.next(), signal);
    if (first.done === true) throw new ConnectionLost('the answer is missing');
    const answer = answerOf<CommandResults['forwards.hold']>(first.value);
    if (answer.ok) void whyEnded(lines).then((why) => signal.aborted || ended?.(why));
    return answer;
  }

  /** Told while somebody watches: each time that the connection is there, and lost. Returns what ends it. */
  onConnection(listener: ConnectionListener): () => void {
    this.#connectionListeners.add(listener);
    return () => {
      this.#connectionListeners.delete(listener);
    };
  }

  async #keepWatching(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE;
    while (!signal.aborted) {
      try {
        const response = await this.#request('GET', SNAPSHOTS_PATH, undefined, signal);
        this.#tellConnection('connected');
        for await (const line of linesOf(response)) {
          if (signal.aborted) return;
          pause = FIRST_PAUSE;
          // Made by our own kind, on a socket that only the same person can open.
          const snapshot = JSON.parse(line) as AppSnapshot;
          this.#latest = snapshot;
          for (const listener of this.#listeners) listener(snapshot);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isConnectionFault(error)) throw error;
      }
      if (signal.aborted) return;
      this.#latest = undefined;
      this.#tellConnection('lost');
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }

  #tellConnection(state: 'connected' | 'lost'): void {
    for (const listener of this.#connectionListeners) listener(state);
  }

  /** @throws ConnectionLost, or the signal's reason */
  async #request(method: 'GET' | 'POST', path: string, input: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const body = input === undefined ? undefined : Buffer.from(JSON.stringify(input));
    const options: RequestOptions = {
      // Each request has a connection of its own: its end says that whoever asked is gone.
      agent: new Agent({ keepAlive: false }),
      socketPath: this.#address,
      method,
      path,
      signal,
      headers: {
        Host: HOST,
        ...(body === undefined ? {} : { 'Content-Type': JSON_TYPE, 'Content-Length': body.length }),
      },
    };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const outgoing = request(options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
    const response = await orLost(promise, signal);
    // A connection that breaks later ends the reading.
    response.on('error', () => undefined);
    if (response.statusCode === 200) return response;
    const text = await whole(response, signal);
    throw new ConnectionLost(`the answer was ${response.statusCode}: ${text.slice(0, 200)}`);
  }
}

const whole = (response: IncomingMessage, signal: AbortSignal): Promise<string> => orLost(wholeText(response), signal);

async function orLost<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    signal.throwIfAborted();
    throw new ConnectionLost('the connection to Portkeeper is lost', { cause: error });
  }
}

/** What breaks while it is read is lost as well; whatever else is thrown is an error of ours. */
function isConnectionFault(error: unknown): boolean {
  return error instanceof ConnectionLost || error instanceof SyntaxError || (error instanceof Error && 'code' in error);
}

/** Resolves with the end of a hold. */
async function whyEnded(lines: AsyncGenerator<string>): Promise<HoldEnd> {
  try {
    for await (const line of lines) {
      // Made by our own kind, on a socket that only the same person can open.
      if (line !== '') return (JSON.parse(line) as HoldEnded).ended;
    }
  } catch {
    // The connection broke.
  }
  return 'lost';
}

/** @throws ConnectionLost when it is none */
function answerOf<Value>(text: string): Answer<Value> {
  try {
    const answer: unknown = JSON.parse(text);
    // Made by our own kind, on a socket that only the same person can open.
    if (typeof answer === 'object' && answer !== null && 'ok' in answer) return answer as Answer<Value>;
  } catch (error) {
    throw new ConnectionLost('the answer cannot be understood', { cause: error });
  }
  throw new ConnectionLost('the answer cannot be understood');
}

/** Bodies of answers, whole or line by line, within bounds. */
const TOO_MUCH = `an answer has ${MOST_OUTPUT} bytes at most`;

/** @throws RangeError when it is too long, or what the stream throws */
async function wholeText(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_OUTPUT) throw new RangeError(TOO_MUCH);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Without the stream's end being one: whoever stops reading leaves it as it is.
 * @throws RangeError when one is too long, or what the stream throws */
async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  const parts: string[] = [];
  let size = 0;
  stream.setEncoding('utf8');
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    const [first = '', ...others] = String(chunk).split('\n');
    parts.push(first);
    size += first.length;
    for (const next of others) {
      yield parts.splice(0).join('');
      parts.push(next);
      size = next.length;
    }
    if (size > MOST_OUTPUT) throw new RangeError(TOO_MUCH);
  }
}
