/** A question before something that cannot be taken back. */
import { createContext, type ComponentChildren, type VNode } from 'preact';
import { useCallback, useContext, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { questionText } from '../../main/contract/words/opening-questions.ts';
import type { WindowClient } from '../client/window-client.ts';
import { windowWords } from '../shell/words.ts';
import { useBack } from '../state/browser.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import { Button, IconButton } from './button.tsx';

interface DialogProperties {
  readonly title: string;
  readonly size?: 'small' | 'normal' | 'wide';
  /** The person wants it closed: Escape, the browser's Back, a click beside it, its close button. Leave it out of the tree to close it. */
  readonly onClose: () => void;
  /** Enter anywhere but on a button. */
  readonly onSubmit?: () => void;
  readonly footer?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Modal while it is in the tree; the focus goes back to where it was. */
export function Dialog({ title, size = 'normal', onClose, onSubmit, footer, children }: DialogProperties): VNode {
  const words = useWords(windowWords);
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useBack(onClose);
  // Other effects are undone after the next frame: until then the focus would be nowhere.
  useLayoutEffect(() => {
    const { activeElement } = document;
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (activeElement instanceof HTMLElement && activeElement.isConnected) activeElement.focus();
    };
  }, []);
  const pressedBeside = useRef(false);
  return (
    <dialog
      ref={element}
      class="dialog"
      data-size={size}
      aria-labelledby={id}
      onCancel={(event) => {
        // A file chooser inside tells of its cancelling, too.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onClose();
      }}
      onKeyDown={(event) => {
        // Chromium closes at the second Escape without asking.
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
      // Text marked with the mouse up to beside the dialog is no click beside it.
      onPointerDown={(event) => {
        pressedBeside.current = event.target === event.currentTarget;
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget && pressedBeside.current) onClose();
      }}
    >
      <form
        class="dialog-form"
        method="dialog"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit?.();
        }}
      >
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={words.close} onClick={onClose} />
        </header>
        <div class="dialog-body">{children}</div>
        {footer !== undefined && <footer class="dialog-foot">{footer}</footer>}
      </form>
    </dialog>
  );
}

interface Question {
  readonly title: string;
  /** A paragraph, or several. */
  readonly text: string | readonly string[];
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
        <Dialog
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
        </Dialog>
      )}
    </ConfirmContext.Provider>
  );
}

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
        const { title, text, yes } = questionText(questions, language);
        if (!(await confirm({ title, text, yes, isDangerous: true }))) return answer;
        const before = 'confirmed' in input && Array.isArray(input.confirmed) ? input.confirmed : [];
        return await client.ask(name, { ...input, confirmed: [...before, ...questions.map(({ key }) => key)] }, signal);
      },
    }),
    [client, confirm, language],
  );
}
