/** Large ranges are opened only when somebody has said so. */
import { createInterface } from 'node:readline';
import { wideRangesIn, type Range } from '../../contract/claims.ts';
import { wideRangesQuestion } from '../../contract/words/wide-ranges.ts';
import { InputFault, Interrupted, RefusedFault } from '../output/fault.ts';

/** Somebody at a terminal. Resolves with the answer, empty when there is none. @throws Interrupted */
export type AskPerson = (question: string) => Promise<string>;

/**
 * @param yes `--yes` was given
 * @param ask `undefined` when nobody is there to be asked
 * @throws InputFault, RefusedFault or Interrupted when they are not to be opened
 */
export async function confirmRanges(
  forwards: readonly Range[],
  yes: boolean,
  ask: AskPerson | undefined = personAtTerminal(),
): Promise<void> {
  const wide = wideRangesIn(forwards);
  if (wide === undefined || yes) return;
  const { text, title } = wideRangesQuestion(wide, 'en');
  if (ask === undefined) throw new InputFault(`${text} To open them anyway, add --yes.`);
  await confirm(ask, `${text}\n${title}`);
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
      lines.question(question, (answer) => {
        resolve(answer);
        lines.close();
      });
    });
}
