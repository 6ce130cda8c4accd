/** The contract through the preload script, for the window of the application. */
import type { Bridge } from '../../main/contract/window-protocol.ts';
import type { Answer, AppSnapshot, CommandInput, CommandName, CommandResults } from '../../main/contract/commands.ts';
import { ConnectionLost, type Connection, type WindowClient } from './window-client.ts';

export class BridgeClient implements WindowClient {
  readonly #bridge: Bridge;
  readonly #connectionListeners = new Set<(state: Connection) => void>();
  #calls = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  async ask<Name extends CommandName>(
    name: Name,
    input: CommandInput<Name>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Answer<CommandResults[Name]>> {
    signal.throwIfAborted();
    this.#calls += 1;
    const call = `${this.#calls}`;
    const abort = (): void => this.#bridge.abort(call);
    signal.addEventListener('abort', abort, { once: true });
    try {
      // The table says what each command answers.
      return (await this.#bridge.ask(call, name, input)) as Answer<CommandResults[Name]>;
    } catch (error) {
      signal.throwIfAborted();
      throw new ConnectionLost('Portkeeper does not answer', { cause: error });
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  watch(listener: (snapshot: AppSnapshot) => void): () => void {
    let isFirst = true;
    return this.#bridge.watch((snapshot) => {
      if (isFirst) for (const each of this.#connectionListeners) each('connected');
      isFirst = false;
      listener(snapshot);
    });
  }

  /** Window and application live and end together: it is never lost. */
  onConnection(listener: (state: Connection) => void): () => void {
    const own = (state: Connection): void => listener(state);
    this.#connectionListeners.add(own);
    return () => {
      this.#connectionListeners.delete(own);
    };
  }
}
