import type { ComponentChildren, VNode } from 'preact';
import { actionContextOf, actionsFor } from '../../../main/contract/problem-actions.ts';
import type { Problem } from '../../../main/contract/problems.ts';
import { explain } from '../../../main/contract/words.ts';
import { windowWords } from '../../shell/words.ts';
import { useLanguage, useWords } from '../../state/language.tsx';
import { useSnapshot } from '../../state/snapshot.ts';
import { Icon } from '../icon.tsx';
import { ProblemButtons } from './problem-buttons.tsx';
import './problem-card.css';

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
