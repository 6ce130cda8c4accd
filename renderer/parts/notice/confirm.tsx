/** A question before something that cannot be taken back. */
import type { ComponentChildren, VNode } from 'preact';
import { createContext } from 'preact';
import { useCallback, useContext, useState } from 'preact/hooks';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { Button } from '../input/button.tsx';
import { Dialog } from './dialog.tsx';

export interface Question {
  readonly title: string;
  readonly text: ComponentChildren;
  /** What is done, as a verb: "Close the port". */
  readonly yes: string;
  /** "Cancel" when absent. */
  readonly no?: string;
  readonly isDangerous?: boolean;
}

/** Resolves with whether it is to be done. */
type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm>(async () => false);
export const useConfirm = (): Confirm => useContext(ConfirmContext);

interface Asked {
  readonly question: Question;
  readonly answer: (yes: boolean) => void;
}

export function ConfirmProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const words = useWords(windowWords);
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const confirm = useCallback<Confirm>(
    (question) =>
      new Promise((resolve) => {
        const answer = (yes: boolean): void => {
          setAsked(undefined);
          resolve(yes);
        };
        setAsked((before) => {
          before?.answer(false);
          return { question, answer };
        });
      }),
    [],
  );
  const isDangerous = asked?.question.isDangerous === true;
  return (
    <ConfirmContext.Provider value={confirm}>
      {children}
      {asked !== undefined && (
        <Dialog
          size="small"
          title={asked.question.title}
          onClose={() => asked.answer(false)}
          footer={
            <>
              <Button autofocus={isDangerous} onClick={() => asked.answer(false)}>
                {asked.question.no ?? words.cancel}
              </Button>
              <Button
                kind={isDangerous ? 'danger' : 'primary'}
                autofocus={!isDangerous}
                onClick={() => asked.answer(true)}
              >
                {asked.question.yes}
              </Button>
            </>
          }
        >
          <p class="muted">{asked.question.text}</p>
        </Dialog>
      )}
    </ConfirmContext.Provider>
  );
}
