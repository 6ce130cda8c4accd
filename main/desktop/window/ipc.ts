/** Electron's side of the bridge: two channels, for the page of our own windows. */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import {
  CALL_CHANNEL,
  SNAPSHOT_CHANNEL,
  type BridgeCall,
  type BridgeSnapshot,
} from '../../contract/window-protocol.ts';
import type { Log } from '../../system/system.ts';
import { isOurPage } from './page.ts';
import { MOST_INPUT } from '../../connect/protocol.ts';
import type { Gate } from '../../connect/resident.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import * as v from 'valibot';

export class Ipc {
  readonly #gate: Gate;
  readonly #log: Log;
  readonly #pages = new Map<number, BridgeCalls>();
  readonly #ours = new Set<number>();

  constructor(gate: Gate, log: Log) {
    this.#gate = gate;
    this.#log = log;
    ipcMain.handle(CALL_CHANNEL, (event, payload: unknown) => this.#pageOf(event).call(payload));
    ipcMain.handle(SNAPSHOT_CHANNEL, (event, payload: unknown) => this.#pageOf(event).next(payload));
  }

  /** A window of ours; its page may call from now on. */
  admit(contents: WebContents): void {
    const { id } = contents;
    this.#ours.add(id);
    // A page that goes, or breaks, takes with it what it has asked for. Not when it only begins to go: it may be denied.
    contents.on('did-navigate', () => this.#forget(id));
    contents.on('render-process-gone', () => this.#forget(id));
    contents.once('destroyed', () => {
      this.#ours.delete(id);
      this.#forget(id);
    });
  }

  /** @throws BridgeRefusal */
  #pageOf({ sender, senderFrame }: IpcMainInvokeEvent): BridgeCalls {
    const frame = senderFrame === null ? undefined : { url: senderFrame.url, isMain: senderFrame.parent === null };
    if (!isOurPage({ contents: sender.id, frame }, this.#ours)) {
      this.#log.write('warn', 'refused a call from another page', { url: frame?.url });
      throw new BridgeRefusal('this call is not taken');
    }
    const page = this.#pages.get(sender.id) ?? new BridgeCalls(this.#gate);
    this.#pages.set(sender.id, page);
    return page;
  }

  #forget(id: number): void {
    this.#pages.get(id)?.close();
    this.#pages.delete(id);
  }
}

/** A call that the preload script does not make; the page learns no more than that. */
export class BridgeRefusal extends Error {
  override readonly name = 'BridgeRefusal';
}

/** More than a person can start by hand before the first of them has ended. */
const MOST_CALLS = 1000;
/** A page has one view of the snapshot. */
const MOST_WAITING = 8;

/** Commands take a handful. */
const MOST_LEVELS = 32;

/** @param left characters, and as many values, that may be in it */
function isBounded(value: unknown, left = { count: MOST_INPUT }, levels = MOST_LEVELS): boolean {
  left.count -= typeof value === 'string' ? value.length : 1;
  if (left.count < 0) return false;
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return false;
  // One after the other: a list of a hundred million must not be copied to be counted.
  for (const name in value) {
    left.count -= name.length;
    if (!isBounded(Reflect.get(value, name), left, levels - 1)) return false;
  }
  return true;
}

const CallId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(100));

const CallSchema = v.variant('do', [
  v.strictObject({
    do: v.literal('ask'),
    callId: CallId,
    name: v.pipe(v.string(), v.maxLength(100)),
    input: v.pipe(
      v.unknown(),
      v.check((value) => isBounded(value)),
    ),
  }),
  v.strictObject({ do: v.literal('abort'), callId: CallId }),
]);

const PlaceSchema = v.pipe(v.number(), v.integer(), v.minValue(0));

export class BridgeCalls {
  readonly #gate: Gate;
  readonly #calls = new Map<string, AbortController>();
  readonly #waiting = new Set<(snapshot: BridgeSnapshot) => void>();
  readonly #closed = new AbortController();
  #place = 0;
  #latest: AppSnapshot | undefined;
  #unwatch: (() => void) | undefined;

  constructor(gate: Gate) {
    this.#gate = gate;
  }

  /** @throws BridgeRefusal, or the reason for which the wait ended */
  async call(payload: unknown): Promise<unknown> {
    const parsed = v.safeParse(CallSchema, payload);
    if (!parsed.success || this.#closed.signal.aborted) throw new BridgeRefusal('this call is not taken');
    const call: BridgeCall = parsed.output;
    if (call.do === 'abort') {
      this.#calls.get(call.callId)?.abort(new BridgeRefusal('the wait was ended'));
      return undefined;
    }
    if (this.#calls.has(call.callId)) throw new BridgeRefusal('there is such a call already');
    if (this.#calls.size >= MOST_CALLS) throw new BridgeRefusal('these are too many calls at once');
    const waiting = new AbortController();
    this.#calls.set(call.callId, waiting);
    try {
      return await this.#gate.command(call.name, call.input, waiting.signal);
    } finally {
      this.#calls.delete(call.callId);
    }
  }

  /** The next snapshot that the page does not know; the present one at once when it knows another.
   * @throws BridgeRefusal */
  async next(payload: unknown): Promise<BridgeSnapshot> {
    const known = v.safeParse(PlaceSchema, payload);
    if (!known.success || this.#closed.signal.aborted || this.#waiting.size >= MOST_WAITING) {
      throw new BridgeRefusal('this call is not taken');
    }
    // Not before somebody looks: a page that crashed at once costs nothing.
    this.#unwatch ??= this.#gate.watch((snapshot) => this.#show(snapshot));
    if (this.#latest !== undefined && known.output !== this.#place) {
      return { place: this.#place, snapshot: this.#latest };
    }
    const { promise, resolve } = Promise.withResolvers<BridgeSnapshot>();
    this.#waiting.add(resolve);
    return await promise;
  }

  /** The page is gone: waits end, and nothing is reported any more. Idempotent. */
  close(): void {
    this.#closed.abort();
    this.#unwatch?.();
    for (const call of this.#calls.values()) call.abort(new BridgeRefusal('the page is gone'));
    this.#calls.clear();
    this.#waiting.clear();
    this.#latest = undefined;
  }

  #show(snapshot: AppSnapshot): void {
    this.#place += 1;
    this.#latest = snapshot;
    for (const resolve of this.#waiting) resolve({ place: this.#place, snapshot });
    this.#waiting.clear();
  }
}
