import { createInterface } from 'node:readline';
import type { Answer } from '../../contract/commands.ts';
import type { Confirmed, OpeningQuestion } from '../../contract/profiles/opening-questions.ts';
import { questionText } from '../../contract/words/opening-questions.ts';
import { screenOf, wrapped } from '../output/console.ts';
import { InputFault, Interrupted, RefusedFault } from '../output/fault.ts';

/** Resolves with the answer; an empty one where there is none. @throws Interrupted */
export type AskPerson = (question: string) => Promise<string>;

/** Answers given before anybody is asked. @param yes `--yes` was given */
export const confirmedBy = (yes = false): Confirmed => (yes ? 'all' : []);

/**
 * Asks what has to be asked before ports are opened, once.
 * @param confirmed is not asked about
 * @param work gets what was answered; called again after a yes
 * @param ask `undefined` when nobody is there to be asked: then the refusal says how to say yes
 * @throws RefusedFault when the answer is no, Interrupted, or what `work` throws
 */
export async function withQuestions<Value>(
  confirmed: Confirmed,
  work: (confirmed: Confirmed) => Promise<Answer<Value>>,
  ask: AskPerson | undefined = personAtTerminal(),
): Promise<Answer<Value>> {
  const answer = await work(confirmed);
  if (answer.ok || answer.fault.reason.code !== 'confirm-first' || ask === undefined) return answer;
  const { questions } = answer.fault.reason.parameters;
  await confirmQuestions(questions, ask);
  return await work([...(confirmed === 'all' ? [] : confirmed), ...questions.map(({ key }) => key)]);
}

/** @throws InputFault when nobody is there to be asked, RefusedFault when the answer is no, Interrupted */
export async function confirmQuestions(
  questions: readonly OpeningQuestion[],
  ask: AskPerson | undefined,
): Promise<void> {
  const { text, title } = questionText(questions, 'en');
  if (ask === undefined) throw new InputFault(`${text.join(' ')} Nothing was changed. Add --yes if you want that.`);
  await confirm(ask, [...text, title].join('\n'));
}

/** @throws RefusedFault unless the answer is yes; Interrupted */
export async function confirm(ask: AskPerson, question: string): Promise<void> {
  const answer = await ask(`${question} [y/N] `);
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new RefusedFault('Nothing was changed.');
}

/** `undefined` when nobody is there to be asked. */
export function personAtTerminal(): AskPerson | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return (question) =>
    new Promise((resolve, reject) => {
      // Standard output is for results.
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      lines.once('close', () => resolve(''));
      lines.once('SIGINT', () => {
        reject(new Interrupted());
        lines.close();
      });
      const { columns } = screenOf(process.stderr);
      const whole = question.split('\n').flatMap((line) => wrapped(line, columns));
      lines.question(whole.join('\n'), (answer) => {
        resolve(answer);
        lines.close();
      });
    });
}
