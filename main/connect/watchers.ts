/** Windows that watch, and the commands that they wait for: see contract/window-protocol. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ABORT_PATH,
  CALL_HEADER,
  SNAPSHOTS_PATH,
  TAKEN,
  WATCHER_HEADER,
  type AnswerLine,
} from '../contract/window-protocol.ts';
import { commandFault } from '../contract/words/faults.ts';
import type { Dispatch } from '../engine/dispatch.ts';
import type { Log } from '../system/system.ts';
import {
  HttpFault,
  answerContract,
  commandOf,
  mustBe,
  sendJson,
  untilClosed,
  sendSnapshots,
  type Command,
  type SnapshotStream,
} from './answering.ts';

interface Watcher {
  /** Aborts when it is gone. */
  readonly signal: AbortSignal;
  readonly stream: SnapshotStream;
  /** Ends the wait for each. */
  readonly calls: Map<string, AbortController>;
}

/** Commands that one window waits for at a time; a person does not come near. */
const MOST_CALLS = 200;
const NAME = /^[\w-]{1,64}$/;

export class Watchers {
  readonly #dispatch: Dispatch;
  readonly #log: Log;
  readonly #watchers = new Map<string, Watcher>();

  constructor(dispatch: Dispatch, log: Log) {
    this.#dispatch = dispatch;
    this.#log = log;
  }

  /** As {@link answerContract}; commands of whoever watches are answered there. */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const name = header(request, WATCHER_HEADER);
    if (name === undefined) return await answerContract(path, request, response, this.#dispatch);
    if (path === SNAPSHOTS_PATH) {
      mustBe(['GET'], request);
      this.#watch(name, response);
      return true;
    }
    const call = header(request, CALL_HEADER);
    const watcher = this.#watchers.get(name);
    if (path === ABORT_PATH) {
      mustBe(['POST'], request);
      if (call !== undefined) watcher?.calls.get(call)?.abort(new HttpFault(499, 'whoever asked waits no longer'));
      sendJson(response, 200, {});
      return true;
    }
    const command = await commandOf(path, request);
    if (command === undefined) return false;
    if (watcher === undefined || call === undefined) {
      // It has just gone, or comes again: the answer goes where the question came from.
      sendJson(response, 200, await this.#dispatch.command(command.name, command.input, untilClosed(response)));
      return true;
    }
    if (watcher.calls.has(call) || watcher.calls.size >= MOST_CALLS)
      throw new HttpFault(429, 'this is too much at once');
    void this.#call(watcher, call, command);
    sendJson(response, TAKEN, {});
    return true;
  }

  #watch(name: string, response: ServerResponse): void {
    const stream = sendSnapshots(response, this.#dispatch);
    const watcher: Watcher = { stream, signal: untilClosed(response), calls: new Map() };
    this.#watchers.set(name, watcher);
    response.once('close', () => {
      if (this.#watchers.get(name) === watcher) this.#watchers.delete(name);
    });
  }

  async #call(watcher: Watcher, call: string, { name, input }: Command): Promise<void> {
    const waiting = new AbortController();
    const signal = AbortSignal.any([watcher.signal, waiting.signal]);
    watcher.calls.set(call, waiting);
    let answer: unknown;
    try {
      answer = await this.#dispatch.command(name, input, signal);
    } catch (error) {
      if (signal.aborted) {
        watcher.calls.delete(call);
        return;
      }
      this.#log.write('error', 'command failed', { error: String(error) });
      answer = { ok: false, fault: commandFault('failed', '', { code: 'own-fault', parameters: {} }) };
    }
    watcher.calls.delete(call);
    watcher.stream.insert({ call, answer } satisfies AnswerLine);
  }
}

/** @throws HttpFault when it is no name */
function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !NAME.test(value)) throw new HttpFault(400, `${name} is no name`);
  return value;
}
