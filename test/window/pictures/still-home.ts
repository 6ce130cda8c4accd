/** A simulated home in which time passes only while something is asked of Portkeeper: the same picture each time. */
import type { EpochMs, Millis } from '../../../main/contract/units.ts';
import type { Dispatch } from '../../../main/engine/dispatch.ts';
import type { Log } from '../../../main/system/system.ts';
import type { AppHome } from '../../support/app-home.ts';
import type { StagedApp } from '../stage/staged-app.ts';

export class StillHome implements StagedApp {
  readonly home: AppHome;
  readonly dispatch: Dispatch;
  #turn: Promise<unknown> = Promise.resolve();
  #asked = 0;

  constructor(home: AppHome) {
    this.home = home;
    this.dispatch = {
      ...home.dispatch,
      command: async (name, input, signal) => {
        const answer = await this.#alone(() => home.finish(home.dispatch.command(name, input, signal)));
        this.#asked += 1;
        return answer;
      },
    };
  }

  get log(): Log {
    return this.home.home.client.system.log;
  }

  readonly now = (): EpochMs => this.home.world.now;

  /** Commands that have been answered. */
  get asked(): number {
    return this.#asked;
  }

  async elapse(duration: Millis): Promise<void> {
    await this.#alone(() => this.home.world.run(duration));
  }

  async stop(): Promise<void> {
    await this.#alone(() => this.home.stop());
  }

  async #alone<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return await turn;
  }
}
