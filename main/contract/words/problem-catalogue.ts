/** What every language says about every problem. A code that is missing in one of them does not compile. */
import type { ProblemCode, ProblemParameters } from '../problems.ts';

/** What happened, why (as far as known), what to do. Whole sentences. */
export interface Sentences {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

export type ProblemCatalogue = {
  readonly [Code in ProblemCode]: (parameters: ProblemParameters[Code]) => Sentences;
};
