/** Memory of this program alone: where its window stood, how it left the login item. */
import * as v from 'valibot';
import type { DocumentStore, Log } from '../system/system.ts';
import { WindowPlaceSchema, type WindowPlace } from './window/window-bounds.ts';

const NAME = 'desktop';

/** Invalid values count as absent. */
const StateSchema = v.object({
  window: v.fallback(v.optional(WindowPlaceSchema), undefined),
  loginItem: v.fallback(v.optional(v.boolean()), undefined),
});

export class DesktopState {
  readonly #documents: DocumentStore;
  readonly #log: Log;
  #state: v.InferOutput<typeof StateSchema> = {};
  #stored: Promise<void> = Promise.resolve();

  /** Never fails: it is only convenience. */
  static async load(documents: DocumentStore, log: Log): Promise<DesktopState> {
    const state = new DesktopState(documents, log);
    try {
      state.#state = v.parse(StateSchema, (await documents.read(NAME)) ?? {});
    } catch (error) {
      log.write('warn', 'could not read the window state', { error: String(error) });
    }
    return state;
  }

  private constructor(documents: DocumentStore, log: Log) {
    this.#documents = documents;
    this.#log = log;
  }

  get window(): WindowPlace | undefined {
    return this.#state.window;
  }

  /** Was there one when Portkeeper last changed it? `undefined`: it never did. */
  get loginItem(): boolean | undefined {
    return this.#state.loginItem;
  }

  readonly setWindow = (window: WindowPlace): void => this.#store({ window });

  readonly setLoginItem = (loginItem: boolean): void => this.#store({ loginItem });

  /** Resolves when all is written down, or could not be. */
  async stored(): Promise<void> {
    await this.#stored;
  }

  #store(change: v.InferOutput<typeof StateSchema>): void {
    this.#state = { ...this.#state, ...change };
    // An undefined value has no place in a document.
    const document = Object.fromEntries(Object.entries(this.#state).filter(([, value]) => value !== undefined));
    this.#stored = this.#stored
      .then(() => this.#documents.write(NAME, document))
      .catch((error: unknown) => {
        this.#log.write('warn', 'could not save the window state', { error: String(error) });
      });
  }
}
