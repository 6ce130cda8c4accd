/** Electron's side of the bridge: two channels, for the page of our own windows. */
import type { IpcMainInvokeEvent, WebContents } from 'electron';
import { ipcMain } from 'electron';
import { CALL_CHANNEL, SNAPSHOT_CHANNEL } from '../../contract/bridge.ts';
import type { Log } from '../../system/system.ts';
import { BridgeCalls, BridgeRefusal } from './bridge-calls.ts';
import { isOurPage } from './sender-check.ts';
import type { Gate } from '../../connect/resident.ts';

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
      this.#log.write('warn', 'a call from elsewhere was refused', { url: frame?.url });
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
