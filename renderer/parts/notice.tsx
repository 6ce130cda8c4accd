import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actionContextOf, actionsFor, type ProblemAction } from '../../main/contract/problem-actions.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { actionLabel } from '../../main/contract/words/actions.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import { useShownToasts, useSnapshot, useToasts, type ShownToast } from '../state/portkeeper.tsx';
import { hrefOf } from '../state/route.ts';
import { useTime } from '../state/time.tsx';
import { Button, CommandButton, IconButton, LinkButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { isAnything, type Tone } from './layout.tsx';

interface NoticeProperties {
  readonly kind: 'banner' | 'callout' | 'problem';
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
        <p class={kind === 'problem' ? 'muted' : undefined}>{children}</p>
      </div>
      {isAnything(actions) && <div class="notice-actions">{actions}</div>}
    </div>
  );
}

/** A line about the whole. */
export const Banner = (properties: Omit<NoticeProperties, 'kind'>): VNode => <Notice {...properties} kind="banner" />;

/** What to know about the thing beside it. */
export const Callout = (properties: Omit<NoticeProperties, 'kind'>): VNode => <Notice {...properties} kind="callout" />;

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

const LOOKS = {
  error: { icon: 'error', tone: 'bad' },
  warning: { icon: 'warning', tone: 'warn' },
  info: { icon: 'info', tone: 'accent' },
} as const;

/** What happened, why, what to do, and the buttons that do it; `children` are further buttons. */
export function ProblemCard({
  problem,
  children,
}: {
  readonly problem: Problem;
  readonly children?: ComponentChildren;
}): VNode {
  const words = useWords(windowWords);
  const { what, why, todo } = explain(problem, useLanguage());
  const actions = actionsFor(problem, actionContextOf(useSnapshot()));
  return (
    <Notice
      {...LOOKS[problem.severity]}
      kind="problem"
      title={
        <>
          <span class="unseen">{words.severity[problem.severity]} </span>
          {what}
        </>
      }
      actions={
        (actions.length > 0 || isAnything(children)) && (
          <>
            <ProblemButtons actions={actions} />
            {children}
          </>
        )
      }
    >
      {why} {todo}
    </Notice>
  );
}

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

/** @param props.actions most helpful first */
export function ProblemButtons({ actions }: { readonly actions: readonly ProblemAction[] }): VNode {
  const language = useLanguage();
  return (
    <>
      {actions.map((action, at) => {
        const shared = {
          key: JSON.stringify(action),
          kind: at === 0 ? 'plain' : 'quiet',
          children: actionLabel(action, language),
        } as const;
        return action.do === 'command' ? (
          <CommandButton {...shared} size="small" command={action.command} input={action.input} />
        ) : (
          <LinkButton {...shared} href={hrefOfAction(action)} isOutside={action.do === 'open-router-pages'} />
        );
      })}
    </>
  );
}

function hrefOfAction(action: Exclude<ProblemAction, { readonly do: 'command' }>): string {
  switch (action.do) {
    case 'open-router-pages':
      return action.url;
    case 'show-router':
      return hrefOf('router', action.gateway === undefined ? {} : { gateway: action.gateway });
    case 'edit-forward':
      return hrefOf('forwards', { edit: action.forward, field: action.field });
    case 'show-settings':
      return hrefOf('settings', { section: action.section });
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
