import type { ComponentChildren, VNode } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { windowWords } from '../shell/words.ts';
import { useBack } from '../state/route.ts';
import { useWords } from '../state/language.tsx';
import { IconButton } from './button.tsx';

export interface DialogProperties {
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
        // A file chooser inside reports its cancelling here, too.
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
