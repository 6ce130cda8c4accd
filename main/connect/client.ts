/** The contract's client for another process's engine. */
import type { IncomingMessage, RequestOptions } from 'node:http';
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
import { LineSplitter, SnapshotFeed } from '../contract/watch.ts';
import { COMMAND_PATH, JSON_TYPE, SNAPSHOTS_PATH } from '../contract/window-protocol.ts';
import { HELLO_PATH, HOLD, HOST, http, MOST_OUTPUT, type HoldEnded } from './protocol.ts';

/** The engine's process is gone, or does not answer as it should. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

export class RemoteClient implements AppClient {
  readonly #address: string;
  readonly #feed = new SnapshotFeed({
    watchOnce: (signal) => this.#watchOnce(signal),
    sleep: (duration, signal) => sleep(duration, undefined, { signal }).catch(() => undefined),
    pauses: { first: 100, longest: 3000 },
  });

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

  /** Connects again when the connection is lost: see {@link onConnection}. */
  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    return this.#feed.watch(listener);
  }

  /** Called while somebody watches: each time that the connection is there, and lost. Returns what ends it. */
  onConnection(listener: (state: 'connected' | 'lost') => void): () => void {
    return this.#feed.onConnection(listener);
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

  async #watchOnce(signal: AbortSignal): Promise<'lost'> {
    try {
      const response = await this.#request('GET', SNAPSHOTS_PATH, undefined, signal);
      this.#feed.connected();
      for await (const line of linesOf(response)) {
        if (signal.aborted) break;
        // Made by our own kind, on a socket that only the same person can open.
        this.#feed.take(JSON.parse(line) as AppSnapshot);
      }
    } catch (error) {
      if (!signal.aborted && !isConnectionFault(error)) throw error;
    }
    return 'lost';
  }

  /** @throws ConnectionLost, or the signal's reason */
  async #request(method: 'GET' | 'POST', path: string, input: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const body = input === undefined ? undefined : Buffer.from(JSON.stringify(input));
    const options: RequestOptions = {
      // Each request has a connection of its own: its end says that whoever asked is gone.
      agent: new (http().Agent)({ keepAlive: false }),
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
    const outgoing = http().request(options, resolve);
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

/** Faults while reading are lost connections as well; anything else thrown is an error of ours. */
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

/** @throws RangeError when it is too long, or what the stream throws */
async function wholeText(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST_OUTPUT) throw new RangeError(`an answer has ${MOST_OUTPUT} bytes at most`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A reader that stops leaves the stream open. @throws RangeError when a line is too long, or what the stream throws */
async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  const splitter = new LineSplitter(MOST_OUTPUT);
  stream.setEncoding('utf8');
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) yield* splitter.push(String(chunk));
}
