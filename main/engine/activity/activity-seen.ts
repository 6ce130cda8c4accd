/** Inputs for finding out what has happened. */
import type { ActivityFact } from '../../contract/activity.ts';
import type { AppSnapshot } from '../../contract/commands.ts';
import { after, inSeconds, type EpochMs } from '../../contract/units.ts';
import type { MappingView } from '../../contract/snapshot.ts';
import type { Problem } from '../../contract/problems.ts';

export type ObservedSnapshot = Pick<
  AppSnapshot,
  'profiles' | 'conditions' | 'settings' | 'engine' | 'address' | 'problems'
>;

export interface NewFact {
  /** Engine time, and not later than the look that it was derived from. */
  readonly at: EpochMs;
  readonly fact: ActivityFact;
}

/** Anything shorter is not reported. */
const HICCUP = inSeconds(10);

/** One look: collects what is new; what is too new to be reported is looked at again as soon as it is not. */
export class FactCollector {
  /** Engine time. */
  readonly now: EpochMs;
  readonly facts: NewFact[] = [];
  #lookAt: EpochMs | undefined;

  constructor(now: EpochMs) {
    this.now = now;
  }

  /** When to look again, if nothing changes before. */
  get lookAt(): EpochMs | undefined {
    return this.#lookAt;
  }

  note(fact: ActivityFact, at: EpochMs = this.now): void {
    this.facts.push({ at, fact });
  }

  isTooNew(since: EpochMs, limit = HICCUP): boolean {
    const told = after(since, limit);
    if (this.now >= told) return false;
    if (this.#lookAt === undefined || told < this.#lookAt) this.#lookAt = told;
    return true;
  }

  /** Since when it has been so; an engine that starts over may count from an earlier moment. */
  since(before: EpochMs | undefined): EpochMs {
    return before === undefined || before > this.now ? this.now : before;
  }
}

/** Does it concern one port, rather than the router or the network? */
export const isOfPort = ({ parameters }: Problem): boolean => 'port' in parameters;

export function statusProblem({ status }: MappingView): Problem | undefined {
  return status.at === 'refused' || status.at === 'waiting' ? status.problem : undefined;
}
