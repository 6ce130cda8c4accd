import type { VNode } from 'preact';
import type { ProblemAction } from '../../../main/contract/problem-actions.ts';
import { actionLabel } from '../../../main/contract/words/actions.ts';
import { useAsk } from '../../state/ask.tsx';
import { useLanguage } from '../../state/language.tsx';
import { hrefOf } from '../../state/route.ts';
import { useTask } from '../../state/task.ts';
import { Button, LinkButton } from '../input/button.tsx';

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
