import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../main/contract/problems.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { windowWords } from '../shell/words.ts';
import { useWords } from '../state/language.tsx';
import { shownOnDemand } from '../state/on-demand.tsx';
import { useShownToasts, useToasts, type ShownToast } from '../state/portkeeper.tsx';
import { useTime } from '../state/time.tsx';
import { Button, IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { isAnything, type Tone } from './layout.tsx';

interface NoticeProperties {
  readonly kind: 'banner' | 'callout';
  readonly tone?: Tone;
  readonly icon: IconName;
  readonly title?: ComponentChildren;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

function Notice({ kind, tone = 'accent', icon, title, actions, children }: NoticeProperties): VNode {
  return (
    <div class={`notice ${kind}`} data-tone={tone} role={kind === 'banner' ? 'status' : undefined}>
      <Icon name={icon} />
      <div class="notice-text">
        {title !== undefined && <p class="notice-title">{title}</p>}
        <p>{children}</p>
      </div>
      {isAnything(actions) && <div class="notice-actions">{actions}</div>}
    </div>
  );
}

/** A line about the whole. */
export const Banner = (properties: Omit<NoticeProperties, 'kind'>): VNode => <Notice {...properties} kind="banner" />;

/** A note on the thing beside it. */
export const Callout = (properties: Omit<NoticeProperties, 'kind'>): VNode => <Notice {...properties} kind="callout" />;

interface EmptyStateProperties {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: ComponentChildren;
  /** Actions for it. */
  readonly children?: ComponentChildren;
}

export function EmptyState({ icon, title, text, children }: EmptyStateProperties): VNode {
  return (
    <div class="empty-state">
      <span class="empty-state-icon">
        <Icon name={icon} size={32} />
      </span>
      <h2>{title}</h2>
      {text !== undefined && <p class="muted">{text}</p>}
      {children !== undefined && <div class="empty-state-actions">{children}</div>}
    </div>
  );
}

export const ProblemCard = shownOnDemand(async () => (await import('./problem-card.tsx')).ProblemCard);
export const ProblemButtons = shownOnDemand(async () => (await import('./problem-card.tsx')).ProblemButtons);
export const RetryButtons = shownOnDemand(async () => (await import('./problem-card.tsx')).RetryButtons);

export function Problems({ list }: { readonly list: readonly Problem[] }): VNode | null {
  if (list.length === 0) return null;
  return (
    <div class="problems">
      {list.map((problem) => (
        <ProblemCard key={problem.code} problem={problem} />
      ))}
    </div>
  );
}

/** The region stays in the page, so that screen readers announce what comes into it. */
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
const lifetimeOf = ({ tone, undo }: ShownToast) => inSeconds(tone === 'bad' ? 12 : undo === undefined ? 5 : 10);

function ToastCard({ toast }: { readonly toast: ShownToast }): VNode {
  const time = useTime();
  const words = useWords(windowWords);
  const { dismiss } = useToasts();
  const [isHeld, setIsHeld] = useState(false);
  useEffect(
    () => (isHeld ? undefined : time.after(lifetimeOf(toast), () => dismiss(toast.id))),
    [isHeld, time, toast, dismiss],
  );
  const { tone = 'plain', text, undo } = toast;
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
      {undo !== undefined && (
        <Button
          kind="quiet"
          size="small"
          onClick={() => {
            dismiss(toast.id);
            undo();
          }}
        >
          {words.undo}
        </Button>
      )}
      <IconButton icon="close" size="small" label={words.dismiss} onClick={() => dismiss(toast.id)} />
    </div>
  );
}
