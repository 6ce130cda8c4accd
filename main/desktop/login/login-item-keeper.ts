/**
 * Keeps the login item as the person wants it: by Portkeeper's setting, or by the system's own list. Whichever was
 * changed last counts; Portkeeper does not put back what the person has removed there.
 */
import type { Problem } from '../../contract/problems.ts';
import type { Clock, Log } from '../../system/system.ts';
import { LoginItemError, type LoginItem } from './login-item.ts';

export interface KeeperParts {
  /** Absent where nothing lasting could be started: why. */
  readonly item: LoginItem | 'not-installed';
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** How Portkeeper left it, the last time. */
  readonly left: { readonly isThere: boolean | undefined; readonly remember: (isThere: boolean) => void };
  /** Reports to the settings what the person has done in the system's own list. */
  readonly changeSetting: (startAtLogin: boolean) => Promise<void>;
  readonly onProblem: (problem: Problem | undefined) => void;
}

const LONGEST_DETAIL = 1000;

export class LoginItemKeeper {
  readonly #parts: KeeperParts;
  #wanted: boolean | undefined;
  #queue: Promise<void> = Promise.resolve();
  #left: boolean | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#left = parts.left.isThere;
  }

  /** As the setting is now; the first call compares with what the system has. */
  want(startAtLogin: boolean): void {
    if (startAtLogin === this.#wanted) return;
    const isFirst = this.#wanted === undefined;
    this.#wanted = startAtLogin;
    this.#do(isFirst);
  }

  /** The person has asked for it again. */
  again(): void {
    if (this.#wanted !== undefined) this.#do(false);
  }

  #do(isFirst: boolean): void {
    this.#queue = this.#queue
      .then(() => (isFirst ? this.#compare() : this.#apply()))
      .catch((error: unknown) => {
        this.#failed(error);
      });
  }

  /** Resolves when what was wanted so far is done, or has failed. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  async #compare(): Promise<void> {
    const { item } = this.#parts;
    if (typeof item === 'string') return await this.#apply();
    const isThere = (await item.state()) !== 'absent';
    // Nobody but the person, in the system's own list, has changed it since.
    const isTheirs = this.#left !== undefined && isThere !== this.#left && isThere !== this.#wanted;
    if (!isTheirs) return await this.#apply();
    this.#parts.log.write('info', 'login item changed by the system', { isThere });
    this.#remember(isThere);
    this.#wanted = isThere;
    await this.#parts.changeSetting(isThere);
    if (isThere) await this.#apply();
  }

  async #apply(): Promise<void> {
    const { item, onProblem } = this.#parts;
    const wanted = this.#wanted ?? false;
    if (typeof item === 'string') {
      if (wanted) throw new LoginItemError(item, 'there is nothing lasting to start');
      onProblem(undefined);
      return;
    }
    const state = await item.state();
    if (wanted && state !== 'here') await item.add();
    else if (!wanted && state !== 'absent') await item.remove();
    this.#remember(wanted);
    onProblem(undefined);
  }

  #remember(isThere: boolean): void {
    if (isThere === this.#left) return;
    this.#left = isThere;
    this.#parts.left.remember(isThere);
  }

  #failed(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#parts.log.write('warn', 'could not change the login item', { fault: text });
    const since = this.#parts.clock.now();
    const parameters =
      error instanceof LoginItemError
        ? { fault: error.fault, detail: '' }
        : // As much as a stored problem may have.
          { fault: 'other' as const, detail: text.slice(0, LONGEST_DETAIL) };
    this.#parts.onProblem({ code: 'login-item-failed', parameters, severity: 'warning', since });
  }
}

/** A command by which the person wants it, perhaps again: it had failed, and the setting stays as it was. */
export function asksForLoginItem(command: string, input: unknown): boolean {
  if (command !== 'settings.change' || typeof input !== 'object' || input === null || !('settings' in input)) {
    return false;
  }
  const { settings } = input;
  return (
    typeof settings === 'object' && settings !== null && 'startAtLogin' in settings && settings.startAtLogin === true
  );
}
