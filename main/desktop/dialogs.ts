/** Questions in a window of the system's own, for when ours cannot show them. */
import { dialog } from 'electron';
import type { LinkState } from '../connect/engine-link.ts';
import type { Language } from '../contract/words/catalogues.ts';
import { storageText } from '../contract/words/places.ts';
import type { Log } from '../system/system.ts';
import { desktopWords } from './words.ts';

export interface Question<Choice extends string> {
  readonly message: string;
  readonly detail: string;
  /** The first is the usual one; the last is taken when the person closes the question. */
  readonly choices: readonly { readonly is: Choice; readonly label: string }[];
  /** Enter takes the last, too. */
  readonly isDangerous?: boolean;
}

/** An abort closes the question, as the person would. */
export type Ask = <Choice extends string>(
  question: Question<Choice>,
  signal: AbortSignal,
) => Promise<Choice | undefined>;

export const ask: Ask = async ({ message, detail, choices, isDangerous = false }, signal) => {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Portkeeper',
    message,
    detail,
    buttons: choices.map(({ label }) => label),
    defaultId: isDangerous ? choices.length - 1 : 0,
    cancelId: choices.length - 1,
    noLink: true,
    signal,
  });
  return choices[response]?.is;
};

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
      this.#parts.log.write('error', 'dialog failed', { error: String(error) });
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
