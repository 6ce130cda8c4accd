/** Problem texts in each language. A problem code without words does not compile. */
import type { Catalogue, Language } from './catalogues.ts';
import type { ProblemCatalogue, Sentences, Problem } from '../problems.ts';
import { withoutHidden } from './hidden.ts';
import { PROBLEMS_DE } from './problems-de.ts';
import { PROBLEMS_EN } from './problems-en.ts';

const PROBLEMS: Catalogue<ProblemCatalogue> = { en: PROBLEMS_EN, de: PROBLEMS_DE };

/** For a code that only another version of Portkeeper knows. */
const UNKNOWN: Catalogue<(code: string) => Sentences> = {
  en: (code) => ({
    what: `Portkeeper reports an unknown problem (${code}).`,
    why: 'The Portkeeper that is running has a different version.',
    todo: 'Update both to the same version.',
  }),
  de: (code) => ({
    what: `Portkeeper meldet ein unbekanntes Problem (${code}).`,
    why: 'Das laufende Portkeeper hat eine andere Version.',
    todo: 'Bring beide auf dieselbe Version.',
  }),
};

/** The sentences for a problem. */
export function explain(problem: Problem, language: Language = 'en'): Sentences {
  if (!Object.hasOwn(PROBLEMS[language], problem.code)) return UNKNOWN[language](problem.code);
  // A problem's code and parameters belong together; the type system cannot follow that through the table.
  const words = PROBLEMS[language][problem.code] as (
    parameters: Problem['parameters'],
    front: Problem['front'],
  ) => Sentences;
  const { what, why, todo } = words(problem.parameters, problem.front);
  return { what: withoutHidden(what), why: withoutHidden(why), todo: withoutHidden(todo) };
}

export function inOneLine({ what, why, todo }: Sentences): string {
  return [what, why, todo].filter((part) => part !== '').join(' ');
}
