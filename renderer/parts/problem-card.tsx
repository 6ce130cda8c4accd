/** A problem and its buttons: in a file of its own, since most windows have no problem to show. */
import type { ComponentChildren, VNode } from 'preact';
import { useId, useState } from 'preact/hooks';
import {
  actionContextOf,
  actionsFor,
  WAITING_ACTIONS,
  type CloseTheirs,
  type ProblemAction,
} from '../../main/contract/problem-actions.ts';
import type { Problem } from '../../main/contract/problems.ts';
import { actionLabel } from '../../main/contract/words/actions.ts';
import { explain } from '../../main/contract/words/problems.ts';
import { windowWords } from '../shell/words.ts';
import { useLanguage, useWords } from '../state/language.tsx';
import { useAsk, useSnapshot, useTask } from '../state/portkeeper.tsx';
import { hrefOf } from '../state/route.ts';
import { Button, CommandButton, LinkButton, MoreButton } from './button.tsx';
import { useConfirm } from './confirm.tsx';
import { Icon } from './icon.tsx';

const LOOKS = {
  error: { icon: 'error', tone: 'bad' },
  warning: { icon: 'warning', tone: 'warn' },
  info: { icon: 'info', tone: 'accent' },
} as const;

/** The problem in a line, and its best remedy; why, what to do, and other buttons unfold. `children`: further ones. */
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

export interface ProblemButtonsProperties {
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

/** For problems that are tried again later. */
export const RetryButtons = (): VNode => <ProblemButtons actions={WAITING_ACTIONS.retry} />;

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
