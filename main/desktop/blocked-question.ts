/** Tells the person, once each time, that the data folder cannot be had. */
import type { Language } from '../contract/language.ts';
import { desktopWords } from './words.ts';
import { storageText } from '../contract/words/storage.ts';
import type { Log } from '../system/system.ts';
import type { Ask } from './dialogs.ts';
import type { LinkState } from '../connect/engine-link.ts';

interface BlockedQuestionParts {
  readonly ask: Ask;
  readonly language: () => Language;
  /** Started at login: nobody is disturbed, the tray says it. */
  readonly isQuiet: boolean;
  readonly quit: () => void;
  readonly log: Log;
}

export class BlockedQuestion {
  readonly #parts: BlockedQuestionParts;
  #asked: AbortController | undefined;

  constructor(parts: BlockedQuestionParts) {
    this.#parts = parts;
  }

  follow(state: LinkState, signal: AbortSignal): void {
    if (state.at === 'connected') {
      this.#asked?.abort();
      this.#asked = undefined;
    }
    if (state.at !== 'blocked' || this.#parts.isQuiet || this.#asked !== undefined) return;
    this.#asked = new AbortController();
    this.#ask(state, AbortSignal.any([signal, this.#asked.signal])).catch((error: unknown) => {
      this.#parts.log.write('error', 'a question failed', { error: String(error) });
    });
  }

  async #ask({ fault, path }: Extract<LinkState, { at: 'blocked' }>, signal: AbortSignal): Promise<void> {
    const language = this.#parts.language();
    const { locked, noFolder } = desktopWords[language];
    const { message, detail } =
      fault === 'locked'
        ? { message: locked.message, detail: locked.detail(path) }
        : { message: noFolder.message, detail: noFolder.detail(path, storageText(fault, language)) };
    const choices = [
      { is: 'quit', label: locked.quit },
      { is: 'wait', label: locked.wait },
    ] as const;
    const answer = await this.#parts.ask({ message, detail, choices }, signal);
    if (answer === 'quit' && !signal.aborted) this.#parts.quit();
  }
}
