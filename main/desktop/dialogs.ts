/** Questions in a window of the system's own, for when ours cannot show them. */
import { dialog } from 'electron';

export interface Question<Choice extends string> {
  readonly message: string;
  readonly detail: string;
  /** The first is the usual one; the last is taken when the person closes the question. */
  readonly choices: readonly { readonly is: Choice; readonly label: string }[];
}

/** An abort closes the question, as the person would. */
export type Ask = <Choice extends string>(
  question: Question<Choice>,
  signal: AbortSignal,
) => Promise<Choice | undefined>;

export const ask: Ask = async ({ message, detail, choices }, signal) => {
  const { response } = await dialog.showMessageBox({
    type: 'warning',
    title: 'Portkeeper',
    message,
    detail,
    buttons: choices.map(({ label }) => label),
    defaultId: 0,
    cancelId: choices.length - 1,
    noLink: true,
    signal,
  });
  return choices[response]?.is;
};
