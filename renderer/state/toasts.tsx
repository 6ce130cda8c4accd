/** Short messages that go by themselves. */
import type { ComponentChildren, VNode } from 'preact';
import { createContext } from 'preact';
import { useContext, useMemo, useRef, useState } from 'preact/hooks';

export interface Toast {
  readonly text: string;
  readonly tone?: 'plain' | 'bad';
  /** Such as "Undo"; the message goes when it is used. */
  readonly action?: { readonly label: string; readonly act: () => void };
}

export interface ShownToast extends Toast {
  readonly id: number;
}

interface Toasts {
  readonly show: (toast: Toast) => void;
  readonly dismiss: (id: number) => void;
}

const MOST_SHOWN = 3;

const ShownContext = createContext<readonly ShownToast[]>([]);
const ToastsContext = createContext<Toasts>({ show: () => undefined, dismiss: () => undefined });

export function ToastsProvider({ children }: { readonly children: ComponentChildren }): VNode {
  const [shown, setShown] = useState<readonly ShownToast[]>([]);
  const latest = useRef(0);
  const toasts = useMemo<Toasts>(
    () => ({
      show(toast) {
        latest.current += 1;
        const id = latest.current;
        // The same again replaces what is there: it is told once more, and does not pile up.
        setShown((before) =>
          [...before.filter(({ text }) => text !== toast.text), { ...toast, id }].slice(-MOST_SHOWN),
        );
      },
      dismiss: (id) => setShown((before) => before.filter((toast) => toast.id !== id)),
    }),
    [],
  );
  return (
    <ToastsContext.Provider value={toasts}>
      <ShownContext.Provider value={shown}>{children}</ShownContext.Provider>
    </ToastsContext.Provider>
  );
}

export const useShownToasts = (): readonly ShownToast[] => useContext(ShownContext);
export const useToasts = (): Toasts => useContext(ToastsContext);
