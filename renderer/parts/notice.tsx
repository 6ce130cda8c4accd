import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ProblemAction } from '../../main/contract/problem-actions.ts';
import { actionContextOf, actionsFor } from '../../main/contract/problem-actions.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { explain } from '../../main/contract/words.ts';
import { actionLabel } from '../../main/contract/words/actions.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import type { ShownToast } from '../state/portkeeper.tsx';
import { useAsk, useShownToasts, useSnapshot, useTask, useToasts } from '../state/portkeeper.tsx';
import { hrefOf } from '../state/route.ts';
import { useTime } from '../state/time.tsx';
import { Button, IconButton, LinkButton } from './button.tsx';
import type { IconName } from './icon.tsx';
import { Icon } from './icon.tsx';
import type { Tone } from './layout.tsx';

interface BannerProperties {
  readonly tone?: Tone;
  readonly icon: IconName;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A line about the whole. */
export function Banner({ tone = 'accent', icon, actions, children }: BannerProperties): VNode {
  return (
    <div class="banner" data-tone={tone} role="status">
      <Icon name={icon} />
      <p>{children}</p>
      {actions !== undefined && <div class="banner-actions">{actions}</div>}
    </div>
  );
}

interface CalloutProperties {
  readonly tone?: Tone;
  readonly icon: IconName;
  readonly title?: string;
  /** Buttons. */
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** What to know about the thing beside it. */
export function Callout({ tone = 'accent', icon, title, actions, children }: CalloutProperties): VNode {
  const hasActions = actions !== undefined && actions !== false;
  return (
    <div class="callout" data-tone={tone}>
      <Icon name={icon} />
      <div class="callout-text">
        {title !== undefined && <p class="callout-title">{title}</p>}
        <p>{children}</p>
      </div>
      {hasActions && <div class="callout-actions">{actions}</div>}
    </div>
  );
}

interface EmptyStateProperties {
  readonly icon: IconName;
  readonly title: string;
  readonly text?: ComponentChildren;
  /** What to do about it. */
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

interface ProblemCardProperties {
  readonly problem: Problem;
  /** Buttons beside those that the problem offers by itself. */
  readonly children?: ComponentChildren;
}

const ICONS = { error: 'error', warning: 'warning', info: 'info' } as const;

/** What happened, why, what to do, and the buttons that do it. */
export function ProblemCard({ problem, children }: ProblemCardProperties): VNode {
  const words = useWords(windowWords);
  const { what, why, todo } = explain(problem, useLanguage());
  const hasMore = children !== undefined && children !== null && children !== false;
  const actions = actionsFor(problem, actionContextOf(useSnapshot()));
  return (
    <div class="problem" data-severity={problem.severity}>
      <Icon name={ICONS[problem.severity]} />
      <div class="problem-text">
        <p class="problem-what">
          <span class="unseen">{words.severity[problem.severity]} </span>
          {what}
        </p>
        <p class="muted">
          {why} {todo}
        </p>
      </div>
      {(actions.length > 0 || hasMore) && (
        <div class="problem-actions">
          <ProblemButtons actions={actions} />
          {children}
        </div>
      )}
    </div>
  );
}

interface ProblemButtonsProperties {
  /** Most helpful first. */
  readonly actions: readonly ProblemAction[];
}

export function ProblemButtons({ actions }: ProblemButtonsProperties): VNode {
  return (
    <>
      {actions.map((action, at) => (
        <ActionButton key={JSON.stringify(action)} action={action} kind={at === 0 ? 'plain' : 'quiet'} />
      ))}
    </>
  );
}

interface ActionButtonProperties {
  readonly action: ProblemAction;
  readonly kind: 'plain' | 'quiet';
}

function ActionButton({ action, kind }: ActionButtonProperties): VNode {
  const label = actionLabel(action, useLanguage());
  const ask = useAsk();
  const task = useTask();
  switch (action.do) {
    case 'command':
      return (
        <Button
          kind={kind}
          size="small"
          isBusy={task.isBusy}
          onClick={() => task.run((signal) => ask(action.command, action.input, { signal }))}
        >
          {label}
        </Button>
      );
    case 'open-router-pages':
      return (
        <LinkButton kind={kind} href={action.url} isOutside>
          {label}
        </LinkButton>
      );
    case 'show-router':
      return (
        <LinkButton
          kind={kind}
          href={hrefOf('router', action.gateway === undefined ? {} : { gateway: action.gateway })}
        >
          {label}
        </LinkButton>
      );
    case 'edit-forward':
      return (
        <LinkButton kind={kind} href={hrefOf('forwards', { edit: action.forward, field: action.field })}>
          {label}
        </LinkButton>
      );
    case 'show-settings':
      return (
        <LinkButton kind={kind} href={hrefOf('settings', { section: action.section })}>
          {label}
        </LinkButton>
      );
  }
}

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
