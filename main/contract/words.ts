/** What is said about problems, in each language. A problem code without words does not compile. */
import type { Catalogue, Language } from './language.ts';
import type { Problem } from './problems.ts';
import type { ProblemCatalogue, Sentences } from './words/problem-catalogue.ts';
import { PROBLEMS_DE } from './words/problems-de.ts';
import { PROBLEMS_EN } from './words/problems-en.ts';

const PROBLEMS: Catalogue<ProblemCatalogue> = { en: PROBLEMS_EN, de: PROBLEMS_DE };

/** What to tell about a problem. */
export function explain(problem: Problem, language: Language = 'en'): Sentences {
  // A problem's code and parameters belong together; the type system cannot follow that through the table.
  const words = PROBLEMS[language][problem.code] as (parameters: Problem['parameters']) => Sentences;
  return words(problem.parameters);
}

export function inOneLine({ what, why, todo }: Sentences): string {
  return [what, why, todo].filter((part) => part !== '').join(' ');
}
