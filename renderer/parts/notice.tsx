import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import {
  actionContextOf,
  actionsFor,
  type CloseTheirs,
  type ProblemAction,
} from '../../main/contract/problem-actions.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { inSeconds } from '../../main/contract/units.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { actionLabel } from '../../main/contract/words/actions.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import { useAsk, useShownToasts, useSnapshot, useTask, useToasts, type ShownToast } from '../state/portkeeper.tsx';
import { hrefOf } from '../state/route.ts';
import { useTime } from '../state/time.tsx';
import { Button, CommandButton, IconButton, LinkButton, MoreButton } from './button.tsx';
import { useConfirm } from './dialog.tsx';
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

/** What happened, in a line, and what helps most; why, what to do, and other buttons unfold. `children` are further ones. */
export function ProblemCard({
  problem,
  children,
}: {
  readonly problem: Problem;
  readonly children?: ComponentChildren;
}): VNode {
  const words = useWords(windowWords);
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const { what, why, todo } = explain(problem, useLanguage());
  const actions = actionsFor(problem, actionContextOf(useSnapshot()));
  // The ways out of a conflict are two, and of equal weight.
  const main = actions.slice(0, actions[1]?.do === 'close-theirs' ? 2 : 1);
  const others = actions.slice(main.length);
  const { icon, tone } = LOOKS[problem.severity];
  return (
    <div class="notice problem" data-tone={tone}>
      <Icon name={icon} />
      <div class="problem-line">
        <p>
          <span class="unseen">{words.severity[problem.severity]} </span>
          {what}
        </p>
        <div class="notice-actions">
          <ProblemButtons actions={main} />
          {children}
          <MoreButton isOpen={isOpen} controls={id} onToggle={setIsOpen} />
        </div>
      </div>
      {isOpen && (
        <div class="problem-rest" id={id}>
          <p>
            {why} {todo}
          </p>
          {others.length > 0 && (
            <div class="notice-actions">
              <ProblemButtons actions={others} areQuiet />
            </div>
          )}
        </div>
      )}
    </div>
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

interface ProblemButtonsProperties {
  /** Most helpful first. */
  readonly actions: readonly ProblemAction[];
  readonly areQuiet?: boolean;
}

export function ProblemButtons({ actions, areQuiet = false }: ProblemButtonsProperties): VNode {
  const language = useLanguage();
  return (
    <>
      {actions.map((action) => {
        const shared = {
          key: JSON.stringify(action),
          kind: areQuiet ? 'quiet' : 'plain',
          size: 'small',
          children: actionLabel(action, language),
        } as const;
        if (action.do === 'command') return <CommandButton {...shared} command={action.command} input={action.input} />;
        if (action.do === 'close-theirs') return <CloseTheirsButton {...shared} action={action} />;
        return <LinkButton {...shared} href={hrefOfAction(action)} isOutside={action.do === 'open-router-pages'} />;
      })}
    </>
  );
}

interface CloseTheirsProperties {
  readonly action: CloseTheirs;
  readonly kind: 'plain' | 'quiet';
  readonly size: 'small';
  readonly children: ComponentChildren;
}

/** Closes what another device holds, once the person has said so, and asks for the port again. */
function CloseTheirsButton({ action: { entries, name }, ...look }: CloseTheirsProperties): VNode {
  const words = useWords(windowWords).closeTheirs;
  const ask = useAsk();
  const confirm = useConfirm();
  const task = useTask();
  const [{ external, client = '' }] = entries;
  const port = `${external}/${entries.map(({ transport }) => transport.toUpperCase()).join('+')}`;
  const close = async (): Promise<void> => {
    const question = { title: words.title(port), text: words.text(port, client, name), yes: words.yes };
    if (!(await confirm({ ...question, isDangerous: true }))) return;
    for (const entry of entries) if (!(await ask('gateway.close', entry)).ok) return;
    await ask('forwards.retry', {});
  };
  return <Button {...look} isBusy={task.isBusy} onClick={() => task.run(close)} />;
}

function hrefOfAction(action: Exclude<ProblemAction, { readonly do: 'command' } | CloseTheirs>): string {
  switch (action.do) {
    case 'open-router-pages':
      return action.url;
    case 'show-router':
      return hrefOf('router', action.gateway === undefined ? {} : { gateway: action.gateway });
    case 'edit-forward':
      return hrefOf('forwards', { edit: action.forward, field: action.field });
    case 'check':
      return hrefOf('check', { checks: action.checks.join(',') });
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
