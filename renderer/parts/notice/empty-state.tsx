import type { ComponentChildren, VNode } from 'preact';
import './empty-state.css';
import { Icon } from '../icon.tsx';
import type { IconName } from '../icon-paths.ts';

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
