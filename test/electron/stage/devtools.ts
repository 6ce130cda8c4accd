/**
 * Chromium's DevTools protocol over the pipe that `--remote-debugging-pipe` opens on descriptors 3 (to Chromium) and 4
 * (from it), a JSON message before each NUL. A pipe reaches the app in a network of its own, where a port does not; and
 * playwright's `_electron` needs Node's inspector, which the packaged app's fuses close.
 */
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { inTime } from './until.ts';

const Message = v.object({
  id: v.optional(v.number()),
  result: v.optional(v.unknown()),
  error: v.optional(v.object({ message: v.string() })),
});

export class DevTools {
  readonly #to: Writable;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #sent = 0;
  #unread = '';

  constructor(to: Writable, from: Readable) {
    this.#to = to;
    // The app may end while it is asked.
    to.on('error', () => undefined);
    from.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    from.once('close', () => this.#end());
  }

  /** @param session of a page; the browser itself when absent @param limit milliseconds @throws Error when it refuses,
   * ends or takes longer */
  async ask(
    method: string,
    parameters: Readonly<Record<string, unknown>> = {},
    session?: string,
    limit?: number,
  ): Promise<unknown> {
    this.#sent += 1;
    const id = this.#sent;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#to.write(`${JSON.stringify({ id, method, params: parameters, sessionId: session })}\0`);
    try {
      return await inTime(`an answer to ${method}`, answer.promise, limit);
    } finally {
      this.#waiting.delete(id);
    }
  }

  #take(text: string): void {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result, error } = v.parse(Message, JSON.parse(message));
      if (id === undefined) continue;
      if (error === undefined) this.#waiting.get(id)?.resolve(result);
      else this.#waiting.get(id)?.reject(new Error(error.message));
    }
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the app has ended'));
  }
}
