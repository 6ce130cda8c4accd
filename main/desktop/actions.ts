/** Does what the person chose in the tray, in a notification, or by a link. */
import { clipboard, shell } from 'electron';
import type { AppSnapshot } from '../contract/commands.ts';
import type { Language } from '../contract/words/catalogues.ts';
import type { ProblemAction } from '../contract/problem-actions.ts';
import type { OpeningQuestion } from '../contract/profiles/opening-questions.ts';
import { faultText } from '../contract/words/faults.ts';
import { questionText } from '../contract/words/opening-questions.ts';
import type { Log } from '../system/system.ts';
import type { Ask } from './dialogs.ts';
import { desktopWords } from './words.ts';
import { knownPlaces, openableLink } from './window/links.ts';
import type { Gate } from '../connect/resident.ts';
import type { ShownNotice } from './notifications.ts';
import type { TrayAction } from './tray/tray-menu.ts';

export interface ActionParts {
  readonly gate: Gate;
  readonly log: Log;
  readonly language: () => Language;
  readonly snapshot: () => AppSnapshot | undefined;
  /** The project's own pages. */
  readonly pages: readonly string[];
  readonly ask: Ask;
  readonly showWindow: (about?: ProblemAction) => void;
  readonly notify: (notice: ShownNotice) => void;
  /** A command has been answered. */
  readonly done: () => void;
  readonly quit: () => void;
  readonly quitNow: () => void;
  /** Aborts when the app ends. */
  readonly signal: AbortSignal;
}

export class Actions {
  readonly #parts: ActionParts;

  constructor(parts: ActionParts) {
    this.#parts = parts;
  }

  /** Commands leave in the same turn. */
  do(action: TrayAction): void {
    const { showWindow, quit, quitNow } = this.#parts;
    switch (action.do) {
      case 'command':
        this.#try('command failed', this.#command(action.command, action.input));
        return;
      case 'copy':
        this.#try('nothing can be copied', clipboard.writeText(action.text));
        return;
      case 'open':
        showWindow(action.for);
        return;
      case 'browse':
        this.openLink(action.url);
        return;
      case 'quit':
        quit();
        return;
      case 'quit-now':
        quitNow();
    }
  }

  /** In the person's own browser; only what Portkeeper itself may link to. */
  openLink(url: string): void {
    const { snapshot, pages, log } = this.#parts;
    const link = openableLink(url, knownPlaces(snapshot(), pages));
    if (link === undefined) log.write('warn', 'link not opened', { url });
    else this.#try('there is no browser', shell.openExternal(link));
  }

  async #command(name: string, input: unknown): Promise<void> {
    const { gate, notify, language, done, signal } = this.#parts;
    let answer = await gate.command(name, input, signal);
    if (!answer.ok && answer.fault.reason.code === 'confirm-first') {
      const { questions } = answer.fault.reason.parameters;
      if (!(await this.#confirms(questions))) return done();
      answer = await gate.command(name, { ...Object(input), confirmed: questions.map(({ key }) => key) }, signal);
    }
    if (!answer.ok) notify({ title: 'Portkeeper', body: faultText(answer.fault, language()) });
    done();
  }

  async #confirms(questions: readonly OpeningQuestion[]): Promise<boolean> {
    const { ask, language, signal } = this.#parts;
    const { title, text, yes } = questionText(questions, language());
    const choices = [
      { is: 'yes', label: yes },
      { is: 'no', label: desktopWords[language()].cancel },
    ] as const;
    const answer = await ask({ message: title, detail: text.join('\n\n'), choices, isDangerous: true }, signal);
    return answer === 'yes' && !signal.aborted;
  }

  #try(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (!this.#parts.signal.aborted) this.#parts.log.write('warn', what, { error: String(error) });
    });
  }
}
