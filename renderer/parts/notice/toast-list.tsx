import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { inSeconds } from '../../../main/contract/units.ts';
import { windowWords } from '../../shell/words.ts';
import { useWords } from '../../state/language.tsx';
import { useTime } from '../../state/time.ts';
import type { ShownToast } from '../../state/toasts.tsx';
import { useShownToasts, useToasts } from '../../state/toasts.tsx';
import { Button, IconButton } from '../input/button.tsx';
import { Icon } from '../icon.tsx';
import './toast-list.css';

/** The region stays in the page, so that screen readers tell what comes into it. */
export function ToastList(): VNode {
  const shown = useShownToasts();
  const words = useWords(windowWords);
  return (
    <div class="toasts" role="region" aria-label={words.messages}>
      <div class="toasts-live" role="status" aria-live="polite" aria-atomic="false">
        {shown.map((toast) => (
          <ToastCard key={toast.id} toast={toast} />
        ))}
      </div>
    </div>
  );
}

/** Long enough to read and to reach the button; what went wrong stays longer. */
const lifetimeOf = ({ tone, action }: ShownToast) => inSeconds(tone === 'bad' ? 12 : action === undefined ? 5 : 10);

function ToastCard({ toast }: { readonly toast: ShownToast }): VNode {
  const time = useTime();
  const words = useWords(windowWords);
  const { dismiss } = useToasts();
  const [isHeld, setIsHeld] = useState(false);
  useEffect(
    () => (isHeld ? undefined : time.after(lifetimeOf(toast), () => dismiss(toast.id))),
    [isHeld, time, toast, dismiss],
  );
  const { tone = 'plain', text, action } = toast;
  return (
    <div
      class="toast"
      data-tone={tone}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocusIn={() => setIsHeld(true)}
      onFocusOut={() => setIsHeld(false)}
    >
      <Icon name={tone === 'bad' ? 'error' : 'check'} />
      <p>{text}</p>
      {action !== undefined && (
        <Button
          kind="quiet"
          size="small"
          onClick={() => {
            dismiss(toast.id);
            action.act();
          }}
        >
          {action.label}
        </Button>
      )}
      <IconButton icon="close" size="small" label={words.dismiss} onClick={() => dismiss(toast.id)} />
    </div>
  );
}
