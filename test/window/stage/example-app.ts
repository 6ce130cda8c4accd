/** Snapshots made by hand, in the place of a running Portkeeper: what is rare or takes long can be looked at. */
import type { Answer, AppSnapshot } from '../../../main/contract/commands.ts';
import type { Settings } from '../../../main/contract/settings.ts';
import type { EpochMs } from '../../../main/contract/units.ts';
import type { Dispatch } from '../../../main/engine/dispatch.ts';
import type { Log } from '../../../main/system/system.ts';
import type { StagedApp } from './staged-app.ts';

export interface AskedCommand {
  readonly name: string;
  readonly input: unknown;
}

export class ExampleOnStage implements StagedApp {
  readonly log: Log = { write: () => undefined };
  readonly dispatch: Dispatch;
  /** Commands of the window, in order. */
  readonly asked: AskedCommand[] = [];
  readonly #watchers = new Set<(snapshot: AppSnapshot) => void>();
  #snapshot: AppSnapshot;

  constructor(snapshot: AppSnapshot) {
    this.#snapshot = snapshot;
    this.dispatch = {
      command: async (name, input): Promise<Answer<unknown>> => {
        this.asked.push({ name, input });
        return { ok: true, value: {} };
      },
      hold: () => Promise.reject(new Error('nothing is held in an example')),
      watch: (listener) => {
        this.#watchers.add(listener);
        listener(this.#snapshot);
        return () => {
          this.#watchers.delete(listener);
        };
      },
    };
  }

  readonly now = (): EpochMs => this.#snapshot.engine.at;

  show(snapshot: AppSnapshot): void {
    this.#snapshot = snapshot;
    for (const listener of this.#watchers) listener(snapshot);
  }

  async change(settings: Partial<Settings>): Promise<void> {
    this.show({ ...this.#snapshot, settings: { ...this.#snapshot.settings, ...settings } });
  }

  async stop(): Promise<void> {
    this.#watchers.clear();
  }
}
