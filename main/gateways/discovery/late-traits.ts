/** Router memory for a router that is already talked to and not yet recognised. */
import type { RouterTraits } from '../../contract/mapping.ts';
import type { TraitMemory } from '../port-control.ts';
import type { RouterMemory } from '../router-memory.ts';

export class LateTraits implements TraitMemory {
  readonly #memory: Pick<RouterMemory, 'traitsFor'>;
  /** Learnt before the router had a name. */
  #early: { readonly traits: RouterTraits; readonly why: string }[] = [];
  #known: TraitMemory | undefined;

  constructor(memory: Pick<RouterMemory, 'traitsFor'>) {
    this.#memory = memory;
  }

  /** Hands on what was learnt so far; may be called again when the router turns out to be another. */
  identify(fingerprint: string): void {
    this.#known = this.#memory.traitsFor(fingerprint);
    for (const { traits, why } of this.#early) this.#known.learn(traits, why);
    this.#early = [];
  }

  get(): RouterTraits {
    return this.#known?.get() ?? Object.assign({}, ...this.#early.map(({ traits }) => traits));
  }

  learn(traits: RouterTraits, why: string): void {
    if (this.#known === undefined) this.#early.push({ traits, why });
    else this.#known.learn(traits, why);
  }
}
