/**
 * Whether somebody looks at the page. A browser opens six connections to one place: tabs that nobody looks at must not
 * keep all of them.
 */

/** Milliseconds without a look, after which a tab is as good as left. */
const LEFT_AFTER = 30_000;

type Page = Pick<Document, 'visibilityState' | 'addEventListener' | 'removeEventListener'>;

export class Attention {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Resolves when somebody looks, or the signal aborts. */
  async back(signal: AbortSignal): Promise<void> {
    if (this.#page.visibilityState === 'visible') return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = this.#onChange(() => {
      if (this.#page.visibilityState === 'visible') resolve();
    });
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    end();
  }

  /** Calls `left` each time that nobody has looked for a while. Returns what ends it. */
  onLeft(left: () => void): () => void {
    let timer: ReturnType<typeof setInterval> | undefined;
    const look = (): void => {
      clearInterval(timer);
      timer = this.#page.visibilityState === 'hidden' ? setInterval(left, LEFT_AFTER) : undefined;
    };
    const end = this.#onChange(look);
    look();
    return () => {
      clearInterval(timer);
      end();
    };
  }

  #onChange(listener: () => void): () => void {
    this.#page.addEventListener('visibilitychange', listener);
    return () => this.#page.removeEventListener('visibilitychange', listener);
  }
}
