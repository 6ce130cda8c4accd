/** A question before something that cannot be taken back. */
import { createContext, type ComponentChildren, type VNode } from 'preact';
import { useCallback, useContext, useMemo, useState } from 'preact/hooks';
import type { WindowClient } from '../client/window-client.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import { onDemand, shownOnDemand } from '../state/on-demand.tsx';
import { Button } from './button.tsx';

/** For what stands in the first view. */
export const DialogOnDemand = shownOnDemand(async () => (await import('./dialog.tsx')).Dialog);

interface Question {
  readonly title: string;
  /** A paragraph, or several. */
  readonly text: string | readonly string[];
  /** The action, as a verb: "Close the port". */
  readonly yes: string;
  /** "Cancel" when absent. */
  readonly no?: string;
  readonly isDangerous?: boolean;
}

/** Resolves with whether it is to be done. */
type Confirm = (question: Question) => Promise<boolean>;

const ConfirmContext = createContext<Confirm>(async () => false);
export const useConfirm = (): Confirm => useContext(ConfirmContext);

export function ConfirmProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const words = useWords(windowWords);
  const [asked, setAsked] = useState<(Question & { readonly answer: (yes: boolean) => void }) | undefined>(undefined);
  const confirm = useCallback<Confirm>(
    (question) =>
      new Promise((resolve) => {
        const answer = (yes: boolean): void => {
          setAsked(undefined);
          resolve(yes);
        };
        setAsked((before) => {
          before?.answer(false);
          return { ...question, answer };
        });
      }),
    [],
  );
  const isDangerous = asked?.isDangerous === true;
  return (
    <ConfirmContext.Provider value={confirm}>
      {children}
      {asked !== undefined && (
        <DialogOnDemand
          size="small"
          title={asked.title}
          onClose={() => asked.answer(false)}
          footer={
            <>
              <Button autofocus={isDangerous} onClick={() => asked.answer(false)}>
                {asked.no ?? words.cancel}
              </Button>
              <Button
                kind={isDangerous ? 'danger' : 'primary'}
                autofocus={!isDangerous}
                onClick={() => asked.answer(true)}
              >
                {asked.yes}
              </Button>
            </>
          }
        >
          {[asked.text].flat().map((text) => (
            <p key={text} class="muted">
              {text}
            </p>
          ))}
        </DialogOnDemand>
      )}
    </ConfirmContext.Provider>
  );
}

const questionTexts = onDemand(
  async () => (await import('../../main/contract/words/opening-questions.ts')).questionText,
);

/** The client, which asks the person where Portkeeper wants that before ports are opened, and then asks again. */
export function useQuestions(client: WindowClient): WindowClient {
  const confirm = useConfirm();
  const language = useLanguage();
  return useMemo(
    () => ({
      watch: (listener) => client.watch(listener),
      onConnection: (listener) => client.onConnection(listener),
      async ask(name, input, signal) {
        const answer = await client.ask(name, input, signal);
        if (answer.ok || answer.fault.reason.code !== 'confirm-first') return answer;
        const { questions } = answer.fault.reason.parameters;
        const { title, text, yes } = (await questionTexts.load())(questions, language);
        if (!(await confirm({ title, text, yes, isDangerous: true }))) return answer;
        const before = 'confirmed' in input && Array.isArray(input.confirmed) ? input.confirmed : [];
        return await client.ask(name, { ...input, confirmed: [...before, ...questions.map(({ key }) => key)] }, signal);
      },
    }),
    [client, confirm, language],
  );
}
